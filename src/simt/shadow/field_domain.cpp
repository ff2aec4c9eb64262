// The finite-field domain on the host: constants, inputs, specials, functions, tensor-core products (see field.h).
#include <array>
#include <cmath>
#include <limits>

#include "simt/shadow/domain.h"
#include "simt/shadow/field.h"

namespace kverify::simt::shadow {
namespace {

// A kernel's stand-ins for -inf begin here: masks of -1e4, -65504, -1e9, -1e30, -FLT_MAX.
constexpr double kSentinel = 1e4;
// How near a float must be to a number that it stands for: a few roundings to 24 bits.
constexpr double kTolerance = 0x1p-21;
// Numbers with no more significant bits than this are meant as they are written.
constexpr int kShortBits = 12;

/// splitmix64 (Steele, Lea and Flood 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

/// Uniform below `modulus` to 2^-64 relative: 128 random bits as a fraction, times the modulus (Lemire 2019).
Word below(Word modulus, std::uint64_t high, std::uint64_t low) {
  return static_cast<Word>((static_cast<Wide>(high) * modulus + (static_cast<Wide>(low) * modulus >> 64)) >> 64);
}

Words ordinary(Word p, Word q, Word tag) {
  return {{p, q, tag}};
}
Words special(Special kind, Word tag = 0) {
  return {{0, 0, specialTag(kind) | (tag & (kData | kHidden))}};
}
Words unknown(Reason reason, std::uint32_t site) {
  return {{0, 0, unknownTag(reason, site)}};
}
bool isSpecial(const Words& a) {
  return a.w[2] & kSpecial;
}
bool is(const Words& a, Special kind) {
  return isSpecial(a) && specialOf(a.w[2]) == kind;
}
bool isInfinity(const Words& a) {
  return is(a, kMinusInfinity) || is(a, kPlusInfinity);
}
bool isLogarithm(const Words& a) {
  return is(a, kLogarithm) || is(a, kLogarithm2);
}
Word carried(const Words& a) {
  return a.w[2] & (kNoQ | kData | kHidden);
}

int significantBits(double value) {
  int exponent = 0;
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::fabs(std::frexp(value, &exponent)), 53));
  return mantissa ? 53 - __builtin_ctzll(mantissa) : 0;
}

/// value = factor * n / d for small n and d; 0/1 when it is not.
std::pair<int, int> smallRatio(double value, double factor) {
  double ratio = value / factor;
  for (int d = 1; d <= 64; ++d) {
    double n = std::round(ratio * d);
    if (n != 0 && std::fabs(n) <= (d == 1 ? 4096 : 64) && std::fabs(ratio * d - n) <= kTolerance * std::fabs(n))
      return {static_cast<int>(n), d};
  }
  return {0, 1};
}

template <class M>
Word small(int n) {
  Word magnitude = M::enter(static_cast<Word>(n < 0 ? -n : n));
  return n < 0 ? M::neg(magnitude) : magnitude;
}

class FieldDomain : public HostDomain {
public:
  explicit FieldDomain(const Inputs& inputs) : inputs_(inputs), log2e_(log2eOf(inputs.seed)) {
    KnownConstant ln2{std::log(2.0), ModP::inverse(log2e_.p), ModQ::inverse(log2e_.q)};
    for (const KnownConstant& one : inputs.known) {
      known_.push_back(one);
      known_.push_back({one.value * log2e_.value, ModP::mul(one.p, log2e_.p), ModQ::mul(one.q, log2e_.q)});
    }
    known_.push_back(log2e_);
    known_.push_back(ln2);
    known_.push_back({1, ModP::kOne, ModQ::kOne});
    Word power = baseOfExp(inputs.seed);
    for (auto& window : powers_) {
      window[0] = ModP::kOne;
      for (std::size_t i = 1; i < window.size(); ++i)
        window[i] = ModP::mul(window[i - 1], power);
      power = ModP::mul(window.back(), power);
    }
    state.powers = powers_[0].data();
    state.log2e[0] = log2e_.q;
    state.log2e[1] = ln2.q;
    state.domain = this;
  }

  Words from(double value, std::uint32_t site) override {
    if (std::isnan(value))
      return unknown(kNotANumber, site);
    if (value <= -kSentinel)
      return special(kMinusInfinity);
    if (std::isinf(value))
      return special(kPlusInfinity);
    if (significantBits(value) <= kShortBits)
      return exactly(value);
    for (const KnownConstant& one : known_)
      if (auto [n, d] = smallRatio(value, one.value); n != 0)
        return ordinary(ModP::mul(one.p, ModP::mul(small<ModP>(n), ModP::inverse(small<ModP>(d)))),
                        ModQ::mul(one.q, ModQ::mul(small<ModQ>(n), ModQ::inverse(small<ModQ>(d)))), 0);
    Words plain = exactly(value);
    plain.w[2] |= kOddConstant;
    return plain;
  }

  Words unstamped(double value, std::uint32_t site) override {
    bool plain = value == 0 || std::fabs(value) == 1 || std::fabs(value) >= kSentinel;
    return plain ? from(value, site) : unknown(kIntegerCode, site);
  }

  Words input(std::size_t buffer, std::uint64_t element, double concrete) override {
    if (std::isnan(concrete) || std::fabs(concrete) >= kSentinel) {
      Words special_input = from(concrete, ~0u);
      special_input.w[2] |= kData;
      return special_input;
    }
    return inputValue(inputs_.seed, buffer, element);
  }

  Words apply(std::uint32_t op, const Words in[3], const double concrete[4], std::uint32_t site) override {
    const Words &a = in[0], &b = in[1], &c = in[2];
    const double result = concrete[3];
    switch (op) {
    case kMin:
    case kMax: return choose(a, b, concrete, result);
    case kCompareOp: return compare(a, concrete[0], concrete[1], site);
    case kLeaveOp:
      if (a.w[2] & kData)
        note(site, kToIntegerNote);
      return {};
    case kOther: return notInField(in, result, site);
    case kRound: return a;
    case kClamp: return result == concrete[0] ? a : from(result, site);
    default: break;
    }
    for (int i = 0; i < 3; ++i)
      if (is(in[i], kUnknown))
        return in[i];
    if (std::isnan(result))
      return unknown(kNotANumber, site);
    switch (op) {
    case kAdd: return add(a, b, result, site);
    case kSub: return add(a, negate(b), result, site);
    case kMul: return multiply(a, b, result, site);
    case kFma: {
      Words product = multiply(a, b, concrete[0] * concrete[1], site);
      return is(product, kUnknown) ? product : add(product, c, result, site);
    }
    case kDiv: return multiply(a, invert(b, concrete[1], site), result, site);
    case kRcp: return invert(a, concrete[0], site);
    case kNeg: return negate(a);
    case kAbs: return std::signbit(concrete[0]) ? negate(a) : a;
    case kCopySign: return std::signbit(concrete[0]) == std::signbit(result) ? a : negate(a);
    case kSqrt: return root(a, result, site);
    case kRsqrt: return isSpecial(a) ? unknown(kNotInField, site) : invertedRoot(a, result, site);
    case kExp: return exponential(a, result, site);
    case kExp2:
      return exponential(isInfinity(a) ? a : multiply(a, {{0, state.log2e[1], 0}}, result, site), result, site);
    case kExpm1: return add(exponential(a, result + 1, site), exactly(-1), result, site);
    case kLog: return logarithm(a, kLogarithm, result, site);
    case kLog2: return logarithm(a, kLogarithm2, result, site);
    case kTanh: return tanh(a, result, site);
    default: return notInField(in, result, site);
    }
  }

  std::vector<Words> product(const Product& product, const std::vector<double>& results, std::uint32_t site) override {
    std::vector<Words> out(static_cast<std::size_t>(product.m * product.n));
    for (int i = 0; i < product.m; ++i)
      for (int j = 0; j < product.n; ++j) {
        auto at = static_cast<std::size_t>(i * product.n + j);
        out[at] = element(product, i, j, results[at], site);
      }
    return out;
  }

private:
  static constexpr int kMostTerms = 16; ///< products below 2^122 whose sum fits 128 bits

  /// One reduction for the whole sum: t < 2^126.
  template <class M, Word Modulus>
  static Word fold(Wide t) {
    Word m = static_cast<Word>(t) * M::kNegativeInverse;
    Word r = static_cast<Word>((t + static_cast<Wide>(m) * Modulus) >> 64);
    while (r >= Modulus)
      r -= Modulus;
    return r;
  }

  Words element(const Product& product, int i, int j, double result, std::uint32_t site) {
    Words sum = product.c[static_cast<std::size_t>(i * product.n + j)].words;
    for (int first = 0; first < product.k; first += kMostTerms) {
      Wide p = 0, q = 0;
      Word tag = sum.w[2];
      for (int k = first; k < std::min(first + kMostTerms, product.k); ++k) {
        const Words& x = product.a[static_cast<std::size_t>(i * product.k + k)].words;
        const Words& y = product.b[static_cast<std::size_t>(k * product.n + j)].words;
        p += static_cast<Wide>(x.w[0]) * y.w[0];
        q += static_cast<Wide>(x.w[1]) * y.w[1];
        tag |= x.w[2] | y.w[2];
      }
      if (tag & kSpecial)
        return slowElement(product, i, j, result, site);
      sum = {{ModP::add(fold<ModP, kP>(p), sum.w[0]), ModQ::add(fold<ModQ, kQ>(q), sum.w[1]), tag}};
    }
    return sum;
  }

  /// The same where an infinity, a logarithm or an unknown takes part.
  Words slowElement(const Product& product, int i, int j, double result, std::uint32_t site) {
    const Operand& c = product.c[static_cast<std::size_t>(i * product.n + j)];
    Words sum = c.words;
    double concrete = c.value;
    for (int k = 0; k < product.k; ++k) {
      const Operand& x = product.a[static_cast<std::size_t>(i * product.k + k)];
      const Operand& y = product.b[static_cast<std::size_t>(k * product.n + j)];
      concrete += x.value * y.value;
      Words in[3] = {x.words, y.words, sum};
      double values[4] = {x.value, y.value, concrete - x.value * y.value, concrete};
      sum = apply(kFma, in, values, site);
    }
    (void)result;
    return sum;
  }

  Words choose(const Words& a, const Words& b, const double concrete[4], double result) {
    Words chosen = result == concrete[0] ? a : b;
    bool both_constant = !((a.w[2] | b.w[2]) & kData);
    bool same_kind = isSpecial(a) && isSpecial(b) && specialOf(a.w[2]) == specialOf(b.w[2]);
    if (concrete[0] == concrete[1] && !both_constant && !same_kind && !is(chosen, kUnknown))
      chosen.w[2] |= kTie;
    return chosen;
  }

  /// Comparisons with zero and with infinities ask for what exact arithmetic decides as well; others set a threshold.
  Words compare(const Words& a, double left, double right, std::uint32_t site) {
    double constant = a.w[2] & kData ? right : left;
    if (constant != 0 && std::fabs(constant) < kSentinel)
      note(site, kThresholdNote);
    return {};
  }

  Words notInField(const Words in[3], double result, std::uint32_t site) {
    bool data = (in[0].w[2] | in[1].w[2] | in[2].w[2]) & kData;
    return data ? unknown(kNotInField, site) : from(result, site);
  }

  Words negate(const Words& a) {
    if (is(a, kMinusInfinity))
      return special(kPlusInfinity, a.w[2]);
    if (is(a, kPlusInfinity))
      return special(kMinusInfinity, a.w[2]);
    if (isLogarithm(a))
      return {{ModP::inverse(a.w[0]), ModQ::neg(a.w[1]), a.w[2]}};
    return {{ModP::neg(a.w[0]), ModQ::neg(a.w[1]), a.w[2]}};
  }

  Words add(const Words& a, const Words& b, double result, std::uint32_t site) {
    if (is(a, kUnknown) || is(b, kUnknown))
      return is(a, kUnknown) ? a : b;
    Word carry = carried(a) | carried(b);
    if (isInfinity(a) && isInfinity(b)) {
      if (specialOf(a.w[2]) == specialOf(b.w[2]))
        return special(specialOf(a.w[2]), carry);
      return result == 0 ? ordinary(0, 0, carry) : unknown(kInfinity, site); // the same stand-in twice
    }
    if (isInfinity(a))
      return special(specialOf(a.w[2]), carry);
    if (isInfinity(b))
      return special(specialOf(b.w[2]), carry);
    if (isLogarithm(a) || isLogarithm(b)) {
      const Words& log = isLogarithm(a) ? a : b;
      const Words& other = isLogarithm(a) ? b : a;
      bool two = isLogarithm(other);
      if ((two && specialOf(other.w[2]) != specialOf(log.w[2])) || (!two && (other.w[2] & kNoQ)))
        return unknown(kMixedLogarithm, site);
      Word argument = two ? ModP::mul(log.w[0], other.w[0]) : log.w[0];
      return {{argument, ModQ::add(log.w[1], other.w[1]), log.w[2] | carry}};
    }
    return ordinary(ModP::add(a.w[0], b.w[0]), ModQ::add(a.w[1], b.w[1]), carry);
  }

  Words multiply(const Words& a, const Words& b, double result, std::uint32_t site) {
    if (is(a, kUnknown) || is(b, kUnknown))
      return is(a, kUnknown) ? a : b;
    Word carry = carried(a) | carried(b);
    if (isInfinity(a) || isInfinity(b)) {
      const Words& other = isInfinity(a) ? b : a;
      bool zero = !isSpecial(other) && other.w[0] == 0 && ((other.w[2] & kNoQ) || other.w[1] == 0);
      if (zero)
        return ordinary(0, 0, carry);
      return special(std::signbit(result) ? kMinusInfinity : kPlusInfinity, carry);
    }
    if (isLogarithm(a) || isLogarithm(b)) {
      // log2(x) ln 2 = log x and back; and a logarithm times 1 or -1.
      const Words& log = isLogarithm(a) ? a : b;
      const Words& factor = isLogarithm(a) ? b : a;
      if (isLogarithm(factor) || (factor.w[2] & kNoQ))
        return unknown(kMixedLogarithm, site);
      Word scaled = ModQ::mul(log.w[1], factor.w[1]);
      Word rest = (log.w[2] & ~Word{0xff00}) | carry;
      if (specialOf(log.w[2]) == kLogarithm2 && factor.w[1] == state.log2e[1])
        return {{log.w[0], scaled, rest | specialTag(kLogarithm)}};
      if (specialOf(log.w[2]) == kLogarithm && factor.w[1] == state.log2e[0])
        return {{log.w[0], scaled, rest | specialTag(kLogarithm2)}};
      if (factor.w[1] == ModQ::kOne)
        return log;
      if (factor.w[1] == ModQ::neg(ModQ::kOne))
        return negate(log);
      return unknown(kMixedLogarithm, site);
    }
    return ordinary(ModP::mul(a.w[0], b.w[0]), ModQ::mul(a.w[1], b.w[1]), carry);
  }

  /// One divisor divides many numbers: a whole row of a softmax.
  template <class M>
  static Word cachedInverse(std::array<std::pair<Word, Word>, 64>& cache, Word x) {
    auto& entry = cache[(x * 0x9e3779b97f4a7c15ull) >> 58];
    if (entry.first != x)
      entry = {x, M::inverse(x)};
    return entry.second;
  }

  Words invert(const Words& a, double concrete, std::uint32_t site) {
    if (is(a, kUnknown))
      return a;
    if (isInfinity(a))
      return ordinary(0, 0, carried(a));
    if (isLogarithm(a))
      return unknown(kMixedLogarithm, site);
    bool q_known = !(a.w[2] & kNoQ);
    if (a.w[0] == 0 || (q_known && a.w[1] == 0))
      return concrete == 0 && !(a.w[2] & kData) ? special(kPlusInfinity) : unknown(kDivisionByZero, site);
    return ordinary(cachedInverse<ModP>(inverses_p_, a.w[0]),
                    q_known ? cachedInverse<ModQ>(inverses_q_, a.w[1]) : 0, a.w[2]);
  }

  /// Modulo p = 3 mod 4: x^((p+1)/4) is a root of x or of -x. As a function it is multiplicative, as the real root is.
  Words root(const Words& a, double result, std::uint32_t site) {
    if (isSpecial(a))
      return a;
    if (!(a.w[2] & kData))
      return from(result, site);
    const auto [r, is_square] = rootModuloP(a.w[0]);
    const Word tag = a.w[2] | kNoQ | (is_square ? 0 : kNoRoot);
    return ordinary(r, 0, tag);
  }

  Words invertedRoot(const Words& a, double result, std::uint32_t site) {
    if (!(a.w[2] & kData))
      return from(result, site);
    return invert(root(a, result, site), result, site);
  }

  Words exponential(const Words& a, double result, std::uint32_t site) {
    if (is(a, kUnknown))
      return a;
    if (is(a, kMinusInfinity))
      return result == 0 ? ordinary(0, 0, carried(a)) : unknown(kInfinity, site);
    if (is(a, kPlusInfinity))
      return special(kPlusInfinity, a.w[2]);
    if (is(a, kLogarithm))
      return ordinary(ModP::mul(powerOf(state.powers, a.w[1]), a.w[0]), 0, carried(a) | kNoQ);
    if (isLogarithm(a))
      return unknown(kMixedLogarithm, site);
    if (a.w[2] & kNoQ)
      return unknown(kSecondExponential, site);
    return ordinary(powerOf(state.powers, a.w[1]), 0, a.w[2] | kNoQ);
  }

  Words logarithm(const Words& a, Special kind, double result, std::uint32_t site) {
    if (isSpecial(a))
      return is(a, kPlusInfinity) ? a : unknown(kNotInField, site);
    if (a.w[0] == 0)
      return result < 0 && std::isinf(result) ? special(kMinusInfinity, a.w[2]) : unknown(kNotInField, site);
    return {{a.w[0], 0, specialTag(kind) | (a.w[2] & (kData | kHidden))}};
  }

  /// 1 - 2 / (exp(2x) + 1)
  Words tanh(const Words& a, double result, std::uint32_t site) {
    if (isInfinity(a))
      return exactly(result < 0 ? -1 : 1);
    Words e = exponential(add(a, a, 1, site), 1, site);
    if (isSpecial(e))
      return e;
    Words inverse = invert(add(e, exactly(1), 1, site), 1, site);
    return add(exactly(1), multiply(exactly(-2), inverse, 1, site), 1, site);
  }

  Inputs inputs_;
  KnownConstant log2e_;
  std::vector<KnownConstant> known_;
  std::array<std::array<Word, 256>, 8> powers_{};
  std::array<std::pair<Word, Word>, 64> inverses_p_{}, inverses_q_{};
};

} // namespace

Words inputValue(std::uint64_t seed, std::size_t buffer, std::uint64_t element) {
  std::uint64_t stream = mix(mix(seed ^ 0x6b76657269667921ull) + buffer);
  std::uint64_t one = mix(stream + 4 * element), two = mix(stream + 4 * element + 1);
  std::uint64_t three = mix(stream + 4 * element + 2), four = mix(stream + 4 * element + 3);
  return {{below(kP, one, two), below(kQ, three, four), kData}};
}

std::pair<Word, bool> rootModuloP(Word x) {
  static_assert(kP % 4 == 3);
  Word r = ModP::power(x, (kP + 1) / 4);
  if (ModP::mul(r, r) == x)
    return {r, true};
  return {ModP::power(ModP::neg(x), (kP + 1) / 4), false};
}

Word baseOfExp(std::uint64_t seed) {
  // A square has order q (or is 1).
  for (std::uint64_t i = 0;; ++i) {
    Word root = below(kP, mix(mix(seed) + 2 * i), mix(mix(seed) + 2 * i + 1));
    Word square = ModP::mul(root, root);
    if (square != 0 && square != ModP::kOne)
      return square;
  }
}

KnownConstant log2eOf(std::uint64_t seed) {
  std::uint64_t stream = mix(seed ^ 0x6c6f673265ull);
  return {1 / std::log(2.0), 1 + below(kP - 1, mix(stream), mix(stream + 1)),
          1 + below(kQ - 1, mix(stream + 2), mix(stream + 3))};
}

Words exactly(double value) {
  int exponent = 0;
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::fabs(std::frexp(value, &exponent)), 53));
  exponent -= 53;
  auto residue = [&](auto modulo) {
    using M = decltype(modulo);
    Word x = M::enter(mantissa), two = M::enter(2);
    x = M::mul(x, exponent < 0 ? M::inverse(M::power(two, static_cast<Word>(-exponent)))
                               : M::power(two, static_cast<Word>(exponent)));
    return std::signbit(value) ? M::neg(x) : x;
  };
  return {{residue(ModP{}), residue(ModQ{}), 0}};
}

std::unique_ptr<HostDomain> makeFieldDomain(const Inputs& inputs) {
  return std::make_unique<FieldDomain>(inputs);
}

} // namespace kverify::simt::shadow

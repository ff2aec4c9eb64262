// The finite-field domain on the host: constants, inputs, infinities, functions, tensor-core products (see field.h).
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "simt/shadow/domain.h"
#include "simt/shadow/field_arithmetic.h"

namespace kverify::simt::shadow {
namespace {

// A kernel's stand-ins for -inf begin here: masks of -1e4, -65504, -1e9, -1e30, -FLT_MAX.
constexpr double kSentinel = 1e4;

bool isInfinity(const FieldValue& a) {
  return a.is(kMinusInfinity) || a.is(kPlusInfinity);
}
/// A number or a logarithm.
bool isPlain(const FieldValue& a) {
  return !isInfinity(a) && !a.is(kUnknown);
}

class FieldDomain : public HostDomain {
public:
  explicit FieldDomain(const Inputs& inputs)
      : field_(inputs.seed, inputs.tower ? FieldMode::Tower : FieldMode::Pairs), given_(inputs.given) {
    for (const KnownConstant& one : inputs.known) {
      const FieldValue value = valueOf(one.words);
      known_.push_back({one.value, value});
      known_.push_back({one.value / std::log(2.0), field_.multiply(value, field_.log2e())});
    }
    field_.fill(state);
    state.domain = this;
  }

  Words from(double value, std::uint32_t site) override { return wordsOf(number(value, site)); }
  Words fromInteger(double value, std::uint32_t) override { return wordsOf(field_.exactly(value)); }

  Words unstamped(double value, std::uint32_t site) override {
    bool plain = value == 0 || std::fabs(value) == 1 || std::fabs(value) >= kSentinel;
    return wordsOf(plain ? number(value, site) : unknownValue(kIntegerCode, site));
  }

  Words input(std::size_t buffer, std::uint64_t element, double concrete) override {
    if (auto given = given_.find(buffer); given != given_.end() && element < given->second.size())
      if (const Element& one = given->second[element]; one.valid)
        return one.words;
    if (std::isnan(concrete) || std::fabs(concrete) >= kSentinel) {
      FieldValue special_input = number(concrete, ~0u);
      special_input.tag |= kData;
      return wordsOf(special_input);
    }
    return wordsOf(field_.input(buffer, element));
  }

  Words apply(std::uint32_t op, const Words in[3], const double concrete[4], std::uint32_t site) override {
    const FieldValue operands[3] = {valueOf(in[0]), valueOf(in[1]), valueOf(in[2])};
    if (op == kCompareOp)
      note(site, kThresholdNote);
    if (op == kLeaveOp && operands[0].isData())
      note(site, kToIntegerNote);
    if (op >= kCompareOp)
      return {};
    return wordsOf(applied(op, operands, concrete, site));
  }

  std::vector<Words> product(const Product& product, const std::vector<double>& results, std::uint32_t site) override {
    auto values = [](const std::vector<Operand>& operands, Word& tags) {
      std::vector<FieldValue> all;
      all.reserve(operands.size());
      for (const Operand& one : operands) {
        all.push_back(valueOf(one.words));
        tags |= all.back().tag;
      }
      return all;
    };
    Word tags = 0;
    const auto a = values(product.a, tags), b = values(product.b, tags);
    auto c = values(product.c, tags);
    if (tags & kSpecial)
      slowProduct(product, c, results, site);
    else
      field_.product(product.m, product.n, product.k, a.data(), b.data(), c.data(), c.data());
    std::vector<Words> out;
    out.reserve(c.size());
    for (const FieldValue& one : c)
      out.push_back(wordsOf(one));
    return out;
  }

private:
  struct Known {
    double value;
    FieldValue residues;
  };

  FieldValue number(double value, std::uint32_t site) {
    if (std::isnan(value))
      return unknownValue(kNotANumber, site);
    if (value <= -kSentinel)
      return specialValue(kMinusInfinity);
    if (std::isinf(value))
      return specialValue(kPlusInfinity);
    if (const auto named = field_.named(value))
      return *named;
    for (const Known& one : known_)
      if (auto [n, d] = smallRatio(value, one.value); n != 0)
        return field_.multiply(one.residues, field_.ratio(n, d));
    FieldValue odd = field_.exactly(value);
    odd.tag |= kOddConstant;
    return odd;
  }

  /// The same where an infinity, a logarithm or an unknown takes part.
  void slowProduct(const Product& product, std::vector<FieldValue>& out, const std::vector<double>&,
                   std::uint32_t site) {
    for (int i = 0; i < product.m; ++i)
      for (int j = 0; j < product.n; ++j) {
        const auto at = static_cast<std::size_t>(i * product.n + j);
        double concrete = product.c[at].value;
        for (int k = 0; k < product.k; ++k) {
          const Operand& x = product.a[static_cast<std::size_t>(i * product.k + k)];
          const Operand& y = product.b[static_cast<std::size_t>(k * product.n + j)];
          const FieldValue in[3] = {valueOf(x.words), valueOf(y.words), out[at]};
          const double values[4] = {x.value, y.value, concrete, concrete + x.value * y.value};
          concrete = values[3];
          out[at] = applied(kFma, in, values, site);
        }
      }
  }

  FieldValue applied(std::uint32_t op, const FieldValue in[3], const double concrete[4], std::uint32_t site) {
    const FieldValue &a = in[0], &b = in[1], &c = in[2];
    const double result = concrete[3];
    switch (op) {
    case kMin:
    case kMax: return choose(a, b, concrete, result);
    case kRound: return a;
    case kClamp: return result == concrete[0] ? a : number(result, site);
    default: break;
    }
    for (int i = 0; i < 3; ++i)
      if (in[i].is(kUnknown))
        return in[i];
    if (std::isnan(result) && op != kOther)
      return unknownValue(kNotANumber, site);
    switch (op) {
    case kAdd: return add(a, b, result, site);
    case kSub: return add(a, negate(b), result, site);
    case kMul: return multiply(a, b, result, site);
    case kFma: {
      const FieldValue product = multiply(a, b, concrete[0] * concrete[1], site);
      return product.is(kUnknown) ? product : add(product, c, result, site);
    }
    case kDiv: return multiply(a, invert(b, concrete[1], site), result, site);
    case kRcp: return invert(a, concrete[0], site);
    case kNeg: return negate(a);
    case kAbs: return std::signbit(concrete[0]) ? negate(a) : a;
    case kCopySign: return std::signbit(concrete[0]) == std::signbit(result) ? a : negate(a);
    default: return function(op, in, result, site);
    }
  }

  FieldValue function(std::uint32_t op, const FieldValue in[3], double result, std::uint32_t site) {
    const FieldValue &a = in[0], &b = in[1];
    auto half = [&](const FieldValue& x) { return field_.multiply(x, field_.exactly(0.5)); };
    auto one = [&] { return field_.exactly(1); };
    switch (op) {
    case kSqrt: return a.isSpecial() ? stranger(in, result, site) : root(a, result, site);
    case kRsqrt:
      return a.isSpecial() ? stranger(in, result, site) : invert(root(a, 1 / result, site), 1 / result, site);
    case kExp: return exponential(a, result, site);
    case kExp2: return exponential(isInfinity(a) ? a : multiply(a, field_.ln2(), result, site), result, site);
    case kExp10: return exponential(isInfinity(a) ? a : multiply(a, field_.ln10(), result, site), result, site);
    case kExpm1: return add(exponential(a, result + 1, site), field_.exactly(-1), result, site);
    case kLog: return logarithm(a, kLogarithm, in, result, site);
    case kLog2: return logarithm(a, kLogarithm2, in, result, site);
    case kLog10: return multiply(logarithm(a, kLogarithm, in, result, site), field_.inverse(field_.ln10()), result, site);
    case kLog1p: return logarithm(add(a, one(), std::exp(result), site), kLogarithm, in, result, site);
    case kTanh: return isInfinity(a) ? field_.exactly(result < 0 ? -1 : 1) : watched(field_.tanh(a), site, a.tag);
    case kErf: return isInfinity(a) ? field_.exactly(result < 0 ? -1 : 1) : watched(field_.erf(a), site, a.tag);
    case kErfc:
      return isInfinity(a) ? field_.exactly(result > 1 ? 2 : 0)
                           : watched(field_.subtract(one(), field_.erf(a)), site, a.tag);
    case kNormCdf: {
      if (isInfinity(a))
        return field_.exactly(result > 0.5 ? 1 : 0);
      const FieldValue scale = half(field_.root(field_.exactly(2)));
      return watched(half(field_.add(one(), field_.erf(field_.multiply(a, scale)))), site, a.tag);
    }
    case kPow:
      if (!isPlain(a) || !isPlain(b))
        return stranger(in, result, site);
      return a.isData() || b.isData() ? watched(field_.power(a, b), site, a.tag | b.tag) : number(result, site);
    default: return stranger(in, result, site);
    }
  }

  /// An unknown of its own, for a function that the field does not have.
  FieldValue stranger(const FieldValue in[3], double result, std::uint32_t site) {
    if (!((in[0].tag | in[1].tag | in[2].tag) & kData))
      return number(result, site);
    const std::string name = operationAt(site);
    note(site, fmt::format("{} of a number that depends on the data: the field does not have it",
                           name.empty() ? "a function" : name));
    for (int i = 0; i < 3; ++i)
      if (isInfinity(in[i]))
        return unknownValue(kInfinity, site);
    return field_.uninterpreted(name, {in[0], in[1], in[2]});
  }

  /// Says where what was no stranger before (`tags`) became one.
  FieldValue watched(const FieldValue& made, std::uint32_t site, Word tags = 0,
                     const char* what = "an exponential of what is already past an exponential") {
    if (made.is(kUnknown))
      return unknownValue(reasonOf(made.tag), site);
    if ((made.tag & ~tags) & kStranger)
      note(site, what);
    return made;
  }

  FieldValue choose(const FieldValue& a, const FieldValue& b, const double concrete[4], double result) {
    FieldValue chosen = result == concrete[0] ? a : b;
    const bool both_constant = !((a.tag | b.tag) & kData);
    int lanes = 0;
    const bool same = a.isSpecial() || b.isSpecial()
                          ? a.isSpecial() && b.isSpecial() && specialOf(a.tag) == specialOf(b.tag)
                          : field_.equal(a, b, lanes);
    if (concrete[0] == concrete[1] && !both_constant && !same && !chosen.is(kUnknown))
      chosen.tag |= kTie;
    return chosen;
  }

  FieldValue negate(const FieldValue& a) {
    if (isInfinity(a))
      return specialValue(a.is(kMinusInfinity) ? kPlusInfinity : kMinusInfinity, a.tag);
    if (!a.isLogarithm())
      return field_.negate(a);
    FieldValue out = a; // of a logarithm: the inverse, which one row of a backward pass asks for again and again
    out.tag &= ~(kSpecial | 0xff00);
    out = cachedInverse(out);
    if (!out.isSpecial())
      out.tag |= specialTag(specialOf(a.tag));
    return out;
  }

  FieldValue add(const FieldValue& a, const FieldValue& b, double result, std::uint32_t site) {
    if (a.is(kUnknown) || b.is(kUnknown))
      return a.is(kUnknown) ? a : b;
    const Word tags = a.tag | b.tag;
    if (isInfinity(a) && isInfinity(b)) {
      if (specialOf(a.tag) == specialOf(b.tag))
        return specialValue(specialOf(a.tag), tags);
      return result == 0 ? zero(tags) : unknownValue(kInfinity, site); // the same stand-in twice
    }
    if (isInfinity(a) || isInfinity(b))
      return specialValue(specialOf(isInfinity(a) ? a.tag : b.tag), tags);
    return watched(field_.add(a, b), site, tags);
  }

  FieldValue multiply(const FieldValue& a, const FieldValue& b, double result, std::uint32_t site) {
    if (a.is(kUnknown) || b.is(kUnknown))
      return a.is(kUnknown) ? a : b;
    const Word tags = a.tag | b.tag;
    if (isInfinity(a) || isInfinity(b)) {
      if (field_.isZero(isInfinity(a) ? b : a))
        return zero(tags);
      return specialValue(std::signbit(result) ? kMinusInfinity : kPlusInfinity, tags);
    }
    return watched(field_.multiply(a, b), site, tags, "a logarithm times what has no place in its exponent");
  }

  FieldValue zero(Word tags) const {
    FieldValue out;
    out.tag = tags & (kAllAbsent | kData | kHidden | kNoRoots);
    return out;
  }

  FieldValue invert(const FieldValue& a, double concrete, std::uint32_t site) {
    if (a.is(kUnknown))
      return a;
    if (isInfinity(a))
      return zero(a.tag);
    if (field_.isZero(a))
      return concrete == 0 && !a.isData() ? specialValue(kPlusInfinity) : unknownValue(kDivisionByZero, site);
    const FieldValue made = watched(cachedInverse(a), site, a.tag, "an inverse of a logarithm");
    if (made.tag == a.tag) {
      std::memcpy(state.divisor, a.lane, sizeof a.lane);
      std::memcpy(state.quotient, made.lane, sizeof made.lane);
      state.divisor_tag = a.tag;
    }
    return made;
  }

  FieldValue cachedInverse(const FieldValue& a) {
    const Words key = wordsOf(a);
    auto& entry = inverses_[((key.w[0] ^ key.w[1] * 3) * 0x9e3779b97f4a7c15ull) >> 58];
    if (!(entry.first == key))
      entry = {key, field_.inverse(a)};
    return entry.second;
  }

  /// Of constants, the constant that comes out.
  FieldValue root(const FieldValue& a, double result, std::uint32_t site) {
    if (a.is(kUnknown))
      return a;
    if (!a.isData())
      return number(result, site);
    return field_.root(a);
  }

  FieldValue exponential(const FieldValue& a, double result, std::uint32_t site) {
    if (a.is(kUnknown))
      return a;
    if (a.is(kMinusInfinity))
      return result == 0 ? zero(a.tag) : unknownValue(kInfinity, site);
    if (a.is(kPlusInfinity))
      return specialValue(kPlusInfinity, a.tag);
    return watched(field_.exponential(a), site, a.tag);
  }

  FieldValue logarithm(const FieldValue& a, Special kind, const FieldValue in[3], double result, std::uint32_t site) {
    if (a.is(kUnknown) || a.is(kPlusInfinity))
      return a;
    if (a.is(kMinusInfinity))
      return unknownValue(kInfinity, site);
    if (field_.isZero(a))
      return std::isinf(result) ? specialValue(kMinusInfinity, a.tag) : unknownValue(kDivisionByZero, site);
    if (!a.isData() && !in[0].isData())
      return number(result, site);
    return watched(field_.logarithm(a, kind), site, a.tag, "a logarithm of a logarithm");
  }

  FieldArithmetic field_;
  std::map<std::size_t, std::vector<Element>> given_;
  std::vector<Known> known_;
  std::pair<Words, FieldValue> inverses_[64];
};

} // namespace

std::unique_ptr<HostDomain> makeFieldDomain(const Inputs& inputs) {
  return std::make_unique<FieldDomain>(inputs);
}

} // namespace kverify::simt::shadow

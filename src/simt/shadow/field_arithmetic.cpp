#include "simt/shadow/field_arithmetic.h"

#include <array>
#include <cmath>
#include <cstring>

#include <immintrin.h>

#include "core/split_mix.h"

namespace kverify::simt::shadow {
namespace {

__extension__ using Wide = unsigned __int128;
using Vector = __m256d;

/// Uniform below `modulus` to 2^-37 relative: 64 random bits as a fraction, times the modulus (Lemire 2019).
std::uint32_t below(std::uint32_t modulus, std::uint64_t random) {
  return static_cast<std::uint32_t>(static_cast<Wide>(random) * modulus >> 64);
}

Vector load(const double* lanes) {
  return _mm256_load_pd(lanes);
}

Vector reduce(Vector h, Vector moduli, Vector inverses) {
  const Vector magic = _mm256_set1_pd(0x1.8p52); // added and taken away, it rounds to an integer
  const Vector quotient = _mm256_sub_pd(_mm256_fmadd_pd(h, inverses, magic), magic);
  return _mm256_fnmadd_pd(quotient, moduli, h);
}

/// From an integer below the modulus to the residue of least size.
double centred(std::uint32_t x, std::uint32_t modulus) {
  return x > modulus / 2 ? static_cast<double>(x) - modulus : x;
}

std::uint32_t powerOf(std::uint32_t base, std::uint64_t exponent, std::uint32_t modulus) {
  std::uint64_t result = 1, factor = base;
  for (; exponent; exponent >>= 1, factor = factor * factor % modulus)
    if (exponent & 1)
      result = result * factor % modulus;
  return static_cast<std::uint32_t>(result);
}

Word carried(Word tag) {
  return tag & (kAllAbsent | kData | kHidden | kNoRoots);
}

std::uint64_t hashOf(std::string_view name) {
  std::uint64_t hash = 0x6b76;
  for (char c : name)
    hash = splitMix(hash ^ static_cast<unsigned char>(c));
  return hash;
}

// How near a float must be to a number that it stands for: a few roundings to 24 bits.
constexpr double kTolerance = 0x1p-21;
// Numbers with no more significant bits than this are meant as they are written.
constexpr int kShortBits = 12;

int significantBits(double value) {
  int exponent = 0;
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::fabs(std::frexp(value, &exponent)), 53));
  return mantissa ? 53 - __builtin_ctzll(mantissa) : 0;
}

constexpr std::uint64_t kConstants = ~std::uint64_t{0}, kBases = ~std::uint64_t{1}; // no buffer's numbers
constexpr std::size_t kTable = 4 * 128;

} // namespace

std::pair<int, int> smallRatio(double value, double factor) {
  const double ratio = value / factor;
  for (int d = 1; d <= 64; ++d) {
    const double n = std::round(ratio * d);
    if (n != 0 && std::fabs(n) <= (d == 1 ? 4096 : 64) && std::fabs(ratio * d - n) <= kTolerance * std::fabs(n))
      return {static_cast<int>(n), d};
  }
  return {0, 1};
}

Words wordsOf(const FieldValue& value) {
  Words words;
  std::int32_t lanes[kLanes];
  for (int i = 0; i < kLanes; ++i)
    lanes[i] = static_cast<std::int32_t>(value.lane[i]);
  std::memcpy(words.w, lanes, sizeof lanes);
  words.w[2] = value.tag;
  return words;
}

FieldValue valueOf(const Words& words) {
  FieldValue value;
  std::int32_t lanes[kLanes];
  std::memcpy(lanes, words.w, sizeof lanes);
  for (int i = 0; i < kLanes; ++i)
    value.lane[i] = lanes[i];
  value.tag = words.w[2];
  return value;
}

FieldValue specialValue(Special kind, Word tag) {
  FieldValue value;
  value.tag = specialTag(kind) | (carried(tag) & ~kAllAbsent);
  return value;
}

FieldValue unknownValue(Reason reason, std::uint32_t site) {
  FieldValue value;
  value.tag = unknownTag(reason, site);
  return value;
}

namespace {
/// An infinity, or an unknown.
bool isOutside(const FieldValue& a) {
  return a.isSpecial() && !a.isLogarithm();
}
} // namespace

FieldArithmetic::FieldArithmetic(std::uint64_t seed, FieldMode mode) : mode_(mode), seed_(seed), powers_(2 * kTable) {
  for (int i = 0; i < kLanes; ++i) {
    moduli_[i] = modulusOf(mode, i);
    inverses_[i] = 1 / moduli_[i];
  }
  log2e_ = random(kConstants, 0);
  ln2_ = inverse(log2e_);
  ln10_ = random(kConstants, 1);
  named_ = {{1 / std::log(2.0), log2e_},
            {std::log(2.0), ln2_},
            {std::log(10.0), ln10_},
            {1 / std::log(10.0), inverse(ln10_)},
            {std::log2(10.0), multiply(ln10_, log2e_)},
            {std::log10(2.0), multiply(ln2_, inverse(ln10_))}};
  int target = 0;
  for (int i = 0; i < kLanes; ++i) {
    if (exponentOf(mode, i) < 0)
      continue;
    // A square has order q (or is 1).
    const std::uint32_t modulus = modulusOf(mode, i);
    std::uint64_t base = 1;
    for (std::uint64_t n = 0; base <= 1; ++n) {
      base = below(modulus, splitMix(splitMix(seed ^ kBases) + 64 * static_cast<std::uint64_t>(i) + n));
      base = base * base % modulus;
    }
    double* table = &powers_[kTable * static_cast<std::size_t>(target++)];
    for (std::size_t window = 0; window < 4; ++window) {
      std::uint64_t power = 1;
      for (std::size_t x = 0; x < 128; ++x, power = power * base % modulus)
        table[128 * window + x] = centred(static_cast<std::uint32_t>(power), modulus);
      base = power;
    }
  }
}

double FieldArithmetic::canonical(double x, int lane) const {
  const double m = moduli_[lane], half = (m - 1) / 2;
  return x > half ? x - m : x < -half ? x + m : x;
}

FieldValue FieldArithmetic::random(std::uint64_t stream, std::uint64_t number) const {
  const std::uint64_t start = splitMix(splitMix(seed_ ^ 0x6b76657269667921ull) + stream) + 4 * number;
  FieldValue value;
  for (int i = 0; i < kLanes; ++i) {
    const std::uint32_t modulus = modulusOf(mode_, i);
    if (modulus > 1)
      value.lane[i] = centred(1 + below(modulus - 1, splitMix(start + static_cast<std::uint64_t>(i))), modulus);
    else
      value.tag |= kAbsent(i);
  }
  return value;
}

FieldValue FieldArithmetic::input(std::size_t buffer, std::uint64_t element) const {
  FieldValue value = random(buffer, element);
  value.tag |= kData;
  return value;
}

FieldValue FieldArithmetic::exactly(double value) const {
  FieldValue out;
  if (value == 0) { // what tiles are padded with: by far the most frequent constant
    for (int i = 0; i < kLanes; ++i)
      if (modulusOf(mode_, i) == 1)
        out.tag |= kAbsent(i);
      else
        out.lane[i] = value;
    return out;
  }
  int exponent = 0;
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::fabs(std::frexp(value, &exponent)), 53));
  exponent -= 53;
  for (int i = 0; i < kLanes; ++i) {
    const std::uint32_t m = modulusOf(mode_, i);
    if (m == 1) {
      out.tag |= kAbsent(i);
      continue;
    }
    const std::uint32_t two = exponent < 0 ? (m + 1) / 2 : 2;
    const std::uint64_t scale = powerOf(two, static_cast<std::uint64_t>(std::abs(exponent)), m);
    out.lane[i] = centred(static_cast<std::uint32_t>(mantissa % m * scale % m), m);
    if (std::signbit(value))
      out.lane[i] = -out.lane[i];
  }
  return out;
}

std::optional<FieldValue> FieldArithmetic::named(double value) const {
  if (significantBits(value) <= kShortBits || (value == std::trunc(value) && std::fabs(value) <= 0x1p24))
    return exactly(value);
  if (auto [n, d] = smallRatio(value, 1); n != 0)
    return ratio(n, d);
  for (const Named& one : named_)
    if (auto [n, d] = smallRatio(value, one.value); n != 0)
      return multiply(one.residues, ratio(n, d));
  // Roots: 1/sqrt(d), sqrt(2), and the scale of a softmax in base 2.
  for (const double factor : {1.0, named_[0].value}) {
    const double square = value / factor * (value / factor);
    auto [n, d] = smallRatio(square, 1);
    if (auto inverse = smallRatio(1 / square, 1); n == 0 && inverse.first != 0)
      n = inverse.second, d = inverse.first;
    if (n <= 0 || d <= 0 || (n > 64 && d > 1) || n > 1024 || d > 1024)
      continue;
    FieldValue above = root(ratio(n, 1)), below = root(ratio(d, 1));
    if ((above.tag | below.tag) & kNoRoots)
      continue;
    if (value < 0)
      above = negate(above);
    const FieldValue out = divide(above, below);
    return factor == 1.0 ? out : multiply(out, log2e_);
  }
  return std::nullopt;
}

FieldValue FieldArithmetic::ratio(std::int64_t numerator, std::int64_t denominator) const {
  const FieldValue n = exactly(static_cast<double>(numerator));
  return denominator == 1 ? n : divide(n, exactly(static_cast<double>(denominator)));
}

FieldValue FieldArithmetic::negate(const FieldValue& a) const {
  if (a.isLogarithm()) {
    FieldValue number = a;
    number.tag &= ~(kSpecial | 0xff00);
    FieldValue out = inverse(number);
    out.tag |= specialTag(specialOf(a.tag));
    return out;
  }
  FieldValue out = a;
  for (double& lane : out.lane)
    lane = -lane;
  return out;
}

FieldValue FieldArithmetic::add(const FieldValue& a, const FieldValue& b) const {
  FieldValue out;
  if (!a.isSpecial() && !b.isSpecial()) {
    _mm256_store_pd(out.lane, reduce(_mm256_add_pd(load(a.lane), load(b.lane)), load(moduli_), load(inverses_)));
    out.tag = a.tag | b.tag;
    return out;
  }
  if (isOutside(a) || isOutside(b))
    return unknownValue(kInfinity, ~0u);
  // In logarithms: the product of the exponentials.
  const FieldValue& log = a.isLogarithm() ? a : b;
  FieldValue other = a.isLogarithm() ? b : a;
  if (other.isLogarithm()) {
    if (specialOf(other.tag) != specialOf(log.tag)) {
      const FieldValue& two = log.is(kLogarithm2) ? log : other;
      const FieldValue& natural = log.is(kLogarithm2) ? other : log;
      return add(scaledLogarithm(two, exactly(1)), natural);
    }
    other.tag &= ~(kSpecial | 0xff00);
  } else {
    other = exponential(log.is(kLogarithm2) ? multiply(other, ln2_) : other);
  }
  FieldValue number = log;
  number.tag &= ~(kSpecial | 0xff00);
  out = multiply(number, other);
  out.tag |= specialTag(specialOf(log.tag));
  return out;
}

FieldValue FieldArithmetic::multiply(const FieldValue& a, const FieldValue& b) const {
  if (a.isSpecial() || b.isSpecial()) {
    if (isOutside(a) || isOutside(b))
      return unknownValue(kInfinity, ~0u);
    if (a.isSpecial() && b.isSpecial())
      return multiply(materialised(a), materialised(b));
    return a.isSpecial() ? scaledLogarithm(a, b) : scaledLogarithm(b, a);
  }
  FieldValue out;
  _mm256_store_pd(out.lane, reduce(_mm256_mul_pd(load(a.lane), load(b.lane)), load(moduli_), load(inverses_)));
  out.tag = a.tag | b.tag;
  return out;
}

void FieldArithmetic::accumulate(FieldValue& sum, const FieldValue& a, const FieldValue& b) const {
  if ((sum.tag | a.tag | b.tag) & kSpecial) [[unlikely]] {
    sum = add(sum, multiply(a, b));
    return;
  }
  const Vector h = _mm256_fmadd_pd(load(a.lane), load(b.lane), load(sum.lane));
  _mm256_store_pd(sum.lane, reduce(h, load(moduli_), load(inverses_)));
  sum.tag |= a.tag | b.tag;
}

/// Every lane to a power of its own. The tag is a's.
FieldValue FieldArithmetic::raised(const FieldValue& a, const std::uint32_t exponent[kLanes]) const {
  const Vector moduli = load(moduli_), inverses = load(inverses_), one = _mm256_set1_pd(1);
  Vector result = one, factor = load(a.lane);
  std::uint32_t any = 0;
  for (int i = 0; i < kLanes; ++i)
    any |= exponent[i];
  for (std::uint32_t bit = 0; any >> bit; ++bit) {
    alignas(32) double chosen[kLanes];
    for (int i = 0; i < kLanes; ++i)
      chosen[i] = exponent[i] >> bit & 1 ? -1.0 : 1.0; // the sign chooses
    result = reduce(_mm256_mul_pd(result, _mm256_blendv_pd(one, factor, load(chosen))), moduli, inverses);
    factor = reduce(_mm256_mul_pd(factor, factor), moduli, inverses);
  }
  FieldValue out;
  out.tag = a.tag;
  _mm256_store_pd(out.lane, result);
  return out;
}

FieldValue FieldArithmetic::power(const FieldValue& a, int exponent) const {
  std::uint32_t exponents[kLanes];
  for (std::uint32_t& each : exponents)
    each = static_cast<std::uint32_t>(std::abs(exponent));
  FieldValue out = raised(a, exponents);
  return exponent < 0 ? inverse(out) : out;
}

FieldValue FieldArithmetic::inverse(const FieldValue& a) const {
  if (isOutside(a))
    return unknownValue(kInfinity, ~0u);
  if (a.isLogarithm())
    return inverse(materialised(a));
  std::uint32_t exponents[kLanes];
  for (int i = 0; i < kLanes; ++i)
    exponents[i] = modulusOf(mode_, i) > 2 ? modulusOf(mode_, i) - 2 : 0;
  FieldValue out = raised(a, exponents);
  for (int i = 0; i < kLanes; ++i)
    if (a.lane[i] == 0)
      out.tag |= kAbsent(i);
  return (out.tag & kAllAbsent) == kAllAbsent ? unknownValue(kDivisionByZero, ~0u) : out;
}

FieldValue FieldArithmetic::exponential(const FieldValue& a) const {
  if (isOutside(a))
    return unknownValue(kInfinity, ~0u);
  FieldValue out = a;
  if (a.is(kLogarithm2))
    return exponential(scaledLogarithm(a, exactly(1)));
  out.tag &= ~(kSpecial | 0xff00);
  if (a.isLogarithm())
    return out;
  out.tag = (a.tag & (kData | kHidden)) | kAllAbsent;
  int target = 0;
  for (int i = 0; i < kLanes; ++i) {
    const int from = exponentOf(mode_, i);
    out.lane[i] = 0;
    if (from < 0)
      continue;
    const double* table = &powers_[kTable * static_cast<std::size_t>(target++)];
    if (!a.has(from))
      continue;
    const double x = canonical(a.lane[from], from);
    const auto exponent = static_cast<std::uint32_t>(x < 0 ? x + moduli_[from] : x);
    std::int64_t product = 1;
    for (std::uint32_t window = 0; window < 4; ++window)
      product = product * static_cast<std::int64_t>(table[128 * window + (exponent >> 7 * window & 127)]) %
                static_cast<std::int64_t>(moduli_[i]);
    out.lane[i] = canonical(static_cast<double>(product), i);
    out.tag &= ~kAbsent(i);
    if (a.tag & kNoRoot(from))
      out.tag |= kNoRoot(i);
  }
  return (out.tag & kAllAbsent) == kAllAbsent ? uninterpreted("exp", {a}) : out;
}

FieldValue FieldArithmetic::logarithm(const FieldValue& a, Special kind) const {
  if (isOutside(a))
    return unknownValue(kInfinity, ~0u);
  if (a.isSpecial())
    return logarithm(materialised(a), kind);
  FieldValue out = a;
  for (int i = 0; i < kLanes; ++i)
    if (a.lane[i] == 0)
      out.tag |= kAbsent(i);
  out.tag |= specialTag(kind);
  return out;
}

/// c log b by (b^2)^(c/2): b^2 is of order q. The sign of b is lost, but for the factors that kernels use.
FieldValue FieldArithmetic::scaledLogarithm(const FieldValue& log, const FieldValue& factor) const {
  auto is = [&](const FieldValue& known) {
    int lanes = 0;
    return !factor.isData() && equal(factor, known, lanes) && lanes > 0;
  };
  FieldValue out = log;
  out.tag &= ~(kSpecial | 0xff00);
  if (log.is(kLogarithm) && is(log2e_)) {
    out.tag |= specialTag(kLogarithm2);
    return out;
  }
  if (log.is(kLogarithm2) && is(ln2_)) {
    out.tag |= specialTag(kLogarithm);
    return out;
  }
  if (log.is(kLogarithm) && is(exactly(1)))
    return log;
  if (is(exactly(-1)))
    return negate(log);
  const FieldValue exponent = log.is(kLogarithm2) ? multiply(factor, log2e_) : factor;
  std::uint32_t exponents[kLanes] = {};
  const FieldValue square = multiply(out, out);
  out.tag = (square.tag & ~kAllAbsent) | (exponent.tag & (kData | kHidden)) | kAllAbsent;
  for (int i = 0; i < kLanes; ++i) {
    const int from = exponentOf(mode_, i);
    if (from < 0 || !exponent.has(from) || !square.has(i))
      continue;
    const auto m = static_cast<std::int64_t>(moduli_[from]);
    auto x = static_cast<std::int64_t>(canonical(exponent.lane[from], from));
    x = (x < 0 ? x + m : x) * ((m + 1) / 2) % m;
    exponents[i] = static_cast<std::uint32_t>(x);
    out.tag &= ~kAbsent(i);
    out.tag |= kNoRoot(i);
  }
  if ((out.tag & kAllAbsent) == kAllAbsent)
    return multiply(materialised(log), factor);
  const Word tag = out.tag | specialTag(kLogarithm);
  out = raised(square, exponents);
  out.tag = tag;
  return out;
}

FieldValue FieldArithmetic::power(const FieldValue& a, const FieldValue& b) const {
  if (!b.isData())
    for (int n = -8; n <= 8; ++n)
      if (int lanes = 0; equal(b, exactly(n), lanes) && lanes > 0)
        return power(a, n);
  return exponential(multiply(logarithm(a), b));
}

FieldValue FieldArithmetic::root(const FieldValue& a) const {
  if (isOutside(a))
    return unknownValue(kInfinity, ~0u);
  if (a.isLogarithm())
    return root(materialised(a));
  std::uint32_t exponents[kLanes];
  for (int i = 0; i < kLanes; ++i)
    exponents[i] = (modulusOf(mode_, i) + 1) / 4;
  FieldValue out = raised(a, exponents);
  const Word wrong = differing(multiply(out, out), a);
  for (int i = 0; i < kLanes; ++i)
    if (wrong & kAbsent(i))
      out.tag |= kNoRoot(i);
  return out;
}

/// 1 - 2 / (exp(2x) + 1)
FieldValue FieldArithmetic::tanh(const FieldValue& a) const {
  const FieldValue denominator = add(exponential(add(a, a)), exactly(1));
  return add(exactly(1), multiply(exactly(-2), inverse(denominator)));
}

FieldValue FieldArithmetic::symbol(std::uint64_t name, std::initializer_list<FieldValue> arguments, bool odd) const {
  FieldValue out;
  for (const FieldValue& argument : arguments)
    out.tag |= argument.tag & (kData | kHidden | kNoRoots);
  std::uint64_t hash = 0;
  bool negative = false, zero = false, known = true;
  for (int i = 0; i < kLanes; ++i) {
    if (modulusOf(mode_, i) == 1) {
      out.tag |= kAbsent(i);
      continue;
    }
    // Each field by the residue that its values always have.
    if (i == 0 || (mode_ == FieldMode::Pairs && i == 2)) {
      hash = splitMix(seed_ ^ name);
      known = true;
      for (const FieldValue& argument : arguments) {
        double key = canonical(argument.lane[i], i);
        known &= argument.has(i);
        zero = key == 0;
        negative = odd && key < 0;
        hash = splitMix(hash ^ static_cast<std::uint64_t>(static_cast<std::int64_t>(negative ? -key : key)));
        hash = splitMix(hash ^ (argument.tag & (kSpecial | 0xff00)));
      }
    }
    const std::uint32_t modulus = modulusOf(mode_, i);
    const double value = centred(below(modulus, splitMix(hash + static_cast<std::uint64_t>(i))), modulus);
    out.lane[i] = odd && zero ? 0 : negative ? -value : value;
    if (!known)
      out.tag |= kAbsent(i);
  }
  return (out.tag & kAllAbsent) == kAllAbsent ? unknownValue(kDivisionByZero, ~0u) : out;
}

FieldValue FieldArithmetic::erf(const FieldValue& a) const {
  return symbol(hashOf("erf"), {a}, true);
}

FieldValue FieldArithmetic::uninterpreted(std::string_view name, std::initializer_list<FieldValue> arguments) const {
  FieldValue out = symbol(hashOf(name), arguments, false);
  out.tag |= kStranger;
  return out;
}

FieldValue FieldArithmetic::materialised(const FieldValue& log) const {
  return log.isSpecial() ? uninterpreted("log", {log}) : log;
}

bool FieldArithmetic::isZero(const FieldValue& a) const {
  for (int i = 0; i < kLanes; ++i)
    if (a.has(i) && a.lane[i] != 0)
      return false;
  return !a.isSpecial();
}

Word FieldArithmetic::differing(const FieldValue& a, const FieldValue& b) const {
  Word lanes = 0;
  for (int i = 0; i < kLanes; ++i)
    if (a.has(i) && b.has(i) && canonical(a.lane[i], i) != canonical(b.lane[i], i))
      lanes |= kAbsent(i);
  return lanes;
}

bool FieldArithmetic::equal(const FieldValue& a, const FieldValue& b, int& compared) const {
  compared = 0;
  for (int i = 0; i < kLanes; ++i)
    compared += a.has(i) && b.has(i);
  return differing(a, b) == 0;
}

/// Four sums side by side, since each waits for its own last step. Two products and a residue are below 2^53, exactly
/// representable: every second step reduces.
void FieldArithmetic::product(int m, int n, int k, const FieldValue* a, const FieldValue* b, const FieldValue* c,
                              FieldValue* out) const {
  static_assert(2.0 * (kP1 / 2 + 2.0) * (kP1 / 2 + 2.0) + kP1 < 0x1p53 && kP2 < kP1);
  constexpr int kBeside = 4;
  const Vector moduli = load(moduli_), inverses = load(inverses_);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; j += kBeside) {
      const int beside = std::min(kBeside, n - j);
      Vector sums[kBeside] = {};
      Word tags[kBeside] = {};
      for (int t = 0; t < beside; ++t) {
        sums[t] = load(c[i * n + j + t].lane);
        tags[t] = c[i * n + j + t].tag;
      }
      for (int e = 0; e < k; ++e) {
        const FieldValue& x = a[i * k + e];
        const Vector factor = load(x.lane);
        const bool reduces = e % 2 == 1 || e + 1 == k;
        for (int t = 0; t < beside; ++t) {
          const FieldValue& y = b[e * n + j + t];
          sums[t] = _mm256_fmadd_pd(factor, load(y.lane), sums[t]);
          if (reduces)
            sums[t] = reduce(sums[t], moduli, inverses);
          tags[t] |= x.tag | y.tag;
        }
      }
      for (int t = 0; t < beside; ++t) {
        _mm256_store_pd(out[i * n + j + t].lane, sums[t]);
        out[i * n + j + t].tag = tags[t];
      }
    }
}

void FieldArithmetic::fill(State& state) const {
  std::memcpy(state.moduli, moduli_, sizeof moduli_);
  std::memcpy(state.inverses, inverses_, sizeof inverses_);
  std::memcpy(state.ln2, ln2_.lane, sizeof ln2_.lane);
  state.powers = powers_.data();
  state.tower = mode_ == FieldMode::Tower;
  int target = 0;
  for (int i = 0; i < kLanes; ++i) {
    const int from = exponentOf(mode_, i);
    if (from < 0) {
      state.lost |= kAbsent(i);
      continue;
    }
    state.exponents |= kAbsent(from);
    state.power_moduli[target] = moduli_[i];
    state.power_inverses[target++] = inverses_[i];
  }
}

} // namespace kverify::simt::shadow

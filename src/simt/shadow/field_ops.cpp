// The finite-field domain's inlined half (see field.h).
#include <cstring>

#include "simt/shadow/field.h"

using First = double __attribute__((vector_size(32)));
using Second = unsigned long long;

namespace {

using kverify::simt::shadow::Cell;
using Integers = int __attribute__((vector_size(16)));
using Pair = double __attribute__((vector_size(16)));

struct Layout {
  [[gnu::always_inline]] static void pack(Cell& cell, First lanes, Second tag) {
    const Integers integers = __builtin_convertvector(lanes, Integers);
    std::memcpy(cell.word, &integers, sizeof integers);
    cell.word[2] = tag;
  }
  [[gnu::always_inline]] static void unpack(const Cell& cell, First& lanes, Second& tag) {
    Integers integers;
    std::memcpy(&integers, cell.word, sizeof integers);
    lanes = __builtin_convertvector(integers, First);
    tag = cell.word[2];
  }
};

} // namespace

#include "simt/shadow/host_path.h"

namespace {

template <class V>
[[gnu::always_inline]] V reduced(V h, V moduli, V inverses) {
  constexpr V magic = V{} + 0x1.8p52; // added and taken away, it rounds to an integer
  const V quotient = __builtin_elementwise_fma(h, inverses, magic) - magic;
  return __builtin_elementwise_fma(-quotient, moduli, h);
}

struct Context {
  State* state;
  First moduli, inverses;
};

struct Domain {
  [[gnu::always_inline]] static Value from(State* state, double concrete, std::uint32_t constant, std::uint32_t site) {
    return slowFrom(state, concrete, constant, site);
  }

  [[gnu::always_inline]] static bool same(const First& a, const First& b) {
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
  }

  /// w^x in the lanes that have an exponential; the exponent by windows of 7 bits.
  [[gnu::always_inline]] static First power(const State* state, First x, First moduli) {
    const First positive = x < 0 ? x + moduli : x;
    const Integers exponents = __builtin_convertvector(positive, Integers);
    const bool tower = state->tower;
    const unsigned one = static_cast<unsigned>(exponents[1]),
                   two = static_cast<unsigned>(tower ? exponents[2] : exponents[3]);
    auto window = [&](unsigned i) KV_INLINED {
      const double* table = state->powers + 128 * i;
      return Pair{table[one >> 7 * i & 127], table[512 + (two >> 7 * i & 127)]};
    };
    Pair moduli_of, inverses;
    std::memcpy(&moduli_of, state->power_moduli, sizeof moduli_of);
    std::memcpy(&inverses, state->power_inverses, sizeof inverses);
    const Pair low = reduced(window(0) * window(1), moduli_of, inverses),
               high = reduced(window(2) * window(3), moduli_of, inverses);
    const Pair result = reduced(low * high, moduli_of, inverses);
    return tower ? First{result[0], result[1], 0, 0} : First{result[0], 0, result[1], 0};
  }

  /// A running sum, brought down to size. Exact up to 2^52, after 2^25 terms at least.
  [[gnu::always_inline]] static Value settled(const Context& with, const Value& sum) {
    const First size = __builtin_elementwise_abs(sum.first);
    const bool is_long = __builtin_ia32_movmskpd256(reinterpret_cast<First>(size >= 0x1p52)); // no branch: it may sink
    return {reduced(sum.first, with.moduli, with.inverses), sum.second | (is_long ? kTooLong : 0)};
  }

  [[gnu::always_inline]] static First lanesAt(const double* place) {
    First lanes;
    std::memcpy(&lanes, place, sizeof lanes);
    return lanes;
  }

  /// One divisor divides many numbers: a whole row of a softmax. The host remembers its inverse.
  [[gnu::always_inline]] static bool isLastDivisor(const State* state, const Value& divisor) {
    return divisor.second == state->divisor_tag && same(divisor.first, lanesAt(state->divisor));
  }

  [[gnu::always_inline]] static Value apply(const Context& with, std::uint32_t op, const Value& a, const Value& b,
                                            const Value& c, double ca, double cb, double cc, double result,
                                            std::uint32_t site) {
    State* state = with.state;
    const Second tag = a.second | b.second | c.second;
    auto rest = [&]() KV_INLINED {
      const std::uint32_t plain = op == kRunningAdd ? kAdd : op == kRunningSub ? kSub : op == kRunningFma ? kFma : op;
      if (plain == op)
        return slow(state, op, a, b, c, ca, cb, cc, result, site);
      return slow(state, plain, settled(with, a), settled(with, b), settled(with, c), ca, cb, cc, result, site);
    };
    auto reduce = [&](First h) KV_INLINED { return Value{reduced(h, with.moduli, with.inverses), tag}; };
    if (op == kMin || op == kMax) {
      if (ca == cb && !(same(a.first, b.first) && a.second == b.second)) [[unlikely]]
        return rest();
      return result == ca ? a : b;
    }
    if (op == kRound)
      return a;
    if (tag & kSpecial) [[unlikely]]
      return rest();
    switch (op) {
    case kAdd: return reduce(a.first + b.first);
    case kSub: return reduce(a.first - b.first);
    case kMul: return reduce(a.first * b.first);
    case kRunningAdd: return {a.first + b.first, tag};
    case kRunningSub: return {a.first - b.first, tag};
    case kRunningFma: return {reduced(a.first * b.first, with.moduli, with.inverses) + c.first, tag};
    case kFma: return reduce(__builtin_elementwise_fma(a.first, b.first, c.first));
    case kNeg: return {-a.first, tag};
    case kAbs: return ca < 0 ? Value{-a.first, tag} : a;
    case kDiv:
      if (!isLastDivisor(state, b)) [[unlikely]]
        return rest();
      return reduce(a.first * lanesAt(state->quotient));
    case kRcp:
      if (!isLastDivisor(state, a)) [[unlikely]]
        return rest();
      return {lanesAt(state->quotient), tag};
    case kExp:
    case kExp2: {
      if (tag & (state->exponents | kNoRoots)) [[unlikely]]
        return rest();
      const First x = op == kExp ? a.first : reduce(a.first * lanesAt(state->ln2)).first;
      return {power(state, x, with.moduli), tag | state->lost};
    }
    default: return rest();
    }
  }

  /// Comparisons that matter here are of data with a number that is not one of the values that algebra distinguishes:
  /// zero, and what stands for infinities.
  [[gnu::always_inline]] static void compare(State* state, const Value& a, const Value& b, double ca, double cb,
                                             std::uint32_t site) {
    const bool left = a.second & kData, right = b.second & kData;
    const double constant = left ? cb : ca;
    if (left != right && constant != 0 && __builtin_fabs(constant) < 1e4) [[unlikely]]
      slow(state, kCompareOp, a, b, a, ca, cb, 0, 0, site);
  }

  static constexpr std::uint32_t kCompareOp = kOther + 1;
};

} // namespace

#include "simt/shadow/entry_points.h"

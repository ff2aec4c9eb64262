// The double-double domain's inlined half (see double_double.h).
#include "simt/shadow/double_double.h"
#include "simt/shadow/inline_ops.h"

namespace {

struct Domain {
  struct Value {
    DoubleDouble exact;
    Share share;
  };

  [[gnu::always_inline]] static Value valueOf(Words a) {
    return {{doubleOf(a.w[0]), doubleOf(a.w[1])}, shareOf(a.w[2])};
  }
  [[gnu::always_inline]] static Words wordsOf(DoubleDouble exact, Share share) {
    return {{wordOf(exact.hi), wordOf(exact.lo), pack(share)}};
  }
  [[gnu::always_inline]] static Words from(State*, double concrete, std::uint32_t, std::uint32_t) {
    return {{wordOf(concrete), 0, 0}};
  }

  /// The larger of the operands' shares (already times the derivatives) with this operation's own rounding.
  [[gnu::always_inline]] static Share join(Share a, Share b, double local, std::uint32_t line) {
    float own = static_cast<float>(__builtin_fabs(local));
    if (a.site == b.site)
      a.error += b.error;
    else if (b.error > a.error)
      a = b;
    if (a.site == line)
      return {a.error + own, line};
    return own > a.error ? Share{own, line} : a;
  }

  [[gnu::always_inline]] static void count(State* state, std::uint32_t site, double local, double result,
                                           DoubleDouble exact) {
    SiteRecord& record = state->sites[site];
    ++record.runs;
    double magnitude = __builtin_fabs(result), rounding = __builtin_fabs(local);
    record.fourth += rounding;
    if (rounding > record.first * magnitude) [[unlikely]]
      record.first = rounding / magnitude;
    double error = __builtin_fabs((result - exact.hi) - exact.lo);
    if (error > record.third * magnitude) [[unlikely]]
      record.third = error / magnitude;
  }

  /// Operands that carry errors, and a result that is much smaller than they are.
  [[gnu::always_inline]] static void cancellation(State* state, std::uint32_t site, double a, double b, double result,
                                                  Share sa, Share sb) {
    double larger = __builtin_fmax(__builtin_fabs(a), __builtin_fabs(b));
    if (__builtin_fabs(result) * 16 < larger && (sa.error > 0 || sb.error > 0)) [[unlikely]] {
      SiteRecord& record = state->sites[site];
      double bits = result == 0 ? 53 : __builtin_logb(larger) - __builtin_logb(result);
      if (bits > record.second)
        record.second = bits;
    }
  }

  [[gnu::always_inline]] static Share times(Share s, double factor) {
    return {static_cast<float>(s.error * __builtin_fabs(factor)), s.site};
  }

  [[gnu::always_inline]] static Words sum(State* state, Value x, Value y, double ca, double cb, double result,
                                          std::uint32_t site) {
    DoubleDouble exact = settled(add(x.exact, y.exact), x.exact.hi + y.exact.hi);
    DoubleDouble here = settled(twoSum(ca, cb), result);
    double local = (result - here.hi) - here.lo;
    count(state, site, local, result, exact);
    cancellation(state, site, ca, cb, result, x.share, y.share);
    return wordsOf(exact, join(x.share, y.share, local, site));
  }

  [[gnu::always_inline]] static Words apply(State* state, std::uint32_t op, Words a, Words b, Words c, double ca,
                                            double cb, double cc, double result, std::uint32_t site) {
    Value x = valueOf(a), y = valueOf(b), z = valueOf(c);
    switch (op) {
    case kAdd: return sum(state, x, y, ca, cb, result, site);
    case kSub: return sum(state, x, {negative(y.exact), y.share}, ca, -cb, result, site);
    case kMul: {
      DoubleDouble exact = settled(multiply(x.exact, y.exact), x.exact.hi * y.exact.hi);
      DoubleDouble here = settled(twoProduct(ca, cb), result);
      double local = (result - here.hi) - here.lo;
      count(state, site, local, result, exact);
      return wordsOf(exact, join(times(x.share, cb), times(y.share, ca), local, site));
    }
    case kFma: {
      DoubleDouble product = settled(multiply(x.exact, y.exact), x.exact.hi * y.exact.hi);
      DoubleDouble exact = settled(add(product, z.exact), product.hi + z.exact.hi);
      DoubleDouble here = settled(add(twoProduct(ca, cb), {cc, 0}), result);
      double local = (result - here.hi) - here.lo;
      count(state, site, local, result, exact);
      cancellation(state, site, ca * cb, cc, result, join(x.share, y.share, 0, site), z.share);
      Share factors = join(times(x.share, cb), times(y.share, ca), 0, ~0u);
      return wordsOf(exact, join(factors, z.share, local, site));
    }
    case kNeg: return wordsOf(negative(x.exact), x.share);
    case kAbs: return ca < 0 ? wordsOf(negative(x.exact), x.share) : a;
    case kMin:
    case kMax: return result == ca ? a : b;
    case kRound: {
      double local = result == ca ? 0 : result - ca;
      count(state, site, local, result, x.exact);
      return wordsOf(x.exact, join(x.share, {0, x.share.site}, local, site));
    }
    default: return slow(state, op, a, b, c, ca, cb, cc, result, site);
    }
  }

  [[gnu::always_inline]] static void compare(State*, Words, Words, double, double, std::uint32_t) {}
};

} // namespace

#include "simt/shadow/entry_points.h"

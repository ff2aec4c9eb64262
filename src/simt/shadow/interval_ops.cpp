// The interval domain's inlined half (see interval.h).
#include "simt/shadow/interval.h"
#include "simt/shadow/inline_ops.h"

namespace {

struct Domain {
  [[gnu::always_inline]] static Interval of(Words a) { return {doubleOf(a.w[0]), doubleOf(a.w[1])}; }
  [[gnu::always_inline]] static Words from(State*, double concrete, std::uint32_t, std::uint32_t) {
    return {{wordOf(concrete), wordOf(concrete), 0}};
  }
  [[gnu::always_inline]] static Words plain(Interval x) { return {{wordOf(x.low), wordOf(x.high), 0}}; }
  [[gnu::always_inline]] static Words counted(State* state, std::uint32_t site, Interval x, double result) {
    SiteRecord& record = state->sites[site];
    ++record.runs;
    double width = x.high - x.low;
    if (width > record.first) [[unlikely]]
      record.first = width;
    if (width > record.second * __builtin_fabs(result)) [[unlikely]]
      record.second = width / __builtin_fabs(result);
    return plain(x);
  }

  [[gnu::always_inline]] static Words apply(State* state, std::uint32_t op, Words a, Words b, Words c, double ca,
                                            double cb, double cc, double result, std::uint32_t site) {
    Interval x = of(a), y = of(b), z = of(c);
    switch (op) {
    case kAdd: return counted(state, site, sum(x, y), result);
    case kSub: return counted(state, site, sum(x, opposite(y)), result);
    case kMul: return counted(state, site, product(x, y), result);
    case kFma: return counted(state, site, sum(product(x, y), z), result);
    case kNeg: return plain(opposite(x));
    case kAbs:
      if (x.low >= 0)
        return a;
      return plain(x.high <= 0 ? opposite(x) : Interval{0, most(-x.low, x.high)});
    case kMin: return plain({least(x.low, y.low), least(x.high, y.high)});
    case kMax: return plain({x.low > y.low ? x.low : y.low, x.high > y.high ? x.high : y.high});
    case kRound: return a;
    default: return slow(state, op, a, b, c, ca, cb, cc, result, site);
    }
  }

  [[gnu::always_inline]] static void compare(State* state, Words a, Words b, double, double, std::uint32_t site) {
    Interval x = of(a), y = of(b);
    if (!(x.high < y.low || y.high < x.low) && !(x.low == x.high && y.low == y.high)) [[unlikely]]
      state->sites[site].third += 1;
  }
};

} // namespace

#include "simt/shadow/entry_points.h"

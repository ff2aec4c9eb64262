// The interval domain's inlined half (see interval.h).
#include "simt/shadow/interval.h"

using First = double;  // the lower end
using Second = double; // the upper one

namespace {

using namespace kverify::simt::shadow;

struct Layout {
  [[gnu::always_inline]] static void pack(Cell& cell, First low, Second high) {
    cell.word[0] = wordOf(low), cell.word[1] = wordOf(high), cell.word[2] = 0;
  }
  [[gnu::always_inline]] static void unpack(const Cell& cell, First& low, Second& high) {
    low = doubleOf(cell.word[0]), high = doubleOf(cell.word[1]);
  }
};

} // namespace

#include "simt/shadow/host_path.h"

namespace {

struct Context {
  State* state;
  First moduli, inverses; // not here
};

struct Domain {
  [[gnu::always_inline]] static Value from(State*, double concrete, std::uint32_t, std::uint32_t) {
    return {concrete, concrete};
  }
  [[gnu::always_inline]] static Value plain(Interval x) { return {x.low, x.high}; }
  [[gnu::always_inline]] static Value counted(State* state, std::uint32_t site, Interval x, double result) {
    SiteRecord& record = state->sites[site];
    ++record.runs;
    double width = x.high - x.low;
    if (width > record.first) [[unlikely]]
      record.first = width;
    if (width > record.second * __builtin_fabs(result)) [[unlikely]]
      record.second = width / __builtin_fabs(result);
    return plain(x);
  }

  [[gnu::always_inline]] static Value apply(const Context& with, std::uint32_t op, const Value& a, const Value& b,
                                            const Value& c, double ca, double cb, double cc, double result,
                                            std::uint32_t site) {
    State* state = with.state;
    const Interval x{a.first, a.second}, y{b.first, b.second}, z{c.first, c.second};
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

  [[gnu::always_inline]] static Value settled(const Context&, const Value& sum) { return sum; }
  [[gnu::always_inline]] static void compare(State* state, const Value& a, const Value& b, double, double,
                                             std::uint32_t site) {
    const Interval x{a.first, a.second}, y{b.first, b.second};
    if (!(x.high < y.low || y.high < x.low) && !(x.low == x.high && y.low == y.high)) [[unlikely]]
      state->sites[site].third += 1;
  }
};

} // namespace

#include "simt/shadow/entry_points.h"

// The double-double domain's inlined half (see double_double.h).
#include "simt/shadow/double_double.h"
#include "simt/shadow/exponential.h"

using First = double;              // the error
using Second = unsigned long long; // the site that brought most of it

namespace {

using namespace kverify::simt::shadow;

struct Layout {
  [[gnu::always_inline]] static void pack(Cell& cell, First error, Second site) {
    cell.word[0] = wordOf(error), cell.word[1] = 0, cell.word[2] = site;
  }
  [[gnu::always_inline]] static void unpack(const Cell& cell, First& error, Second& site) {
    error = doubleOf(cell.word[0]), site = cell.word[2];
  }
};

} // namespace

#include "simt/shadow/host_path.h"

namespace {

KV_RARE void lookAt(SiteRecord* record, double local, double error, double result, double larger, bool inexact) {
  look(*record, local, error, result, larger, inexact);
}
KV_RARE void lookAtChosen(SiteRecord* record, double local, double error, double result, double larger, bool inexact) {
  look(*record, local, error, result, larger, inexact);
  chooseNext(*record);
}

struct Context {
  State* state;
  First moduli, inverses; // not here
};

/// The largest part of an error, and who brought it.
struct Part {
  double size = 0;
  Second site = 0;
};
[[gnu::always_inline]] inline Part partOf(double error, Second site) {
  return {__builtin_fabs(error), site};
}
[[gnu::always_inline]] inline Part larger(Part a, Part b) {
  return {b.size > a.size ? b.size : a.size, b.size > a.size ? b.site : a.site};
}

/// What an operation makes of its operands: exact arithmetic of the concrete ones, and of their errors. An addend's error
/// is apart: a loop waits for nothing but its sum.
struct Step {
  DoubleDouble exact;
  double error = 0, addend = 0;
  Part largest;
  double magnitude = 0; ///< of operands whose difference may cancel
};

struct Domain {
  [[gnu::always_inline]] static Value from(State*, double concrete, std::uint32_t, std::uint32_t) {
    return {isFinite(concrete) ? 0 : concrete, 0};
  }
  [[gnu::always_inline]] static Value settled(const Context&, const Value& sum) { return sum; }

  template <class Rest>
  [[gnu::always_inline]] static Value made(State* state, std::uint32_t site, const Step& step, double result,
                                           Rest rest) {
    const double local = (step.exact.hi - result) + step.exact.lo, error = step.addend + (step.error + local);
    const double size = __builtin_fabs(error);
    SiteRecord& record = state->sites[site];
    if (!(size <= record.third * __builtin_fabs(result))) [[unlikely]] {
      if (!isFinite(error))
        return rest();
      lookAt(&record, local, error, result, step.magnitude, step.largest.size > 0);
    }
    if (isChosen(record)) [[unlikely]]
      lookAtChosen(&record, local, error, result, step.magnitude, step.largest.size > 0);
    return {error, __builtin_fabs(local) > step.largest.size ? site : step.largest.site};
  }

  [[gnu::always_inline]] static double most(double a, double b) {
    return __builtin_fabs(a) > __builtin_fabs(b) ? __builtin_fabs(a) : __builtin_fabs(b);
  }

  [[gnu::always_inline]] static Step sum(const Value& a, const Value& b, double ca, double cb) {
    return {twoSum(ca, cb), b.first, a.first, larger(partOf(a.first, a.second), partOf(b.first, b.second)),
            most(ca, cb)};
  }

  [[gnu::always_inline]] static Step product(const Value& a, const Value& b, double ca, double cb) {
    const double left = a.first * cb, right = b.first * ca;
    return {twoProduct(ca, cb), __builtin_fma(a.first, b.first, left + right), 0,
            larger(partOf(left, a.second), partOf(right, b.second)), 0};
  }

  [[gnu::always_inline]] static Step productSum(const Value& a, const Value& b, const Value& c, double ca, double cb,
                                                double cc) {
    Step step = product(a, b, ca, cb);
    step.magnitude = most(step.exact.hi, cc);
    const DoubleDouble sum = twoSum(step.exact.hi, cc);
    step.exact = {sum.hi, sum.lo + step.exact.lo};
    step.addend = c.first;
    step.largest = larger(partOf(c.first, c.second), step.largest);
    return step;
  }

  [[gnu::always_inline]] static Step quotient(const Value& a, const Value& b, double ca, double cb) {
    const double quotient = ca / cb, left = __builtin_fma(-quotient, cb, ca), inverse = 1 / (cb + b.first);
    return {{quotient, left / cb},
            (a.first - quotient * b.first) * inverse,
            0,
            larger(partOf(a.first * inverse, a.second), partOf(quotient * b.first * inverse, b.second)),
            0};
  }

  /// Of one operand: `moved` is what its error comes to.
  [[gnu::always_inline]] static Step function(DoubleDouble exact, double moved, Second site) {
    return {exact, moved, 0, partOf(moved, site), 0};
  }

  [[gnu::always_inline]] static Value apply(const Context& with, std::uint32_t op, const Value& a, const Value& b,
                                            const Value& c, double ca, double cb, double cc, double result,
                                            std::uint32_t site) {
    State* state = with.state;
    const double ea = a.first;
    auto rest = [&]() KV_INLINED { return slow(state, op, a, b, c, ca, cb, cc, result, site); };
    auto done = [&](const Step& step) KV_INLINED { return made(state, site, step, result, rest); };
    switch (op) {
    case kAdd: return done(sum(a, b, ca, cb));
    case kSub: return done(sum(a, {-b.first, b.second}, ca, -cb));
    case kMul: return done(product(a, b, ca, cb));
    case kFma:
    case kMulAdd: return done(productSum(a, b, c, ca, cb, cc));
    case kDiv: return done(quotient(a, b, ca, cb));
    case kRcp: {
      const double inverse = 1 / ca, left = __builtin_fma(-inverse, ca, 1);
      return done(function({inverse, left * inverse}, -inverse * ea / (ca + ea), a.second));
    }
    case kSqrt: {
      if (!(ca > 0) || !(ca + ea > 0)) [[unlikely]]
        return rest();
      const double root = __builtin_sqrt(ca), left = __builtin_fma(-root, root, ca);
      return done(function({root, left / (2 * root)}, ea / (root + __builtin_sqrt(ca + ea)), a.second));
    }
    case kNeg: return {-ea, a.second};
    case kAbs: return {ca < 0 ? -ea : ea, a.second};
    case kMin:
    case kMax: return result == ca ? a : b;
    case kRound: return done(function({ca, 0}, ea, a.second));
    case kExp:
    case kExp2: {
      const double step = op == kExp ? ea : ea * 0x1.62e42fefa39efp-1;
      if (!(__builtin_fabs(ca) <= 700) || !(__builtin_fabs(step) < 1e-4)) [[unlikely]]
        return rest();
      const DoubleDouble exact = op == kExp ? exponentialOf(ca) : powerOfTwo(ca);
      return done(function(exact, exact.hi * step * (1 + step * (0.5 + step * (1.0 / 6 + step * (1.0 / 24)))), a.second));
    }
    default: return rest();
    }
  }

  [[gnu::always_inline]] static void compare(State*, const Value&, const Value&, double, double, std::uint32_t) {}
};

} // namespace

#include "simt/shadow/entry_points.h"

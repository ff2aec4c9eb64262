// The double-double and the interval domain on the host: functions, and the products of tensor cores.
#include <cmath>
#include <limits>

#include "simt/shadow/domain.h"
#include "simt/shadow/interval.h"

namespace kverify::simt::shadow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

DoubleDouble narrowed(long double x) {
  auto hi = static_cast<double>(x);
  return {hi, std::isfinite(hi) ? static_cast<double>(x - hi) : 0};
}
long double wide(DoubleDouble x) {
  return static_cast<long double>(x.hi) + x.lo;
}

/// A function of one operand at 64 bits, and its derivative.
struct Function {
  long double value = 0, slope = 0;
};

bool functionOf(std::uint32_t op, long double x, Function& out) {
  switch (op) {
  case kRcp: out = {1 / x, -1 / (x * x)}; return true;
  case kSqrt: out = {std::sqrt(x), 0.5L / std::sqrt(x)}; return true;
  case kRsqrt: out = {1 / std::sqrt(x), -0.5L / (x * std::sqrt(x))}; return true;
  case kExp: out.value = out.slope = std::exp(x); return true;
  case kExp2: out.value = std::exp2(x), out.slope = out.value * 0.693147180559945309417L; return true;
  case kExp10: out.value = std::pow(10.0L, x), out.slope = out.value * 2.30258509299404568402L; return true;
  case kExpm1: out = {std::expm1(x), std::exp(x)}; return true;
  case kLog: out = {std::log(x), 1 / x}; return true;
  case kLog2: out = {std::log2(x), 1.44269504088896340736L / x}; return true;
  case kLog10: out = {std::log10(x), 0.434294481903251827651L / x}; return true;
  case kTanh: out.value = std::tanh(x), out.slope = 1 - out.value * out.value; return true;
  default: return false;
  }
}

constexpr const char* kUnfollowed = "a function that shadow values do not follow: its result counts as exact";

class DoubleDoubleDomain : public HostDomain {
public:
  DoubleDoubleDomain() { state.domain = this; }

  Words from(double concrete, std::uint32_t) override { return {{wordOf(concrete), 0, 0}}; }
  Words input(std::size_t, std::uint64_t, double concrete) override { return from(concrete, 0); }

  Words apply(std::uint32_t op, const Words in[3], const double concrete[4], std::uint32_t site) override {
    const double result = concrete[3];
    DoubleDouble x = exactOf(in[0]), y = exactOf(in[1]);
    Share sx = shareOf(in[0].w[2]), sy = shareOf(in[1].w[2]);
    switch (op) {
    case kCompareOp:
    case kLeaveOp: return {};
    case kDiv: {
      DoubleDouble exact = settled(divide(x, y), x.hi / y.hi);
      DoubleDouble here = settled(divide({concrete[0], 0}, {concrete[1], 0}), result);
      return made(exact, here, result, scaled(sx, 1 / concrete[1]), scaled(sy, here.hi / concrete[1]), site);
    }
    case kCopySign:
      return std::signbit(concrete[0]) == std::signbit(result) ? in[0]
                                                               : Words{{wordOf(-x.hi), wordOf(-x.lo), in[0].w[2]}};
    case kClamp: return result == concrete[0] ? in[0] : from(result, site);
    default: break;
    }
    Function exact, here;
    if (!functionOf(op, wide(x), exact) || !atOperand(op, wide(x), exact, concrete[0], here)) {
      note(site, kUnfollowed);
      return from(result, site);
    }
    return made(narrowed(exact.value), narrowed(here.value), result,
                scaled(sx, static_cast<double>(here.slope)), {}, site);
  }

  std::vector<Words> product(const Product& product, const std::vector<double>& results, std::uint32_t site) override {
    std::vector<Words> out(results.size());
    for (int i = 0; i < product.m; ++i)
      for (int j = 0; j < product.n; ++j) {
        auto at = static_cast<std::size_t>(i * product.n + j);
        const Operand& c = product.c[at];
        DoubleDouble exact = exactOf(c.words);
        double here = c.value; // products of 11 bits are exact, and a double's sum of 16 is far below their rounding
        Share largest = shareOf(c.words.w[2]);
        for (int k = 0; k < product.k; ++k) {
          const Operand& x = product.a[static_cast<std::size_t>(i * product.k + k)];
          const Operand& y = product.b[static_cast<std::size_t>(k * product.n + j)];
          DoubleDouble ex = exactOf(x.words), ey = exactOf(y.words);
          exact = settled(add(exact, multiply(ex, ey)), exact.hi + ex.hi * ey.hi);
          here += x.value * y.value;
          if (x.words.w[2] | y.words.w[2]) {
            largest = join(largest, scaled(shareOf(x.words.w[2]), y.value));
            largest = join(largest, scaled(shareOf(y.words.w[2]), x.value));
          }
        }
        out[at] = made(exact, {here, 0}, results[at], largest, {}, site);
      }
    return out;
  }

private:
  static DoubleDouble exactOf(const Words& a) { return {doubleOf(a.w[0]), doubleOf(a.w[1])}; }
  static Share scaled(Share s, double factor) {
    double error = s.error * std::fabs(factor);
    return {std::isfinite(error) ? static_cast<float>(error) : 0, s.site};
  }
  static Share join(Share a, Share b) {
    if (a.site == b.site)
      return {a.error + b.error, a.site};
    return b.error > a.error ? b : a;
  }

  /// The function at the concrete operand, which is next to the exact one: exponentials by their series.
  static bool atOperand(std::uint32_t op, long double x, const Function& at_x, double operand, Function& out) {
    const long double step = operand - x;
    if (op == kExp && std::fabs(step) < 1e-5L) { // what is left out is below 2^-69
      out.value = out.slope = at_x.value * (1 + step * (1 + step / 2 * (1 + step / 3)));
      return true;
    }
    return functionOf(op, operand, out);
  }

  /// A result whose exact value is known, and what exact arithmetic makes of the concrete operands.
  Words made(DoubleDouble exact, DoubleDouble here, double result, Share a, Share b, std::uint32_t site) {
    double local = std::fabs((result - here.hi) - here.lo);
    double error = std::fabs((result - exact.hi) - exact.lo);
    if (!std::isfinite(local))
      local = 0;
    SiteRecord& record = state.sites[site];
    ++record.runs;
    record.fourth += local;
    double magnitude = std::fabs(result);
    if (local > record.first * magnitude)
      record.first = local / magnitude;
    if (std::isfinite(error) && error > record.third * magnitude)
      record.third = error / magnitude;
    Share share = join(join(a, b), {static_cast<float>(local), site});
    return {{wordOf(exact.hi), wordOf(exact.lo), pack(share)}};
  }
};

class IntervalDomain : public HostDomain {
public:
  IntervalDomain() { state.domain = this; }

  Words from(double concrete, std::uint32_t) override { return plain({concrete, concrete}); }
  Words input(std::size_t, std::uint64_t, double concrete) override { return from(concrete, 0); }

  Words apply(std::uint32_t op, const Words in[3], const double concrete[4], std::uint32_t site) override {
    Interval x{doubleOf(in[0].w[0]), doubleOf(in[0].w[1])}, y{doubleOf(in[1].w[0]), doubleOf(in[1].w[1])};
    switch (op) {
    case kCompareOp: return {};
    case kLeaveOp:
      if (x.low != x.high)
        note(site, "a number that is not exact is converted to an integer");
      return {};
    case kDiv: return counted(quotient(x, y), concrete[3], site);
    case kRcp: return counted(quotient({1, 1}, x), concrete[3], site);
    case kCopySign: return std::signbit(concrete[0]) == std::signbit(concrete[3]) ? in[0] : plain(opposite(x));
    case kClamp: return counted(hull(x, {concrete[3], concrete[3]}), concrete[3], site);
    default: break;
    }
    // The functions here are monotone; the library's are within a unit in the last place of 64 bits.
    Function low, high;
    if (!functionOf(op, x.low, low) || !functionOf(op, x.high, high)) {
      note(site, "a function without an enclosure: nothing is known of its result");
      return plain({-kInfinity, kInfinity});
    }
    if (op == kRsqrt)
      std::swap(low, high);
    bool positive = op == kExp || op == kExp2 || op == kExp10 || op == kSqrt || op == kRsqrt;
    Interval out = outward(below(static_cast<double>(low.value)), above(static_cast<double>(high.value)));
    if (positive && !(out.low >= 0))
      out.low = 0;
    return counted(out, concrete[3], site);
  }

  std::vector<Words> product(const Product& product, const std::vector<double>& results, std::uint32_t site) override {
    std::vector<Words> out(results.size());
    for (int i = 0; i < product.m; ++i)
      for (int j = 0; j < product.n; ++j) {
        auto at = static_cast<std::size_t>(i * product.n + j);
        Interval total = of(product.c[at].words);
        for (int k = 0; k < product.k; ++k)
          total = sum(total, simt::shadow::product(of(product.a[static_cast<std::size_t>(i * product.k + k)].words),
                                                   of(product.b[static_cast<std::size_t>(k * product.n + j)].words)));
        out[at] = counted(total, results[at], site);
      }
    return out;
  }

private:
  static Interval of(const Words& a) { return {doubleOf(a.w[0]), doubleOf(a.w[1])}; }
  static Words plain(Interval x) { return {{wordOf(x.low), wordOf(x.high), 0}}; }
  static Interval hull(Interval a, Interval b) { return {least(a.low, b.low), most(a.high, b.high)}; }

  Words counted(Interval x, double result, std::uint32_t site) {
    SiteRecord& record = state.sites[site];
    ++record.runs;
    double width = x.high - x.low;
    record.first = std::fmax(record.first, width);
    if (width > record.second * std::fabs(result))
      record.second = width / std::fabs(result);
    return plain(x);
  }
};

} // namespace

std::unique_ptr<HostDomain> makeDoubleDoubleDomain() {
  return std::make_unique<DoubleDoubleDomain>();
}
std::unique_ptr<HostDomain> makeIntervalDomain() {
  return std::make_unique<IntervalDomain>();
}

} // namespace kverify::simt::shadow

// The double-double and the interval domain on the host: functions, and the products of tensor cores.
#include <algorithm>
#include <cmath>
#include <limits>

#include "simt/shadow/domain.h"
#include "simt/shadow/double_double.h"
#include "simt/shadow/interval.h"

namespace kverify::simt::shadow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A function of one operand at 64 bits.
bool functionOf(std::uint32_t op, long double x, long double& out) {
  switch (op) {
  case kRcp: out = 1 / x; return true;
  case kSqrt: out = std::sqrt(x); return true;
  case kRsqrt: out = 1 / std::sqrt(x); return true;
  case kExp: out = std::exp(x); return true;
  case kExp2: out = std::exp2(x); return true;
  case kExp10: out = std::pow(10.0L, x); return true;
  case kExpm1: out = std::expm1(x); return true;
  case kLog: out = std::log(x); return true;
  case kLog2: out = std::log2(x); return true;
  case kLog10: out = std::log10(x); return true;
  case kLog1p: out = std::log1p(x); return true;
  case kTanh: out = std::tanh(x); return true;
  case kErf: out = std::erf(x); return true;
  case kErfc: out = std::erfc(x); return true;
  case kNormCdf: out = std::erfc(-x * 0.707106781186547524400844362104849039L) / 2; return true;
  default: return false;
  }
}

constexpr const char* kUnfollowed = "a function that shadow values do not follow: its result counts as exact";

class DoubleDoubleDomain : public HostDomain {
public:
  DoubleDoubleDomain() { state.domain = this; }

  Words from(double concrete, std::uint32_t) override {
    return {{wordOf(std::isfinite(concrete) ? 0 : concrete), 0, 0}};
  }
  Words input(std::size_t, std::uint64_t, double concrete) override { return from(concrete, 0); }

  /// What the inlined code leaves: functions, and all that is not finite.
  Words apply(std::uint32_t op, const Words in[3], const double concrete[4], std::uint32_t site) override {
    const double result = concrete[3];
    switch (op) {
    case kCompareOp:
    case kLeaveOp: return {};
    case kNeg: return negated(in[0]);
    case kAbs: return std::signbit(concrete[0]) ? negated(in[0]) : in[0];
    case kMin:
    case kMax: return result == concrete[0] ? in[0] : in[1];
    case kCopySign: return std::signbit(concrete[0]) == std::signbit(result) ? in[0] : negated(in[0]);
    case kClamp: return result == concrete[0] ? in[0] : from(result, site);
    default: break;
    }
    DoubleDouble exact[3], here[3];
    for (int i = 0; i < 3; ++i) {
      exact[i] = exactOf(in[i], concrete[i]);
      here[i] = {concrete[i], 0};
    }
    DoubleDouble value, local;
    if (!valueOf(op, exact, value) || !valueOf(op, here, local)) {
      note(site, kUnfollowed);
      return from(result, site);
    }
    // What the operands' errors come to is what is left when the operation's own is taken away.
    Share largest;
    for (int i = 0; i < 3; ++i) {
      DoubleDouble moved[3] = {here[0], here[1], here[2]}, without;
      moved[i] = exact[i];
      if (valueOf(op, moved, without))
        largest = larger(largest, {std::fabs((without.hi - local.hi) + (without.lo - local.lo)), in[i].w[2]});
    }
    return made(value, local, result, largest, site);
  }

  std::vector<Words> product(const Product& product, const std::vector<double>& results, std::uint32_t site) override {
    // Errors apart from values: most operands of a product have none.
    auto errors = [](const std::vector<Operand>& operands) {
      std::vector<double> all;
      for (const Operand& one : operands)
        all.push_back(doubleOf(one.words.w[0]));
      return all;
    };
    const auto ea = errors(product.a), eb = errors(product.b);
    const bool exact_a = std::all_of(ea.begin(), ea.end(), [](double e) { return e == 0; }),
               exact_b = std::all_of(eb.begin(), eb.end(), [](double e) { return e == 0; });
    std::vector<Words> out(results.size());
    for (int i = 0; i < product.m; ++i)
      for (int j = 0; j < product.n; ++j) {
        const auto at = static_cast<std::size_t>(i * product.n + j);
        const Operand& c = product.c[at];
        double here = c.value; // products of 11 bits are exact, and a double's sum of 16 is far below their rounding
        double passed = doubleOf(c.words.w[0]);
        Share largest{std::fabs(passed), c.words.w[2]};
        for (int k = 0; k < product.k; ++k) {
          const auto x = static_cast<std::size_t>(i * product.k + k), y = static_cast<std::size_t>(k * product.n + j);
          const double a = product.a[x].value, b = product.b[y].value;
          here += a * b;
          if (exact_a && exact_b)
            continue;
          passed += ea[x] * (b + eb[y]) + a * eb[y];
          largest = larger(largest, {std::fabs(ea[x] * b), product.a[x].words.w[2]});
          largest = larger(largest, {std::fabs(eb[y] * a), product.b[y].words.w[2]});
        }
        out[at] = std::isfinite(passed) && std::isfinite(results[at])
                      ? counted(passed + (here - results[at]), here - results[at], results[at], largest, site)
                      : nonfiniteElement(product, i, j, results[at], site);
      }
    return out;
  }

private:
  struct Share {
    double size = 0;
    Word site = 0;
  };
  static Share larger(Share a, Share b) { return b.size > a.size ? b : a; }
  static Words negated(const Words& a) { return {{wordOf(-doubleOf(a.w[0])), 0, a.w[2]}}; }
  static DoubleDouble exactOf(const Words& a, double concrete) {
    const double error = doubleOf(a.w[0]);
    return std::isfinite(concrete) ? twoSum(concrete, error) : DoubleDouble{error, 0};
  }

  static bool valueOf(std::uint32_t op, const DoubleDouble in[3], DoubleDouble& out) {
    switch (op) {
    case kAdd: out = settled(add(in[0], in[1]), in[0].hi + in[1].hi); return true;
    case kSub: out = settled(add(in[0], negative(in[1])), in[0].hi - in[1].hi); return true;
    case kMul: out = settled(multiply(in[0], in[1]), in[0].hi * in[1].hi); return true;
    case kFma:
    case kMulAdd: {
      const DoubleDouble product = settled(multiply(in[0], in[1]), in[0].hi * in[1].hi);
      out = settled(add(product, in[2]), product.hi + in[2].hi);
      return true;
    }
    case kDiv: out = settled(divide(in[0], in[1]), in[0].hi / in[1].hi); return true;
    case kRound: out = in[0]; return true;
    default: break;
    }
    long double value = 0;
    if (!functionOf(op, static_cast<long double>(in[0].hi) + in[0].lo, value))
      return false;
    const auto hi = static_cast<double>(value);
    out = {hi, std::isfinite(hi) ? static_cast<double>(value - hi) : 0};
    return true;
  }
  /// Infinities have no error-free parts: then the plain result stands.
  static DoubleDouble settled(DoubleDouble x, double plain) {
    return std::isfinite(x.hi) && std::isfinite(x.lo) ? x : DoubleDouble{plain, 0};
  }

  /// `value`: exact; `local`: what exact arithmetic makes of the concrete operands.
  Words made(DoubleDouble value, DoubleDouble local, double result, Share largest, std::uint32_t site) {
    if (!std::isfinite(result))
      return {{wordOf(value.hi), 0, site}};
    return counted((value.hi - result) + value.lo, (local.hi - result) + local.lo, result, largest, site);
  }

  Words counted(double error, double rounding, double result, Share largest, std::uint32_t site) {
    SiteRecord& record = state.sites[site];
    look(record, rounding, error, result, 0, false);
    if (isChosen(record))
      chooseNext(record);
    return {{wordOf(error), 0, std::fabs(rounding) > largest.size ? site : largest.site}};
  }

  Words nonfiniteElement(const Product& product, int i, int j, double result, std::uint32_t site) {
    const Operand& c = product.c[static_cast<std::size_t>(i * product.n + j)];
    DoubleDouble sum = exactOf(c.words, c.value);
    for (int k = 0; k < product.k; ++k) {
      const Operand& x = product.a[static_cast<std::size_t>(i * product.k + k)];
      const Operand& y = product.b[static_cast<std::size_t>(k * product.n + j)];
      const DoubleDouble in[3] = {exactOf(x.words, x.value), exactOf(y.words, y.value), sum};
      valueOf(kFma, in, sum);
    }
    return made(sum, sum, result, {}, site);
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
    long double low = 0, high = 0;
    if (!functionOf(op, x.low, low) || !functionOf(op, x.high, high)) {
      note(site, "a function without an enclosure: nothing is known of its result");
      return plain({-kInfinity, kInfinity});
    }
    if (op == kRsqrt || op == kErfc)
      std::swap(low, high);
    bool positive =
        op == kExp || op == kExp2 || op == kExp10 || op == kSqrt || op == kRsqrt || op == kErfc || op == kNormCdf;
    Interval out = outward(below(static_cast<double>(low)), above(static_cast<double>(high)));
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

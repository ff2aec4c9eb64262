#include "fuzz/oracle/rope.h"

#include <cmath>

namespace kverify::oracle {
namespace {

/// cos and sin of one pair's angle, with the error of both.
struct Turn {
  double cosine, sine, error;
};

Turn turnOf(const RopeProblem& a, std::int64_t position, std::int64_t pair) {
  if (!a.cosine.empty()) {
    const auto at = static_cast<std::size_t>(position * (a.rotary / 2) + pair);
    return {a.cosine[at], a.sine[at], 0};
  }
  const double angle =
      static_cast<double>(position) * std::pow(a.base, -2 * static_cast<double>(pair) / static_cast<double>(a.rotary));
  const double moved = std::fabs(angle) * 0x1p-23 * (10 + 4 * std::fabs(std::log(a.base)));
  const double own = a.fast_sine ? 0x1p-21 * (1 + std::fabs(angle)) : 0x1p-22;
  return {std::cos(angle), std::sin(angle), moved + own};
}

} // namespace

Reference rope(const RopeProblem& a, const Rounding& r) {
  Reference result;
  result.value.assign(a.x.begin(), a.x.end());
  // A channel that does not turn is copied: only the type of the output rounds it.
  for (double x : a.x)
    result.bound.push_back(r.out_unit * std::fabs(x) + r.out_eta);
  const double u = r.sum_unit;
  for (std::int64_t row = 0; row < a.b * a.h * a.n; ++row) {
    const std::int64_t i = row % a.n, batch = row / a.n / a.h;
    const std::int64_t position = a.positions.empty() ? i : a.positions[static_cast<std::size_t>(batch * a.n + i)];
    for (std::int64_t pair = 0; pair < a.rotary / 2; ++pair) {
      const auto first = static_cast<std::size_t>(row * a.d + (a.interleaved ? 2 * pair : pair));
      const std::size_t second = first + static_cast<std::size_t>(a.interleaved ? 1 : a.rotary / 2);
      const Turn turn = turnOf(a, position, pair);
      const double sine = a.inverse ? -turn.sine : turn.sine;
      auto put = [&](std::size_t at, double x, double y) {
        const double value = x * turn.cosine + y * sine;
        const double size = std::fabs(x * turn.cosine) + std::fabs(y * sine);
        const double error = (std::fabs(x) + std::fabs(y)) * turn.error * (1 + 3 * u) + 3 * u * size + 3 * r.sum_eta;
        result.value[at] = value;
        result.bound[at] = error + r.out_unit * (std::fabs(value) + error) + r.out_eta;
      };
      put(first, a.x[first], -a.x[second]);
      put(second, a.x[second], a.x[first]);
    }
  }
  result.tight = result.bound;
  return result;
}

} // namespace kverify::oracle

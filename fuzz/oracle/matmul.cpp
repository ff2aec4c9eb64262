#include "fuzz/oracle/matmul.h"

namespace kverify::oracle {
namespace {

template <class T>
std::span<const T> part(std::span<const T> all, std::int64_t index, std::int64_t size) {
  return all.subspan(static_cast<std::size_t>(index * size), static_cast<std::size_t>(size));
}

} // namespace

Reference matmul(const MatmulProblem& a, const Rounding& r) {
  const Step step = stepOf(r);
  Reference result;
  for (std::int64_t batch = 0; batch < a.batch; ++batch) {
    const Bounded left = exact(part(a.a, batch, a.m * a.k), a.m, a.k),
                  right = exact(part(a.b, batch, a.k * a.n), a.k, a.n);
    Bounded d = matrixProduct(left, right, r.gamma(a.k, r.sum_unit) + 2 * r.sum_operand, r.sum_eta, r.sum_largest);
    if (a.alpha != 1)
      d = scale(d, a.alpha, step);
    d = limited(d, r.sum_largest);
    if (a.beta != 0 && !a.c.empty())
      d = add(d, scale(exact(part(a.c, batch, a.m * a.n), a.m, a.n), a.beta, step), step);
    if (!a.bias.empty())
      d = add(d, exact(a.bias, 1, a.n), step);
    if (a.activation != Activation::None)
      d = limited(d, r.sum_largest);
    Reference one = referenceOf(activate(d, a.activation, a.slope, r), r);
    result.value.insert(result.value.end(), one.value.begin(), one.value.end());
    result.bound.insert(result.bound.end(), one.bound.begin(), one.bound.end());
  }
  result.tight = result.bound;
  return result;
}

} // namespace kverify::oracle

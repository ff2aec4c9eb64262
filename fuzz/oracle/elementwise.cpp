#include "fuzz/oracle/elementwise.h"

namespace kverify::oracle {

Reference elementwise(const ElementwiseProblem& a, const Rounding& r) {
  using Combine = ElementwiseProblem::Combine;
  const Step step = stepOf(r);
  Bounded y = exact(a.x, a.rows, a.n);
  if (!a.bias.empty())
    y = add(y, exact(a.bias, 1, a.n), step);
  if (a.function != Activation::None)
    y = limited(y, r.sum_largest);
  y = activate(y, a.function, a.alpha, r);
  if (a.combine != Combine::None) {
    y = limited(y, r.sum_largest);
    const Bounded z = exact(a.z, a.rows, a.n);
    switch (a.combine) {
    case Combine::Add: y = add(y, z, step); break;
    case Combine::Subtract: y = subtract(y, z, step); break;
    case Combine::Multiply: y = multiply(y, z, step); break;
    case Combine::Divide: y = divide(y, z, step); break;
    case Combine::None: break;
    }
  }
  return referenceOf(y, r);
}

} // namespace kverify::oracle

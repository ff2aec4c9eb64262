#include "frontend/host/guessed_size.h"

#include <algorithm>

namespace kverify::frontend::host {

void goesThisWay(HostSize& size, const Term& condition) {
  if (size.certainty != Certainty::Guessed || size.equals || condition->args.size() != 2 || condition->args[0]->op != ExprOp::Name ||
      condition->args[0]->name != size.name)
    return;
  auto limit = constantOf(condition->args[1]);
  if (!limit)
    return;
  bool strict = condition->op == ExprOp::Less || condition->op == ExprOp::Greater;
  std::int64_t nearest = *limit + (condition->op == ExprOp::Less ? -1 : strict ? 1 : 0);
  if (nearest < 0)
    return; // no contract has such a size
  if ((condition->op == ExprOp::Less || condition->op == ExprOp::LessEqual) && size.low > nearest)
    size.low = std::max<std::int64_t>(nearest - 1, 0), size.high = nearest;
  else if ((condition->op == ExprOp::Greater || condition->op == ExprOp::GreaterEqual) && size.high < nearest)
    size.low = nearest, size.high = nearest + 1;
  else if (condition->op == ExprOp::Equal && (size.low > nearest || size.high < nearest))
    size.low = size.high = nearest;
}

} // namespace kverify::frontend::host

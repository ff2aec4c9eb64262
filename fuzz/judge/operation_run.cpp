#include "fuzz/judge/operation_run.h"

#include <utility>

#include <fmt/format.h>

#include "contract/operation.h"

namespace kverify::judge {

Expected<OperationRun> OperationRun::make(const Contract& contract, const LaunchPlan& plan) {
  OperationRun run(contract, plan);
  for (const auto& [name, value] : plan.sizes)
    run.sizes_[name] = value;
  auto axes = contract::axisExtents(contract, run.sizes_);
  if (!axes)
    return tl::unexpected<ToolError>(axes.error());
  run.axes_ = std::move(*axes);
  return run;
}

template <class T>
T OperationRun::take(const Expected<T>& value, T fallback) const {
  if (value)
    return *value;
  if (!error_)
    error_ = value.error();
  return fallback;
}

std::int64_t OperationRun::axis(const std::string& name) const {
  auto at = axes_.find(name);
  if (at != axes_.end())
    return at->second;
  if (!error_)
    error_ = ToolError{ErrorKind::Internal, fmt::format("{} has no axis '{}'", contract_->spec->name, name), "", ""};
  return 1;
}

double OperationRun::real(const std::string& option) const {
  return take(contract::realOption(*contract_, sizes_, axes_, option), 0.0);
}

std::int64_t OperationRun::integer(const std::string& option) const {
  return take(contract::integerOption(*contract_, sizes_, axes_, option), std::int64_t{0});
}

std::string OperationRun::choice(const std::string& option) const {
  return take(contract::choiceOption(*contract_, sizes_, option), std::string());
}

std::vector<double> OperationRun::input(const std::string& role) const {
  RoleView view = viewRole(*contract_, *plan_, axes_, role);
  if (!view.tensor)
    return {};
  return readDense(view, view.tensor->dtype, plan_->buffers[view.buffer].bytes);
}

std::vector<std::int64_t> OperationRun::integers(const std::string& role, std::int64_t low, std::int64_t high) const {
  RoleView view = viewRole(*contract_, *plan_, axes_, role);
  if (!view.tensor)
    return {};
  std::vector<std::int64_t> values = readIntegers(view, view.tensor->dtype, plan_->buffers[view.buffer].bytes);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] < low || values[i] > high) {
      refuse(fmt::format("{}{} is {}, but {} takes values in [{}, {}]: give the tensor a \"holds\" that keeps them",
                         view.tensor->name, view.indexText(static_cast<std::int64_t>(i)), values[i],
                         contract_->spec->name, low, high),
             view.tensor->place);
      values[i] = low;
    }
  return values;
}

oracle::Rounding OperationRun::rounding(const std::string& output_role) const {
  std::int64_t tile = 0, chain = 0;
  const Precision& precision = contract_->precision;
  for (auto [expr, value] : {std::pair(&precision.tile, &tile), std::pair(&precision.chain, &chain)}) {
    if (!*expr)
      continue;
    *value = take(evalInteger(*expr, sizes_), std::int64_t{1});
    if (*value < 1)
      refuse(fmt::format("{} = {} is not positive", expr->text, *value), expr->place);
  }
  const TensorDecl* tensor = contract_->findRole(output_role);
  return oracle::makeRounding(precision, oracle::arithmeticOf(tensor ? tensor->dtype : DType::F32), tile, chain);
}

void OperationRun::refuse(std::string message, std::string place) const {
  if (!error_)
    error_ = ToolError{ErrorKind::Input, std::move(message), place.empty() ? contract_->path : std::move(place), ""};
}

} // namespace kverify::judge

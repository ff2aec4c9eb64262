#pragma once
// One run of an operation as the function that asks its oracle sees it: axes, options and tensors by name.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/judge/operands.h"
#include "fuzz/oracle/rounding.h"
#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::judge {

/// Reads what the contract says about an operation at the sizes of a plan. The first error is kept and every read after
/// it gives a harmless default, so that a caller is a straight line and asks once, at the end, for error().
class OperationRun {
public:
  /// Both must outlive this. Errors: Input (extents that contradict each other).
  static Expected<OperationRun> make(const Contract& contract, const LaunchPlan& plan);

  const Contract& contract() const { return *contract_; }
  const LaunchPlan& plan() const { return *plan_; }
  const Sizes& axes() const { return axes_; }

  std::int64_t axis(const std::string& name) const;
  double real(const std::string& option) const;
  std::int64_t integer(const std::string& option) const;
  std::string choice(const std::string& option) const;

  /// Does the contract give a tensor this role?
  bool has(const std::string& role) const { return contract_->findRole(role) != nullptr; }
  /// Initial contents of an input, dense in the order of the role's axes; empty where no tensor has the role.
  std::vector<double> input(const std::string& role) const;
  /// The same of an integer role, whose values must be in [low, high]: others are an error that names the element.
  std::vector<std::int64_t> integers(const std::string& role, std::int64_t low, std::int64_t high) const;

  /// The contract's precision with the output type of this role's tensor (f32 where there is none).
  oracle::Rounding rounding(const std::string& output_role) const;

  /// Ends the judgement with one sentence: what the contract asks for has no reference.
  void refuse(std::string message, std::string place = {}) const;
  const std::optional<ToolError>& error() const { return error_; }

private:
  OperationRun(const Contract& contract, const LaunchPlan& plan) : contract_(&contract), plan_(&plan) {}
  template <class T>
  T take(const Expected<T>& value, T fallback) const;

  const Contract* contract_;
  const LaunchPlan* plan_;
  Sizes sizes_, axes_;
  mutable std::optional<ToolError> error_;
};

} // namespace kverify::judge

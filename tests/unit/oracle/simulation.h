#pragma once
// Kernels as loops in float, run on a plan instead of an executor: tensors by role, and audits of such kernels.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fuzz/judge/operands.h"
#include "simulated_kernels.h"

namespace kverify::testing {

float roundTo(Arithmetic type, float value);

/// One role of a plan as floats, in the order of the spec's axes.
struct Operand {
  judge::RoleView view;
  std::vector<float> values;
};

Operand load(const Contract& contract, const LaunchPlan& plan, const Sizes& axes, const std::string& role);
std::vector<std::vector<std::uint8_t>> initialContents(const LaunchPlan& plan);
void store(std::vector<std::vector<std::uint8_t>>& contents, const judge::RoleView& view, std::int64_t flat,
           double value);
Sizes axesOf(const Contract& contract, const LaunchPlan& plan);

using Kernel = std::function<std::vector<std::vector<std::uint8_t>>(const LaunchPlan&)>;

/// Everything is dense, in the order of the spec's axes; empty where no tensor has the role.
class Simulation {
public:
  Simulation(const Contract& contract, const LaunchPlan& plan);
  std::int64_t axis(const std::string& name) const { return axes_.at(name); }
  std::vector<float> in(const std::string& role) const;
  std::vector<std::int64_t> integers(const std::string& role) const;
  /// Rounded to the tensor's type; ignored where no tensor has the role.
  void out(const std::string& role, std::span<const float> values);
  std::vector<std::vector<std::uint8_t>> contents() const { return contents_; }

private:
  const Contract& contract_;
  const LaunchPlan& plan_;
  Sizes axes_;
  std::vector<std::vector<std::uint8_t>> contents_;
};

struct AuditResult {
  double worst_ratio = 0;
  std::size_t cases = 0, failed = 0, review = 0;
  std::uint64_t compared = 0, unbounded = 0;
  std::string worst, first_message;
};

/// All cases that an audit with this seed would draw, or those up to the first that fails.
AuditResult audit(const Contract& contract, const Kernel& kernel, std::uint64_t seed = 1, bool stops = false);

/// parseContract, with a test failure where it fails.
Contract contractOf(const std::string& text);

/// The kernel stays inside the bound on all cases of two seeds; the worst ratio is printed.
void expectCorrect(const char* what, const Contract& contract, const Kernel& kernel);
/// Some case shows that the kernel is wrong.
void expectRefuted(const char* what, const Contract& contract, const Kernel& kernel);

} // namespace kverify::testing

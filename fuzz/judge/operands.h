#pragma once
// Tensors of a plan as dense arrays in the order of the spec's axes.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::judge {

/// Where every element of a role, taken in the order of the spec's axes (row-major), stands in its buffer.
struct RoleView {
  const TensorDecl* tensor = nullptr;
  const SpecRole* role = nullptr;
  std::size_t buffer = 0;            ///< index into LaunchPlan::buffers
  std::vector<std::int64_t> extents; ///< of the role's axes
  std::vector<std::int64_t> strides; ///< in elements; 0 for an axis that the tensor leaves out (1, or broadcast)

  std::int64_t count() const;
  /// The buffer element of the dense index `flat`.
  std::int64_t elementAt(std::int64_t flat) const;
  /// "[b=0, h=1, nq=3, dv=17]"
  std::string indexText(std::int64_t flat) const;
};

/// The view of a role; tensor is null where the contract has none for it.
RoleView viewRole(const Contract& contract, const LaunchPlan& plan, const Sizes& axes, const std::string& role);

/// All elements as doubles, in the order of the axes; an i64 beyond 2^53 is rounded.
std::vector<double> readDense(const RoleView& view, DType dtype, std::span<const std::uint8_t> bytes);

/// The same of an integer tensor, exactly.
std::vector<std::int64_t> readIntegers(const RoleView& view, DType dtype, std::span<const std::uint8_t> bytes);

} // namespace kverify::judge

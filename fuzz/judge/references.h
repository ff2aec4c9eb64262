#pragma once
// The oracle's answer for a plan, and writing dense values back into a plan's tensors: for whoever makes plans out of
// plans (properties, adequacy), or runs one plan many times (mutants).
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/judge/judge.h"
#include "fuzz/judge/operations.h"

namespace kverify::judge {

/// Reference and bound of every output role of the contract's operation, from the inputs of the plan.
/// Errors: as of judge(): Input (no spec, no such oracle, options that have no reference).
Expected<References> askReferences(const Contract& contract, const LaunchPlan& plan);

/// judge() with what askReferences() gave for this very plan: for whoever judges many runs of it.
Expected<Judgement> judge(const Contract& contract, const LaunchPlan& plan,
                          std::span<const std::vector<std::uint8_t>> outputs, const References& references);

/// Rounds to the type (to nearest even); what is too large becomes infinite, in E4M3 NaN.
void storeReal(DType dtype, std::span<std::uint8_t> bytes, std::int64_t element, double value);

/// The opposite of readDense. An axis that the tensor leaves out must have extent 1.
void writeDense(const RoleView& view, DType dtype, std::span<std::uint8_t> bytes, std::span<const double> values);

} // namespace kverify::judge

#pragma once
// From a contract and sizes to a concrete job: allocations, launches, arguments. Contents are filled by fuzz/generate.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "frontend/device_module.h"
#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::contract {

struct InstantiateLimits {
  std::uint64_t memory_bytes = std::uint64_t{4} << 30; ///< all buffers together
};

/// Evaluates shapes, strides, launches and scalars at `sizes` (the free ones suffice). Buffers come in the order of
/// Contract::tensors, without contents. The contract must have passed fit().
/// Errors: Input (a requirement is broken, a size is out of range, a shape is negative, a value does not fit its
/// parameter, extents that contradict the spec), Limit (memory: how much was asked for).
Expected<LaunchPlan> instantiate(const Contract& contract, std::span<const frontend::KernelInfo> kernels,
                                 const Sizes& sizes, const InstantiateLimits& limits = {});

/// What a plan at these (complete) sizes would cost, without making it and without looking at any kernel.
struct PlanCost {
  double bytes = 0;             ///< of all tensors
  double threads = 0;           ///< of all launches
  std::vector<double> elements; ///< per tensor, padding included
};
/// Errors: those of instantiate() that need no signature: shapes, launches, axes; not `requires`, not the limits.
Expected<PlanCost> planCost(const Contract& contract, const Sizes& complete_sizes);

/// What a kernel is run with when there is no contract.
struct AssumeOptions {
  Dim3 grid, block;
  std::uint32_t dynamic_shared_bytes = 0;
  std::map<std::string, std::string> args; ///< values of scalar parameters by name, as written: "n=1000", "eps=1e-5"
  std::int64_t integer = 64;               ///< value of an integer parameter that is not in `args`
  double real = 1.0;                       ///< value of a floating parameter that is not in `args`
  std::uint64_t buffer_bytes = 1 << 20;    ///< of each pointer's buffer
};

struct AssumedPlan {
  LaunchPlan plan;
  std::vector<std::string> assumptions; ///< one sentence each, for the report
};

/// A plan from the signature alone: every pointer is a distinct buffer of `buffer_bytes` (const: read, else
/// read and write, both initialised by fuzz/generate), every scalar from `args` or the assumed value. A struct is its
/// fields: "q.v.n" in `args` is the field 'v.n' of the parameter 'q'.
/// Errors: Input (no such parameter, with near names; a value that does not fit; a struct that KernelParam::fields has not).
Expected<AssumedPlan> assumePlan(const frontend::KernelInfo& kernel, const AssumeOptions& options);

/// The same as a contract, for the stages that ask about all values: every pointer is a tensor of its own (of no
/// declared extent), every 32 or 64 bit integer that is not in `options.args` a size with its type's whole range (an
/// unsigned one: up to the signed maximum), fields of structs too; other values are not followed.
/// Errors: Input (no such parameter in `options.args`; a value that does not fit).
Expected<Contract> assumedContract(const frontend::KernelInfo& kernel, const AssumeOptions& options);

} // namespace kverify::contract

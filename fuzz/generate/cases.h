#pragma once
// The cases of one audit: which sizes, which family of values, which seed. The same Case gives the same bytes on
// every machine: own generator, own normal transform, no library distribution.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contract/instantiate.h"
#include "frontend/device_module.h"
#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::generate {

/// Element of an allocation -> the value it gets.
using Values = std::map<std::int64_t, double>;

/// Everything that the bytes of a plan depend on, beside the contract.
struct Case {
  std::uint64_t seed = 0;
  std::string family; ///< one of familyNames()
  Sizes sizes;        ///< complete: free and derived
  double work = 0;    ///< estimate, multiply-adds or accesses; for scheduling and time budgets
  std::optional<Dim3> only_block; ///< see LaunchPlan::only_block
  /// Tensor -> the elements that keep their value; its others are zero. A tensor that is not named keeps all.
  std::map<std::string, std::vector<std::int64_t>> kept;
  /// Float tensor -> elements that get another value than the family gives them, before `kept` is looked at. Finite.
  std::map<std::string, Values> changed;
  std::uint64_t schedule = 0; ///< not 0: run in the usual order and in this one, which must give the same bits
  std::string property; ///< two launches that a property relates (fuzz/properties); empty: one launch, judged by itself

  std::string describe() const; ///< "N=33 D=64, family normal, seed 7"
};

struct CaseBudget {
  std::size_t cases = 36;                                ///< at most this many
  double work = 3e6;                                     ///< multiply-adds of a usual case
  double large_work = 2e7;                               ///< of the one or two large ones
  std::uint64_t memory_bytes = std::uint64_t{256} << 20; ///< buffers of one case
  /// Extents that the kernel works in (frontend::tileExtents): sizes next to them are tried, whatever the author listed.
  std::vector<std::int64_t> tiles;
};

struct CaseSet {
  std::vector<Case> cases;             ///< cheap ones first
  std::uint64_t rejected_requires = 0; ///< drawn but outside `requires`
  std::uint64_t rejected_work = 0;     ///< drawn but too large for the budget
  std::vector<std::string> uncovered;  ///< "N=4096": values worth trying that no case could include
  std::string scope;                   ///< the sizes that are covered, in words: "N in {1, 31, 32, 33, 512}, D in {64}"
};

/// Draws the cases. Errors: Input when no sizes satisfy the contract (zero cases is never a pass).
Expected<CaseSet> makeCases(const Contract& contract, std::uint64_t seed, const CaseBudget& budget = {});

/// The sizes of these cases in words, as CaseSet::scope.
std::string scopeOf(const Contract& contract, std::span<const Case> cases);

/// The families that suit this contract's operation, in the order they are dealt to the cases.
std::vector<std::string> familyNames(const Contract& contract);

/// A complete plan: instantiate() and contents for every read and read-write tensor. Row padding is 0xFF bytes.
/// With Case::only_block, whatever the limits: large tensors have no contents, and read as zeros.
/// Errors: as of instantiate(); Limit where a large tensor has to hold what the contract says.
Expected<LaunchPlan> buildPlan(const Contract& contract, std::span<const frontend::KernelInfo> kernels,
                               const Case& one_case, const contract::InstantiateLimits& limits = {});

/// Contents for a plan made without a contract: floats from N(0,1), integers from [0, 64), by `seed`.
void fillAssumedPlan(LaunchPlan& plan, std::uint64_t seed);

} // namespace kverify::generate

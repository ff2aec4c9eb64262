#pragma once
// Compares what a kernel wrote with the fp64 reference, under the bound that a correct kernel of the declared
// precision keeps (sources: fuzz/oracle).
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::judge {

/// One element of an output tensor.
struct Element {
  std::string tensor;
  std::string index; ///< "[b=0, h=1, nq=3, dv=17]"
  double got = 0, want = 0, bound = 0;
};

enum class Tier {
  Pass,
  Review, ///< above the tight tier, below the bound: legal, but worth a look
  Fail,   ///< above the bound
};

struct Judgement {
  Tier tier = Tier::Pass;
  double worst_ratio = 0;                 ///< largest error/bound; infinite where a finite value was due and none came
  double worst_tight_ratio = 0;           ///< the same against the tight tier
  double signed_mean_error = 0;           ///< mean of (got - want), over the elements where both are finite
  double mean_bound = 0;                  ///< mean of the bounds, to set it against
  std::uint64_t compared = 0;             ///< elements
  std::uint64_t over_bound = 0;           ///< elements above the bound, non-finite mismatches apart
  std::uint64_t unbounded = 0;            ///< elements whose bound is infinite: the data leave the result open
  std::uint64_t nonfinite = 0;            ///< elements whose NaN/Inf does not agree with the reference
  std::uint64_t nonfinite_due = 0;        ///< elements where the reference asks for NaN or an infinity
  std::optional<Element> worst;           ///< where worst_ratio was, among the finite ones
  std::optional<Element> first_nonfinite; ///< the first non-finite mismatch
  std::string bound_message;              ///< one sentence when over_bound > 0 (check numerics.bound), else empty
  std::string nonfinite_message;          ///< one sentence when nonfinite > 0 (check numerics.nonfinite), else empty
};

/// Judges one finished run. `outputs` are the final contents in the order of plan.buffers; the plan must come from
/// this contract (generate::buildPlan), its buffers hold the inputs. The contract must name a spec.
/// Errors: Input (no spec, an oracle that does not exist, a required role without tensor), Internal (sizes of outputs).
Expected<Judgement> judge(const Contract& contract, const LaunchPlan& plan,
                          std::span<const std::vector<std::uint8_t>> outputs);

inline constexpr const char* kBoundCheck = "numerics.bound";
inline constexpr const char* kNonfiniteCheck = "numerics.nonfinite";

} // namespace kverify::judge

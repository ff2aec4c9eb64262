#pragma once
// The operation as the simplest fp32 program would do it: plain loops, one sum from first to last. Not a reference: what
// a kernel's error is set against, so that a reader sees whether its order of summation is better or worse than none.
#include <map>
#include <string>
#include <vector>

#include "fuzz/judge/operation_run.h"
#include "fuzz/judge/references.h"

namespace kverify::stability {

/// Results by output role, dense in the order of the role's axes.
using NaiveResults = std::map<std::string, std::vector<float>>;

/// Largest absolute error of the naive program at each output; no entry where it has none for the operation.
std::map<std::string, double> naiveErrors(const Contract& contract, const LaunchPlan& plan,
                                          const judge::References& references);

/// Dense attention with every option of its spec: O; and dQ, dK, dV of its backward pass.
NaiveResults naiveAttention(const judge::OperationRun& run);
NaiveResults naiveAttentionBackward(const judge::OperationRun& run);

} // namespace kverify::stability

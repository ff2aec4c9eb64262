#pragma once
// The operations that have an oracle: from a run to references, one function each (fuzz/judge/operations/).
#include <map>
#include <string>
#include <vector>

#include "fuzz/judge/operation_run.h"
#include "fuzz/oracle/rounding.h"

namespace kverify::judge {

/// By output role.
using References = std::map<std::string, oracle::Reference>;
/// Values of inputs that follow from other inputs, by role, dense in the order of the role's axes.
using DerivedInputs = std::map<std::string, std::vector<double>>;

struct Operation {
  References (*ask)(const OperationRun&);
  /// Where inputs depend on each other (a backward pass is given its forward's results); else null.
  DerivedInputs (*derive)(const OperationRun&) = nullptr;
};

/// The operation that a spec's `oracle` names, or null.
const Operation* findOperation(const std::string& oracle);
std::vector<std::string> operationNames();

/// Of a plan whose other inputs are filled; nothing where the operation needs none. Errors: Input.
Expected<DerivedInputs> derivedInputs(const Contract& contract, const LaunchPlan& plan);

References askAttentionForward(const OperationRun& run);
References askAttentionVarlen(const OperationRun& run);
References askAttentionPaged(const OperationRun& run);
References askAttentionSplit(const OperationRun& run);
References askAttentionMerge(const OperationRun& run);
References askAttentionBackward(const OperationRun& run);
DerivedInputs deriveAttentionBackward(const OperationRun& run);
References askSoftmax(const OperationRun& run);
References askLayerNorm(const OperationRun& run);
References askLogSoftmax(const OperationRun& run);
References askCrossEntropy(const OperationRun& run);
References askRmsNorm(const OperationRun& run);
References askLayerNormBackward(const OperationRun& run);
References askRmsNormBackward(const OperationRun& run);
References askMatmul(const OperationRun& run);
References askElementwise(const OperationRun& run);
References askReduction(const OperationRun& run);
References askRope(const OperationRun& run);
DerivedInputs deriveLayerNormBackward(const OperationRun& run);
DerivedInputs deriveRmsNormBackward(const OperationRun& run);
DerivedInputs deriveRope(const OperationRun& run);

} // namespace kverify::judge

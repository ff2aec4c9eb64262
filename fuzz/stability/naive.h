#pragma once
// The operation as the simplest fp32 program would do it: three passes, one sum from first to last. Not a reference: what
// a kernel's error is set against, so that a reader sees whether its order of summation is better or worse than none.
#include <optional>

#include "fuzz/judge/references.h"
#include "fuzz/properties/property.h"

namespace kverify::stability {

/// Largest error of the naive program at the operation's first output; nothing where there is none for the operation.
std::optional<double> naiveError(const properties::Setting& setting, const LaunchPlan& plan,
                                 const judge::References& references);

} // namespace kverify::stability

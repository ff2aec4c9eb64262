#pragma once
// SARIF 2.1.0 (OASIS Standard, 2020), with what GitHub code scanning asks for on top.
#include <string>

#include "report/format.h"

namespace kverify::report {

/// One run. A confirmed finding is a result of its check's rule, with every place it is about; two threads that nothing
/// orders are one code flow with two thread flows. A kernel that is inconclusive or could not be judged is a result too,
/// so that an empty list is never what an undecided audit looks like. Paths are relative to the top of the repository.
std::string renderSarif(const Report& report, const RenderOptions& options);

} // namespace kverify::report

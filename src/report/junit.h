#pragma once
// JUnit XML, as Jenkins, GitLab and others read it.
#include <string>

#include "report/format.h"

namespace kverify::report {

/// A kernel is a suite, a check is a case, and "verdict" is one more. Refuted is a failure; what no stage could decide is
/// an error, even where the policy lets the tests of other checks decide: JUnit has no third colour, and nothing is ever
/// skipped. A check that had nothing to judge is no case.
std::string renderJunit(const Report& report, const RenderOptions& options);

} // namespace kverify::report

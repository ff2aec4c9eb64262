#pragma once
// Annotations of a GitHub workflow, as commands on standard output.
#include <string>

#include "report/format.h"

namespace kverify::report {

/// GitHub shows ten annotations of a kind for a step, so ten are printed at most, the worst first, and how many more there
/// are. Kernels that are inconclusive or were not judged are annotated too. The last line is the verdict.
std::string renderGithub(const Report& report, const RenderOptions& options);

/// The data of a workflow command: %, and what ends a line, escaped.
std::string escapeData(std::string_view text);
/// A property of one: also what ends a property.
std::string escapeProperty(std::string_view text);

} // namespace kverify::report

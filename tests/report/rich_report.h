#pragma once
// A report with every kind of thing in it, for the tests of the formats: facts, tiles, proofs with lines, stability, text
// that tries to break out of each format, and the sources that it is about.
#include <optional>
#include <string>

#include "kverify/report.h"

namespace kverify::report::tests {

/// The text of a source of the report; nothing for other paths. "changed.cu" is not what was judged.
std::optional<std::string> sourceText(const std::string& path);

/// Registers the checks that the report names, once.
void registerSampleChecks();

KernelReport racyKernel();     ///< refuted: a race with its interval and its tile, and a static warning
KernelReport wrongKernel();    ///< refuted: values over the bound, stability, a suppression, something unconfirmed
KernelReport provedKernel();   ///< certified: proofs for all sizes and bounded ones, tests, nothing to judge
KernelReport unknownKernel();  ///< inconclusive, and full of text that is markup somewhere
KernelReport brokenKernel();   ///< not judged: clang's own text, several lines
Report richReport();           ///< all of them

} // namespace kverify::report::tests

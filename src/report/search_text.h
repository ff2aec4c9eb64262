#pragma once
// What the report says about the cases that were tried and what they reached.
#include <string>

#include "report/text.h"

namespace kverify::report {

/// "= search: …" and "= coverage: …", and with all_checks a row for each loop and each way that no case took. Nothing where
/// nothing was run.
std::string renderSearch(const KernelReport& kernel, const TextOptions& options);

} // namespace kverify::report

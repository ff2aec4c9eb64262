#pragma once
// What the report says about the oracle and about the stability stage.
#include <string>

#include "report/text.h"

namespace kverify::report {

/// "= oracle: rejects 18 of 18 wrong results", with the survivors where there are any. Nothing where it was not judged.
std::string renderAdequacy(const KernelReport& kernel, const TextOptions& options);

/// One line, and with all_checks a row for each stress case and each length.
std::string renderStability(const KernelReport& kernel, const TextOptions& options);

} // namespace kverify::report

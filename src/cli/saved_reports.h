#pragma once
// Reports that kverify audit --format json wrote, read back.
#include <string>
#include <vector>

#include "kverify/report.h"

namespace kverify::cli {

/// Reads one file; "-" is standard input. Errors: Input (not there, too large, not a report, of another version).
Expected<Report> readReport(const std::string& path);

/// Several as one: their kernels one after the other, the worst exit code. What they disagree about is joined. One report
/// stays as it is.
Report joined(std::vector<Report> reports);

} // namespace kverify::cli

#pragma once
// kverify.report/1: the report as JSON (specs/schema/report.schema.json), and back.
#include <string>
#include <string_view>

#include "kverify/error.h"
#include "kverify/report.h"

namespace kverify::report {

inline constexpr const char* kReportFormat = "kverify.report/1";

/// The whole report, indented, ending with a newline. Bytes that are not UTF-8 are replaced.
std::string renderJson(const Report& report);

/// The inverse of renderJson. `name` is for messages: a path, or "<stdin>". Nothing is lost: a report that would not
/// come out again as it went in is refused.
/// Errors: Input (not JSON, not a report, one of another format, something in it that is not known), with the place.
Expected<Report> reportFromJson(const std::string& name, std::string_view text);

/// One kernel as a JSON object, as it stands in `kernels`.
std::string kernelToJson(const KernelReport& kernel);

/// "compile", "input", …: as it stands in `error`.
std::string errorKindName(ErrorKind kind);

/// The inverse of kernelToJson. Errors: Internal (not such an object).
Expected<KernelReport> kernelFromJson(std::string_view text);

} // namespace kverify::report

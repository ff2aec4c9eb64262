#pragma once
// For the model that wrote the kernel: what fails first, as numbers, and what already passes. kverify.feedback/1
// (specs/schema/feedback.schema.json).
#include <string>

#include "report/format.h"

namespace kverify::report {

inline constexpr const char* kFeedbackFormat = "kverify.feedback/1";
/// Bytes, whatever is in the report: what is left out is counted.
inline constexpr std::size_t kFeedbackLimit = std::size_t{32} << 10;

/// One line of JSON, keys in the order in which they matter. The worst kernels first; of each the first stage that fails
/// (compile, static, fuzz, formal, stability, gpu, sanitizer, bench), one finding of it in full, the others in brief.
std::string renderFeedback(const Report& report, const RenderOptions& options);

} // namespace kverify::report

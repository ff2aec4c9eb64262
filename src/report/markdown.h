#pragma once
// GitHub-flavoured Markdown for a step summary or a comment.
#include <string>

#include "report/format.h"

namespace kverify::report {

/// GitHub takes 1 MiB for the summary of a step. What does not fit is counted, never cut in the middle.
inline constexpr std::size_t kMarkdownLimit = std::size_t{1} << 20;

/// The verdict first, then a table of kernels, then each kernel, the worst first.
std::string renderMarkdown(const Report& report, const RenderOptions& options);

/// The same under another limit, in bytes.
std::string renderMarkdownWithin(const Report& report, const RenderOptions& options, std::size_t limit);

/// Text that Markdown and HTML take for nothing but text, on one line.
std::string escapeMarkdown(std::string_view text);

} // namespace kverify::report

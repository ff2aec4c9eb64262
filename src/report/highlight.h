#pragma once
// CUDA source as HTML: comments, strings, numbers, keywords and what CUDA adds, each in a span of a class.
#include <string>
#include <vector>

namespace kverify::report {

/// One piece of HTML a line. Spans never cross a line's end. Classes: c comment, s string, n number, k keyword,
/// b built in by CUDA, p preprocessor.
std::vector<std::string> highlight(const std::vector<std::string>& lines);

} // namespace kverify::report

#pragma once
// The report as text for a terminal: findings first, the verdict last. Renderers never decide anything.
#include <functional>
#include <optional>
#include <string>

#include "kverify/report.h"

namespace kverify::report {

/// One line of a source file (counted from 1, without its newline), or nothing where it cannot be had.
using LineReader = std::function<std::optional<std::string>(const std::string& file, unsigned line)>;

/// Reads lines from disk and keeps the files that it has opened.
LineReader diskLines();

struct TextOptions {
  bool color = false;
  bool all_checks = false; ///< one row a check; otherwise checks of one family with equal outcomes share a row
  LineReader lines;        ///< empty: no source lines are shown
};

/// One kernel: its heading, findings, table of outcomes, notes and verdict. Ends with a newline.
std::string renderKernel(const KernelReport& kernel, const TextOptions& options);

/// What is said once, after all kernels. Its last line is the verdict.
std::string renderSummary(const Report& report, const TextOptions& options);

/// All kernels, then the summary.
std::string renderText(const Report& report, const TextOptions& options);

/// One finding as in "error[race.shared-read-write]: …", with its places, launch, help and replay.
std::string renderFinding(const Finding& finding, const TextOptions& options);

/// "error: MESSAGE", its place and its hint.
std::string renderError(const ToolError& error, bool color);

} // namespace kverify::report

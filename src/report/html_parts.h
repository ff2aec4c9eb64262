#pragma once
// The parts of the HTML page, one file each, and what they share.
#include <string>
#include <string_view>
#include <vector>

#include "report/format.h"

namespace kverify::report {

extern const char* const kHtmlStyle;

/// One kernel on the page.
struct HtmlKernel {
  const Report& report;
  const RenderOptions& options;
  const KernelReport& kernel;
  std::string id; ///< "k0": in front of every id of this kernel
  bool with_source = true;
  std::vector<std::string> files; ///< that findings and outcomes are about, the kernel's own first
};

HtmlKernel makePage(const Report& report, const RenderOptions& options, const KernelReport& kernel, std::size_t index,
                    bool with_source);

/// "certified" with its sign, as a badge.
std::string verdictBadge(std::string_view verdict);
/// The same for "proved", "tested", "refuted", "unknown".
std::string outcomeBadge(std::string_view outcome);

/// Id of a line of the source on the page.
std::string lineId(const HtmlKernel& page, const std::string& file, unsigned line);

/// A term and its description; nothing where the description is empty. `html` is HTML already.
std::string item(std::string_view term, std::string_view html);

/// What may be wider than a phone: scrolls by itself, and the keyboard reaches it.
std::string scrollable(std::string_view label, std::string_view html);

std::string htmlFinding(const HtmlKernel& page, std::size_t index);
std::string htmlScope(const HtmlKernel& page);
std::string htmlChecks(const HtmlKernel& page);
std::string htmlSource(const HtmlKernel& page);
std::string htmlStability(const HtmlKernel& page);
std::string htmlTiming(const HtmlKernel& page);
std::string htmlAssumptions(const HtmlKernel& page);

/// What proofs and tests cover, each text once and lettered: the table of checks names them by their letters.
std::vector<std::string> scopesOf(const KernelReport& kernel);
std::string scopeLetter(std::size_t index);

} // namespace kverify::report

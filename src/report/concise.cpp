#include "report/concise.h"

#include <fmt/format.h>

#include "report/digest.h"
#include "report/ink.h"
#include "report/text.h"

namespace kverify::report {
namespace {

std::string findingLines(const Finding& finding, bool color) {
  std::string word = wordOf(finding);
  Ink ink = word == "error" ? Ink::Red : Ink::Yellow;
  std::string text = fmt::format("{}: {}: {} [{}]\n", placeOf(primaryOf(finding)), inked(word, ink, color),
                                 flat(finding.message), finding.check);
  for (std::size_t i = 0; i < finding.locations.size(); ++i)
    if (const FindingLocation& at = finding.locations[i]; !at.what.empty())
      text += fmt::format("{}: {}: {}\n", placeOf(headOf(at)), inked("note", Ink::Blue, color), flat(at.what));
  return text;
}

} // namespace

std::string conciseKernel(const KernelReport& kernel, const RenderOptions& options) {
  std::string text;
  for (const Finding& finding : kernel.findings)
    text += findingLines(finding, options.color);
  if (const auto& error = kernel.error) {
    std::string place = error->place.empty() ? kernel.file : error->place;
    return text + fmt::format("{}: {}: {}\n", place, inked("error", Ink::Red, options.color), flat(error->message));
  }
  for (const Obligation& one : obligationsOf(kernel))
    if (const auto* unknown = std::get_if<Unknown>(&one.decisive->outcome))
      text += fmt::format("{}: {}: {}: {} [{}]\n", kernel.file, inked("unknown", Ink::Yellow, options.color), unknown->code,
                          flat(unknown->detail), one.check);
  std::string verdict = verdictOf(kernel);
  return text + fmt::format("{}: {}{}: {}\n", kernel.file, kernel.kernel.empty() ? "" : kernel.kernel + ": ",
                            inked(verdict, inkOf(verdict), options.color), groundsOf(kernel));
}

std::string renderConcise(const Report& report, const RenderOptions& options) {
  std::string text;
  for (const KernelReport& kernel : report.kernels)
    text += conciseKernel(kernel, options);
  return text + renderSummary(report, {.color = options.color});
}

} // namespace kverify::report

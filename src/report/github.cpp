#include "report/github.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/text.h"

namespace kverify::report {
namespace {

constexpr std::size_t kMost = 10;

struct Annotation {
  int rank = 0; ///< 0 error, 1 warning, 2 notice
  SourceLocation at;
  std::string title, message;
};

constexpr const char* kCommands[] = {"error", "warning", "notice"};

Annotation annotationOf(const Finding& finding, const KernelReport& kernel) {
  std::string_view word = wordOf(finding);
  Annotation one{.rank = word == "error" ? 0 : word == "note" ? 2 : 1};
  one.at = finding.locations.empty() ? SourceLocation{kernel.file, 0, 0, ""} : primaryOf(finding);
  one.title = fmt::format("{}{}", word == "unconfirmed" ? "unconfirmed: " : "", finding.check);
  one.message = finding.message;
  for (const FindingLocation& location : finding.locations)
    if (!location.what.empty())
      one.message += fmt::format("\n{}: {}", placeOf(headOf(location)), location.what);
  if (!finding.launch.empty())
    one.message += "\nlaunch: " + finding.launch;
  if (std::string help = helpOf(finding); !help.empty())
    one.message += "\nhelp: " + help;
  if (!finding.replay.empty())
    one.message += "\nreplay: kverify replay " + finding.replay;
  return one;
}

std::vector<Annotation> annotationsOf(const Report& report) {
  std::vector<Annotation> all;
  for (const KernelReport& kernel : report.kernels) {
    for (const Finding& finding : kernel.findings)
      all.push_back(annotationOf(finding, kernel));
    SourceLocation file{kernel.file, 0, 0, ""};
    if (const auto& error = kernel.error)
      all.push_back({0, placeOfError(kernel), "not judged", error->message + (error->place.empty() ? "" : "\n" + error->place)});
    else if (kernel.verdict == Verdict::Inconclusive)
      all.push_back({1, file, "inconclusive", fmt::format("{}: {}", kernel.kernel, groundsOf(kernel))});
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
  return all;
}

std::string command(const Annotation& one, const Report& report, const RenderOptions& options) {
  std::string text = fmt::format("::{} file={}", kCommands[one.rank],
                                 escapeProperty(repositoryPath(report, options.root, one.at.file)));
  if (one.at.line)
    text += fmt::format(",line={}", one.at.line);
  if (one.at.line && one.at.column)
    text += fmt::format(",col={}", one.at.column);
  return text + fmt::format(",title={}::{}\n", escapeProperty(one.title), escapeData(one.message));
}

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (char c : text) {
    bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    out += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return out;
}

} // namespace

std::string escapeData(std::string_view text) {
  return escaped(text, false);
}

std::string escapeProperty(std::string_view text) {
  return escaped(text, true);
}

std::string renderGithub(const Report& report, const RenderOptions& options) {
  std::vector<Annotation> all = annotationsOf(report);
  // That there are more is a notice, and must be among the ten of its kind.
  bool only_notices = !all.empty() && all.front().rank == 2;
  std::size_t shown = std::min(all.size(), all.size() > kMost && only_notices ? kMost - 1 : kMost);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += command(all[i], report, options);
  if (all.size() > shown)
    text += fmt::format("::notice title=kverify::{} more: see the log or the full report\n", all.size() - shown);
  return text + renderSummary(report, {});
}

} // namespace kverify::report

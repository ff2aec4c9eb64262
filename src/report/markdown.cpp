#include "report/markdown.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/outcome_table.h"
#include "report/proof_text.h"

namespace kverify::report {
namespace {

constexpr std::size_t kFindingsShown = 8, kRowsShown = 1000;

const char* markOf(std::string_view verdict) {
  return verdict == "certified" ? "✓" : verdict == "refuted" ? "✗" : verdict == "error" ? "!" : "?";
}

std::size_t longestFence(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

/// A code span that holds anything, a row of a table included.
std::string code(std::string_view text) {
  std::size_t longest = longestFence(text);
  std::string inner;
  for (char c : text)
    inner += c == '\n' || c == '\r' ? std::string(" ") : c == '|' ? std::string("\\|") : std::string(1, c);
  std::string fence(longest + 1, '`');
  std::string pad = longest ? " " : "";
  return inner.empty() ? "" : fence + pad + inner + pad + fence;
}

/// The source line of a place as a block, with its number.
std::string sourceBlock(const SourceLocation& at, const RenderOptions& options) {
  auto line = options.sources && at.line ? options.sources->line(at.file, at.line) : std::nullopt;
  if (!line)
    return {};
  std::string fence(std::max<std::size_t>(3, longestFence(*line) + 1), '`');
  std::size_t first = std::min(line->find_first_not_of(" \t"), line->size());
  return fmt::format("  {}cuda\n  {}\n  {}\n", fence, line->substr(first), fence);
}

std::string findingText(const Finding& finding, const RenderOptions& options) {
  std::string number = codeOf(finding);
  std::string text = fmt::format("**{}** {}{}: {}\n\n", wordOf(finding), code(finding.check),
                                 number.empty() ? "" : " (" + number + ")", escapeMarkdown(finding.message));
  for (const FindingLocation& location : finding.locations) {
    text += fmt::format("- {}{}{}\n", code(placeOf(headOf(location))), location.what.empty() ? "" : " ", escapeMarkdown(location.what));
    text += sourceBlock(headOf(location), options);
  }
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty())
      text += fmt::format("- {}: {}\n", name, value);
  };
  add("launch", code(finding.launch));
  add("help", escapeMarkdown(helpOf(finding)));
  add("replay", finding.replay.empty() ? "" : code("kverify replay " + finding.replay));
  return text + "\n";
}

/// One row an outcome of the table of checks; checks that are alike share one, as in the text.
std::string outcomesTable(const KernelReport& kernel) {
  std::vector<CheckOutcome> outcomes;
  for (const Obligation& one : obligationsOf(kernel))
    outcomes.push_back(*one.decisive);
  std::string text = "| checks | outcome | |\n| --- | --- | --- |\n";
  for (const OutcomeRow& row : outcomeRows(outcomes, false))
    text += fmt::format("| {} | {} | {} |\n", escapeMarkdown(row.label), row.outcome, escapeMarkdown(row.detail));
  return outcomes.empty() ? "" : text + "\n";
}

std::string detailsOf(const KernelReport& kernel) {
  std::string body = outcomesTable(kernel);
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty())
      body += fmt::format("- {}: {}\n", name, escapeMarkdown(value));
  };
  for (const std::string& scope : coveredBy(kernel))
    add("covered", scope);
  for (const std::string& one : assumptionsOf(kernel))
    add("assumed", one);
  for (const std::string& note : kernel.notes)
    add("note", note);
  for (const Suppression& said : kernel.suppressions)
    add("allowed", allowanceText(said));
  add("source", kernel.source_sha256.empty() ? "" : "sha256 " + kernel.source_sha256);
  if (body.empty())
    return {};
  return fmt::format("<details><summary>Checks, scopes, assumptions</summary>\n\n{}\n</details>\n\n", body);
}

std::string nameOf(const KernelReport& kernel) {
  return kernel.kernel.empty() ? kernel.file : kernel.kernel;
}

std::string sectionOf(const KernelReport& kernel, const RenderOptions& options) {
  const char* verdict = verdictOf(kernel);
  std::string text = fmt::format("### {} {}: {}\n\n{}\n\n", markOf(verdict), escapeMarkdown(nameOf(kernel)), verdict,
                                 kernel.kernel.empty() ? "" : code(kernel.file));
  if (const auto& error = kernel.error)
    return text + fmt::format("{}{}\n\n", escapeMarkdown(error->message),
                              error->place.empty() ? "" : " (" + code(error->place) + ")");
  std::size_t shown = std::min(kFindingsShown, kernel.findings.size());
  for (std::size_t i = 0; i < shown; ++i)
    text += findingText(kernel.findings[i], options);
  if (shown < kernel.findings.size())
    text += fmt::format("… and {} more findings.\n\n", kernel.findings.size() - shown);
  for (const Obligation& one : obligationsOf(kernel))
    if (const auto* unknown = std::get_if<Unknown>(&one.decisive->outcome))
      text += fmt::format("- not known: {}: {}{}\n", code(one.check), escapeMarkdown(unknown->code),
                          unknown->detail.empty() ? "" : ": " + escapeMarkdown(unknown->detail));
  return text + fmt::format("\n{}: {}\n\n", verdict, escapeMarkdown(groundsOf(kernel))) + detailsOf(kernel);
}

int rankOf(const KernelReport& kernel) {
  std::string_view verdict = verdictOf(kernel);
  return verdict == "refuted" ? 0 : verdict == "error" ? 1 : verdict == "inconclusive" ? 2 : 3;
}

std::string kernelsTable(const std::vector<const KernelReport*>& kernels) {
  std::string text = "| kernel | verdict | what stands behind it |\n| --- | --- | --- |\n";
  std::size_t shown = std::min(kRowsShown, kernels.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const KernelReport& kernel = *kernels[i];
    text += fmt::format("| {}{} | {} {} | {} |\n", code(nameOf(kernel)), kernel.kernel.empty() ? "" : " in " + code(kernel.file),
                        markOf(verdictOf(kernel)), verdictOf(kernel),
                        escapeMarkdown(kernel.error ? kernel.error->message : groundsOf(kernel)));
  }
  if (shown < kernels.size())
    text += fmt::format("\n… and {} more kernels.\n", kernels.size() - shown);
  return text + "\n";
}

} // namespace

std::string escapeMarkdown(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\n' || c == '\r')
      out += ' ';
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (std::string_view("\\`*_[]|#~@$").find(c) != std::string_view::npos)
      out += fmt::format("\\{}", c);
    else
      out += c;
  }
  return out;
}

std::string renderMarkdownWithin(const Report& report, const RenderOptions& options, std::size_t limit) {
  const char* verdict = verdictOf(report);
  std::string text = fmt::format("## {} kverify: {}\n\n", markOf(verdict), verdict);
  if (report.partial)
    text += "**Interrupted: this report is partial.**\n\n";
  text += fmt::format("{} kernel{}: {}; in {:.1f} s.\n\n", report.kernels.size(), report.kernels.size() == 1 ? "" : "s",
                      countVerdicts(report).text(), report.seconds);
  std::vector<const KernelReport*> kernels;
  for (const KernelReport& kernel : report.kernels)
    kernels.push_back(&kernel);
  std::stable_sort(kernels.begin(), kernels.end(), [](const auto* a, const auto* b) { return rankOf(*a) < rankOf(*b); });
  std::string last = fmt::format("kverify {}{}\n", escapeMarkdown(report.tool_version),
                                 report.command.empty() ? "" : ": " + code(report.command));
  constexpr std::size_t kRoomForMore = 80;
  std::size_t room = limit > last.size() + kRoomForMore ? limit - last.size() - kRoomForMore : 0;
  if (std::string table = kernelsTable(kernels); text.size() + table.size() < room)
    text += table;
  std::size_t shown = 0;
  for (; shown < kernels.size(); ++shown) {
    std::string section = sectionOf(*kernels[shown], options);
    if (text.size() + section.size() >= room)
      break;
    text += section;
  }
  if (shown < kernels.size())
    text += fmt::format("… and {} more kernels, which do not fit here.\n\n", kernels.size() - shown);
  return text + last;
}

std::string renderMarkdown(const Report& report, const RenderOptions& options) {
  return renderMarkdownWithin(report, options, kMarkdownLimit);
}

} // namespace kverify::report

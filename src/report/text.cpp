#include "report/text.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "report/ink.h"
#include "report/outcome_table.h"
#include "report/proof_text.h"
#include "report/stability_text.h"

namespace kverify::report {
namespace {

std::string placeOf(const SourceLocation& at) {
  std::string place = at.file.empty() ? "<unknown place>" : at.file;
  if (at.line)
    place += fmt::format(":{}", at.line);
  if (at.line && at.column)
    place += fmt::format(":{}", at.column);
  return place;
}

std::string trimmed(const std::string& line) {
  auto begin = line.find_first_not_of(" \t");
  auto end = line.find_last_not_of(" \t\r");
  return begin == std::string::npos ? std::string() : line.substr(begin, end - begin + 1);
}

/// "      41 | smem[t] = v;" or nothing.
std::string sourceLine(const SourceLocation& at, const TextOptions& options) {
  if (!options.lines || !at.line)
    return {};
  auto line = options.lines(at.file, at.line);
  if (!line || trimmed(*line).empty())
    return {};
  return fmt::format("      {} {}\n", inked(fmt::format("{} |", at.line), Ink::Faint, options.color), trimmed(*line));
}

/// The calls that lead to a place, outermost last.
std::string callers(const SourceStack& stack, const TextOptions& options) {
  std::string text;
  for (std::size_t i = 1; i < stack.size(); ++i) {
    std::string callee = stack[i - 1].function;
    text +=
        fmt::format("      {}\n",
                    inked(fmt::format("{}called at {}", callee.empty() ? "" : "in " + callee + ", ", placeOf(stack[i])),
                          Ink::Faint, options.color));
  }
  return text;
}

std::string renderLocations(const Finding& finding, const TextOptions& options) {
  auto head = [](const FindingLocation& l) { return l.stack.empty() ? SourceLocation{} : l.stack[0]; };
  std::size_t width = 0;
  for (const FindingLocation& location : finding.locations)
    width = std::max(width, placeOf(head(location)).size());
  std::string text;
  for (std::size_t i = 0; i < finding.locations.size(); ++i) {
    const FindingLocation& location = finding.locations[i];
    std::string place = placeOf(head(location));
    std::string arrow = inked(i == 0 ? "-->" : ":::", Ink::Blue, options.color);
    std::string what = location.what.empty() ? "" : std::string(width - place.size() + 2, ' ') + location.what;
    text += fmt::format("  {} {}{}\n", arrow, place, what);
    text += sourceLine(head(location), options);
    text += callers(location.stack, options);
  }
  return text;
}

std::string attribute(std::string_view name, std::string_view value, bool color) {
  if (value.empty())
    return {};
  return fmt::format("  {} {}: {}\n", inked("=", Ink::Blue, color), name, value);
}

/// What the static stage cannot tell: no stage is asked to.
bool isBesides(const CheckOutcome& o) {
  return o.stage == "static" && !std::holds_alternative<Refuted>(o.outcome);
}

/// "3 warnings, 1 note" of the static stage, or "".
std::string warningsOf(const KernelReport& kernel) {
  std::size_t warnings = 0, notes = 0;
  for (const Finding& finding : kernel.findings) {
    const CheckInfo* check = findCheck(finding.check);
    if (!check || std::string_view(check->stage) != "static")
      continue;
    warnings += finding.severity == Severity::Warning;
    notes += finding.severity == Severity::Note;
  }
  std::vector<std::string> parts;
  if (warnings)
    parts.push_back(fmt::format("{} warning{}", warnings, warnings == 1 ? "" : "s"));
  if (notes)
    parts.push_back(fmt::format("{} note{}", notes, notes == 1 ? "" : "s"));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// What stands behind the verdict, in one clause. A check counts once for each thing that was found out about it; what
/// is tested and not proved counts as tested.
std::string groundsOf(const KernelReport& kernel) {
  std::map<std::string, std::set<std::string>> checks;
  std::uint64_t cases = 0;
  for (const CheckOutcome& o : kernel.outcomes) {
    if (isBesides(o))
      continue;
    checks[shownName(o.outcome)].insert(o.check);
    if (const auto* tested = std::get_if<Tested>(&o.outcome))
      cases = std::max(cases, tested->cases);
  }
  std::size_t unproved = std::erase_if(
      checks["unknown"], [&](const std::string& check) { return checks["tested"].count(check) > 0; });
  std::vector<std::string> parts;
  for (const char* name : {"refuted", "unknown", "proved", "tested", unknown_reason::not_judged})
    if (!checks[name].empty())
      parts.push_back(fmt::format("{} {}", checks[name].size(), name));
  std::string warnings = warningsOf(kernel);
  if (parts.empty() && kernel.static_checks)
    return fmt::format("{} of {} static checks, nothing was run or proved", warnings.empty() ? "no warning" : warnings,
                       kernel.static_checks);
  if (parts.empty())
    return "no check gave an outcome";
  if (!warnings.empty())
    parts.push_back(warnings);
  std::string text = fmt::format("{}", fmt::join(parts, ", "));
  text += cases ? fmt::format(" on {} case{}", cases, cases == 1 ? "" : "s") : "";
  return text + (unproved ? fmt::format(" ({} of them not proved)", unproved) : "");
}

std::string heading(const KernelReport& kernel, bool color) {
  std::string text = inked(kernel.kernel.empty() ? kernel.file : kernel.file + "  " + kernel.kernel, Ink::Bold, color);
  std::vector<std::string> facts;
  if (!kernel.contract.empty())
    facts.push_back("contract " + kernel.contract + (kernel.spec.empty() ? "" : " (" + kernel.spec + ")"));
  else if (!kernel.kernel.empty())
    facts.push_back("no contract");
  if (!kernel.target.empty())
    facts.push_back(kernel.target);
  if (!kernel.headers.empty())
    facts.push_back((kernel.headers == "builtin" ? "built-in" : kernel.headers) + " headers");
  if (!facts.empty())
    text += fmt::format("\n  {}", inked(fmt::format("{}", fmt::join(facts, ", ")), Ink::Faint, color));
  return text + "\n";
}

/// Which sizes and launches stand behind the tested outcomes. A pass always says what it covers.
std::string covered(const KernelReport& kernel, bool color) {
  std::set<std::string> scopes;
  for (const CheckOutcome& o : kernel.outcomes)
    if (const auto* tested = std::get_if<Tested>(&o.outcome))
      scopes.insert(tested->scope);
  std::string text;
  for (const std::string& scope : scopes)
    text += attribute("covered", scope, color);
  return text;
}

/// What the runs said; proofs have a part of their own.
std::vector<CheckOutcome> ofRuns(const KernelReport& kernel, bool all_checks) {
  std::vector<CheckOutcome> outcomes;
  std::set<std::string> refuted;
  for (const CheckOutcome& o : kernel.outcomes) {
    bool broken = std::holds_alternative<Refuted>(o.outcome);
    if (isBesides(o) && !all_checks)
      continue;
    if (broken ? refuted.insert(o.check).second : o.stage != "formal")
      outcomes.push_back(o);
  }
  return outcomes;
}

/// "sync.x at k.cu:12, because …: it was about '…'".
std::string allowanceText(const Suppression& said) {
  std::string text = fmt::format("{} at {}:{}", said.check, said.at.file, said.at.line);
  if (!said.reason.empty())
    text += fmt::format(" because: {}", said.reason);
  if (said.state == Suppression::State::Unused)
    text += " (there is nothing to allow)";
  if (said.state == Suppression::State::Refused)
    text += said.silenced.empty() ? " (refused)" : fmt::format(" (refused: a run showed it, {})", said.silenced);
  return text;
}

std::string table(const KernelReport& kernel, const TextOptions& options) {
  auto rows = outcomeRows(ofRuns(kernel, options.all_checks), options.all_checks);
  std::size_t width = 0;
  for (const OutcomeRow& row : rows)
    width = std::max(width, row.label.size());
  std::string text;
  for (const OutcomeRow& row : rows)
    text += fmt::format(
        "  {:<{}}  {}{}\n", row.label, width, inked(row.outcome, inkOf(row.outcome), options.color),
        row.detail.empty() ? "" : std::string(9 - std::min<std::size_t>(8, row.outcome.size()), ' ') + row.detail);
  return text;
}

} // namespace

LineReader diskLines() {
  auto files = std::make_shared<std::map<std::string, std::vector<std::string>>>();
  return [files](const std::string& file, unsigned line) -> std::optional<std::string> {
    auto [at, is_new] = files->try_emplace(file);
    if (is_new) {
      std::ifstream in(file);
      for (std::string text; std::getline(in, text);)
        at->second.push_back(text);
    }
    if (line == 0 || line > at->second.size())
      return std::nullopt;
    return at->second[line - 1];
  };
}

std::string renderError(const ToolError& error, bool color) {
  // clang's own text already says error, where and why.
  std::string text = error.kind == ErrorKind::Compile
                         ? error.message + "\n"
                         : fmt::format("{} {}\n", inked("error:", Ink::Red, color), error.message);
  if (!error.place.empty())
    text += fmt::format("  {} {}\n", inked("-->", Ink::Blue, color), error.place);
  return text + attribute("help", error.hint, color);
}

std::string renderFinding(const Finding& finding, const TextOptions& options) {
  const CheckInfo* check = findCheck(finding.check);
  const char* word = finding.severity == Severity::Error     ? "error"
                     : finding.severity == Severity::Warning ? "warning"
                                                             : "note";
  bool read = check && std::string_view(check->stage) == "static";
  if (!finding.confirmed && !read)
    word = "unconfirmed";
  Ink ink = (finding.confirmed || read) && finding.severity == Severity::Error ? Ink::Red : Ink::Yellow;
  std::string text = fmt::format("{}: {}\n", inked(fmt::format("{}[{}]", word, finding.check), ink, options.color),
                                 inked(finding.message, Ink::Bold, options.color));
  text += renderLocations(finding, options);
  text += attribute("launch", finding.launch, options.color);
  text += attribute("help", finding.help.empty() && check ? check->fix : finding.help, options.color);
  if (!finding.replay.empty())
    text += attribute("replay", "kverify replay " + finding.replay, options.color);
  return text;
}

std::string renderKernel(const KernelReport& kernel, const TextOptions& options) {
  std::string text = heading(kernel, options.color);
  if (kernel.error)
    return text + renderError(*kernel.error, options.color);
  for (const Finding& finding : kernel.findings) {
    text += "\n" + renderFinding(finding, options);
    if (auto example = kernel.examples.find(finding.replay); example != kernel.examples.end())
      text += attribute("falsifying example", example->second, options.color);
  }
  if (!kernel.findings.empty())
    text += "\n";
  text += table(kernel, options);
  text += covered(kernel, options.color);
  text += renderUnproved(kernel.outcomes, options);
  text += renderIdle(kernel.idle, options);
  text += renderProofs(kernel.outcomes, options);
  bool proofs = std::any_of(kernel.outcomes.begin(), kernel.outcomes.end(),
                            [](const CheckOutcome& o) { return o.stage == "formal"; });
  text += renderAdequacy(kernel, options);
  text += renderStability(kernel, options);
  for (const std::string& assumption : kernel.assumptions)
    text += attribute(proofs ? "assumed by runs" : "assumed", assumption, options.color);
  for (const std::string& note : kernel.notes)
    text += attribute("note", note, options.color);
  for (const Suppression& said : kernel.suppressions)
    text += attribute("allowed", allowanceText(said), options.color);
  // Beside runs and proofs, how the source reads is for those who ask.
  bool only_read = std::all_of(kernel.outcomes.begin(), kernel.outcomes.end(),
                               [](const CheckOutcome& o) { return o.stage == "static"; });
  for (const std::string& line : only_read || options.all_checks ? kernel.profile : std::vector<std::string>())
    text += attribute("profile", line, options.color);
  std::string verdict(nameOf(kernel.verdict));
  text += fmt::format("  {}: {}, in {:.1f} s\n", inked(verdict, inkOf(verdict), options.color), groundsOf(kernel),
                      kernel.seconds);
  return text;
}

std::string renderSummary(const Report& report, const TextOptions& options) {
  int certified = 0, refuted = 0, inconclusive = 0, failed = 0;
  for (const KernelReport& kernel : report.kernels) {
    if (kernel.error)
      ++failed;
    else if (kernel.verdict == Verdict::Certified)
      ++certified;
    else if (kernel.verdict == Verdict::Refuted)
      ++refuted;
    else
      ++inconclusive;
  }
  std::vector<std::string> parts;
  auto count = [&](int n, const char* what) {
    if (n)
      parts.push_back(fmt::format("{} {}", n, what));
  };
  count(refuted, "refuted");
  count(failed, "not judged (error)");
  count(inconclusive, "inconclusive");
  count(certified, "certified");
  std::string text;
  if (report.partial)
    text += inked("interrupted: this report is partial", Ink::Yellow, options.color) + "\n";
  const char* verdict = report.exit_code == kExitCertified ? "certified"
                        : report.exit_code == kExitRefuted ? "refuted"
                        : report.exit_code == kExitError   ? "error"
                                                           : "inconclusive";
  std::size_t kernels = report.kernels.size();
  text += fmt::format("verdict: {} ({} kernel{}: {}) in {:.1f} s\n",
                      inked(verdict, report.exit_code == kExitError ? Ink::Red : inkOf(verdict), options.color),
                      kernels, kernels == 1 ? "" : "s",
                      parts.empty() ? "none judged" : fmt::format("{}", fmt::join(parts, ", ")), report.seconds);
  return text;
}

std::string renderText(const Report& report, const TextOptions& options) {
  std::string text;
  for (const KernelReport& kernel : report.kernels)
    text += renderKernel(kernel, options) + "\n";
  return text + renderSummary(report, options);
}

} // namespace kverify::report

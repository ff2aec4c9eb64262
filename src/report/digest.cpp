#include "report/digest.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "core/sufficiency.h"
#include "kverify/check.h"
#include "report/outcome_table.h"

namespace kverify::report {
namespace {

/// The higher decides.
int weightOf(const CheckOutcome& o) {
  if (std::holds_alternative<Refuted>(o.outcome))
    return 5;
  if (isAlarm(o))
    return 4;
  if (std::holds_alternative<Proved>(o.outcome))
    return 3;
  return isTested(o) ? 2 : 1;
}

int rankOf(const Obligation& one) {
  return one.outcome == "refuted" ? 0 : one.outcome == "unknown" ? 1 : one.outcome == "proved" ? 2 : 3;
}

bool isStatic(const std::string& check_id) {
  const CheckInfo* check = findCheck(check_id);
  return check && std::string_view(check->stage) == "static";
}

/// "3 warnings, 1 note" of the static stage, or "".
std::string warningsOf(const KernelReport& kernel) {
  std::size_t warnings = 0, notes = 0;
  for (const Finding& finding : kernel.findings) {
    if (!isStatic(finding.check))
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

} // namespace

std::string VerdictCounts::text() const {
  std::vector<std::string> parts;
  for (auto [n, what] : {std::pair(refuted, "refuted"), {failed, "not judged (error)"}, {inconclusive, "inconclusive"},
                         {certified, "certified"}})
    if (n)
      parts.push_back(fmt::format("{} {}", n, what));
  return parts.empty() ? "none judged" : fmt::format("{}", fmt::join(parts, ", "));
}

VerdictCounts countVerdicts(const Report& report) {
  VerdictCounts counts;
  for (const KernelReport& kernel : report.kernels)
    ++(kernel.error                               ? counts.failed
       : kernel.verdict == Verdict::Certified     ? counts.certified
       : kernel.verdict == Verdict::Refuted       ? counts.refuted
                                                  : counts.inconclusive);
  return counts;
}

const char* verdictOf(const Report& report) {
  switch (report.exit_code) {
  case kExitCertified: return "certified";
  case kExitRefuted: return "refuted";
  case kExitError: return "error";
  default: return "inconclusive";
  }
}

const char* verdictOf(const KernelReport& kernel) {
  return kernel.error ? "error" : nameOf(kernel.verdict).data();
}

std::vector<Obligation> obligationsOf(const KernelReport& kernel) {
  std::map<std::string, Obligation> by_check;
  for (const CheckOutcome& o : kernel.outcomes) {
    if (isBesides(o))
      continue;
    Obligation& one = by_check[o.check];
    one.check = o.check;
    one.all.push_back(&o);
    if (!one.decisive || weightOf(o) > weightOf(*one.decisive))
      one.decisive = &o;
  }
  std::vector<Obligation> all;
  for (auto& [check, one] : by_check) {
    // Tested on no case is no pass.
    one.outcome = weightOf(*one.decisive) == 1 ? "unknown" : outcomeName(one.decisive->outcome);
    all.push_back(std::move(one));
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return rankOf(a) < rankOf(b); });
  return all;
}

std::string groundsOf(const KernelReport& kernel) {
  std::map<std::string, std::set<std::string>> checks;
  std::uint64_t cases = 0;
  for (const CheckOutcome& o : kernel.outcomes) {
    if (isBesides(o))
      continue;
    checks[outcomeName(o.outcome)].insert(o.check);
    if (const auto* tested = std::get_if<Tested>(&o.outcome))
      cases = std::max(cases, tested->cases);
  }
  std::size_t unproved = std::erase_if(
      checks["unknown"], [&](const std::string& check) { return checks["tested"].count(check) > 0; });
  std::vector<std::string> parts;
  for (const char* name : {"refuted", "unknown", "proved", "tested"})
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

bool isBesides(const CheckOutcome& outcome) {
  const auto* unknown = std::get_if<Unknown>(&outcome.outcome);
  return (outcome.stage == "static" && !std::holds_alternative<Refuted>(outcome.outcome)) ||
         (unknown && unknown->code == unknown_reason::not_judged);
}

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

const char* wordOf(const Finding& finding) {
  if (!finding.confirmed && !isStatic(finding.check))
    return "unconfirmed";
  return finding.severity == Severity::Error ? "error" : finding.severity == Severity::Warning ? "warning" : "note";
}

std::string helpOf(const Finding& finding) {
  const CheckInfo* check = findCheck(finding.check);
  return finding.help.empty() && check ? check->fix : finding.help;
}

std::string codeOf(const Finding& finding) {
  const CheckInfo* check = findCheck(finding.check);
  return finding.code.empty() && check ? check->code : finding.code;
}

std::string placeOf(const SourceLocation& at) {
  std::string place = at.file.empty() ? "<unknown place>" : at.file;
  if (at.line)
    place += fmt::format(":{}", at.line);
  if (at.line && at.column)
    place += fmt::format(":{}", at.column);
  return place;
}

SourceLocation headOf(const FindingLocation& location) {
  return location.stack.empty() ? SourceLocation{} : location.stack[0];
}

SourceLocation primaryOf(const Finding& finding) {
  return finding.locations.empty() ? SourceLocation{} : headOf(finding.locations[0]);
}

SourceLocation placeOfError(const KernelReport& kernel) {
  SourceLocation at{kernel.file, 0, 0, ""};
  if (!kernel.error || !kernel.error->message.starts_with(kernel.file + ":"))
    return at;
  const char* text = kernel.error->message.data() + kernel.file.size() + 1;
  const char* end = kernel.error->message.data() + kernel.error->message.size();
  unsigned line = 0, column = 0;
  auto [colon, wrong] = std::from_chars(text, end, line);
  if (wrong != std::errc() || colon == end || *colon != ':' || std::from_chars(colon + 1, end, column).ec != std::errc())
    return at;
  at.line = line;
  at.column = column;
  return at;
}

std::string flat(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::vector<std::string> coveredBy(const KernelReport& kernel) {
  std::set<std::string> scopes;
  for (const CheckOutcome& o : kernel.outcomes)
    if (const auto* tested = std::get_if<Tested>(&o.outcome); tested && !tested->scope.empty())
      scopes.insert(tested->scope);
  return {scopes.begin(), scopes.end()};
}

std::vector<std::string> assumptionsOf(const KernelReport& kernel) {
  std::vector<std::string> order;
  std::map<std::string, std::set<std::string>> families;
  std::map<std::string, std::size_t> count;
  std::size_t proofs = 0;
  for (const CheckOutcome& o : kernel.outcomes)
    if (const auto* proved = std::get_if<Proved>(&o.outcome)) {
      ++proofs;
      for (const std::string& one : proved->assumptions) {
        if (count[one]++ == 0)
          order.push_back(one);
        families[one].insert(o.check.substr(0, o.check.find('.')) + ".*");
      }
    }
  std::vector<std::string> all;
  for (const std::string& one : order)
    all.push_back(count[one] == proofs ? one + " (all proofs)" : fmt::format("{} (proofs of {})", one, fmt::join(families[one], ", ")));
  for (const std::string& one : kernel.assumptions)
    all.push_back(one + " (runs)");
  return all;
}

} // namespace kverify::report

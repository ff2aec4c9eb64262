#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/diff.h"
#include "report/digest.h"
#include "report/ink.h"
#include "report/outcome_table.h"

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;
using FindingKind = FindingChange::Kind;
using OutcomeKind = OutcomeChange::Kind;

template <class Kind>
struct Word {
  Kind kind;
  const char *name, *shown;
  Ink ink;
  bool always; ///< also without --verbose
};

constexpr Word<FindingKind> kFindingWords[] = {
    {FindingKind::New, "new", "new", Ink::Red, true},
    {FindingKind::Confirmed, "confirmed", "confirmed now", Ink::Red, true},
    {FindingKind::Unjudged, "unjudged", "gone, not judged", Ink::Yellow, true},
    {FindingKind::Allowed, "allowed", "allowed now", Ink::Yellow, true},
    {FindingKind::Fixed, "fixed", "fixed", Ink::Green, true},
    {FindingKind::Unchanged, "unchanged", "unchanged", Ink::Faint, false}};
constexpr Word<OutcomeKind> kOutcomeWords[] = {{OutcomeKind::Worse, "worse", "refuted now", Ink::Red, true},
                                               {OutcomeKind::Lost, "lost", "known no longer", Ink::Yellow, true},
                                               {OutcomeKind::Weaker, "weaker", "weaker", Ink::Yellow, true},
                                               {OutcomeKind::Better, "better", "better", Ink::Green, false},
                                               {OutcomeKind::Other, "other", "changed", Ink::Faint, false}};

template <class Kind, std::size_t N>
const Word<Kind>& wordOf(const Word<Kind> (&words)[N], Kind kind) {
  return *std::find_if(std::begin(words), std::end(words), [&](const auto& one) { return one.kind == kind; });
}

std::string describe(const CheckOutcome* o) {
  if (!o)
    return "nothing";
  std::string name = outcomeName(o->outcome);
  if (const auto* proved = std::get_if<Proved>(&o->outcome))
    return fmt::format("{}{} {}", name, proved->scope.starts_with("bounded") ? "," : " for", proved->scope);
  if (const auto* tested = std::get_if<Tested>(&o->outcome))
    return fmt::format("{} on {} case{}", name, tested->cases, tested->cases == 1 ? "" : "s");
  if (const auto* unknown = std::get_if<Unknown>(&o->outcome))
    return fmt::format("not known: {}{}", unknown->code, unknown->detail.empty() ? "" : ": " + unknown->detail);
  return name;
}

std::string heading(const KernelDiff& diff, bool color) {
  const KernelReport& one = diff.after ? *diff.after : *diff.before;
  std::string text = inked(one.kernel.empty() ? one.file : fmt::format("{}  {}", one.file, one.kernel), Ink::Bold, color);
  std::string old = diff.before ? verdictOf(*diff.before) : "", now = diff.after ? verdictOf(*diff.after) : "";
  if (!diff.before)
    return text + fmt::format(": new, {}\n", inked(now, inkOf(now), color));
  if (!diff.after)
    return text + fmt::format(": not in the new report (it was {})\n", old);
  if (diff.before->file != diff.after->file)
    text += fmt::format(" (before: {})", diff.before->file);
  return text + (old == now ? fmt::format(": {} as before\n", now) : fmt::format(": {} -> {}\n", old, inked(now, inkOf(now), color)));
}

std::string kernelText(const KernelDiff& diff, bool color, bool verbose) {
  std::string text = heading(diff, color);
  for (const auto& word : kFindingWords)
    for (const FindingChange& one : diff.findings)
      if (one.kind == word.kind && (word.always || verbose))
        text += fmt::format("  {}  {}: {}[{}]: {}\n", inked(word.shown, word.ink, color), placeOf(primaryOf(*one.finding)),
                            report::wordOf(*one.finding), one.finding->check, flat(one.finding->message));
  for (const auto& word : kOutcomeWords)
    for (const OutcomeChange& one : diff.outcomes)
      if (one.kind == word.kind && (word.always || verbose))
        text += fmt::format("  {}  {} ({}): {} -> {}{}\n", inked(word.shown, word.ink, color), one.check, one.stage, flat(describe(one.before)),
                            flat(describe(one.after)), one.why.empty() ? "" : "; " + one.why);
  return text;
}

/// Everything that was counted, by name.
struct Counts {
  std::map<std::string, std::size_t> findings, outcomes;
  std::size_t quiet = 0;
  explicit Counts(const ReportDiff& diff) {
    for (const KernelDiff& kernel : diff.kernels) {
      quiet += kernel.quiet();
      for (const FindingChange& one : kernel.findings)
        ++findings[wordOf(kFindingWords, one.kind).name];
      for (const OutcomeChange& one : kernel.outcomes)
        ++outcomes[wordOf(kOutcomeWords, one.kind).name];
    }
  }
  std::string text() const {
    std::vector<std::string> parts;
    for (const auto& word : kFindingWords)
      if (auto found = findings.find(word.name); found != findings.end())
        parts.push_back(fmt::format("{} {}", found->second, word.shown));
    for (const auto& word : kOutcomeWords)
      if (auto found = outcomes.find(word.name); found != outcomes.end())
        parts.push_back(fmt::format("{} outcome{} {}", found->second, found->second == 1 ? "" : "s", word.shown));
    return parts.empty() ? "no finding and no outcome changed" : fmt::format("{}", fmt::join(parts, ", "));
  }
};

const char* resultOf(const ReportDiff& diff) {
  return diff.exit_code == kExitRefuted        ? "worse"
         : diff.exit_code == kExitInconclusive ? "less is known"
                                               : "nothing got worse";
}

Json placeJson(const Finding& finding) {
  SourceLocation at = primaryOf(finding);
  return {{"file", at.file}, {"line", at.line}, {"column", at.column}};
}

Json kernelJson(const KernelDiff& diff) {
  const KernelReport& one = diff.after ? *diff.after : *diff.before;
  Json j = {{"file", one.file},
            {"kernel", one.kernel},
            {"before", diff.before ? Json(verdictOf(*diff.before)) : Json(nullptr)},
            {"after", diff.after ? Json(verdictOf(*diff.after)) : Json(nullptr)},
            {"findings", Json::array()},
            {"outcomes", Json::array()}};
  for (const FindingChange& change : diff.findings)
    j["findings"].push_back({{"change", wordOf(kFindingWords, change.kind).name},
                             {"check", change.finding->check},
                             {"severity", report::wordOf(*change.finding)},
                             {"message", change.finding->message},
                             {"at", placeJson(*change.finding)},
                             {"fingerprint", change.finding->fingerprint}});
  for (const OutcomeChange& change : diff.outcomes)
    j["outcomes"].push_back({{"change", wordOf(kOutcomeWords, change.kind).name},
                             {"check", change.check},
                             {"stage", change.stage},
                             {"before", describe(change.before)},
                             {"after", describe(change.after)},
                             {"why", change.why}});
  return j;
}

} // namespace

std::string renderDiffText(const ReportDiff& diff, const DiffNames& names, bool color, bool verbose) {
  std::string text = fmt::format("{} -> {}\n\n", names.before, names.after);
  for (const KernelDiff& kernel : diff.kernels)
    if (!kernel.quiet() || verbose)
      text += kernelText(kernel, color, verbose) + "\n";
  Counts counts(diff);
  if (counts.quiet && !verbose)
    text += fmt::format("{} kernel{} as before\n", counts.quiet, counts.quiet == 1 ? "" : "s");
  const char* result = resultOf(diff);
  Ink ink = diff.exit_code == kExitRefuted ? Ink::Red : diff.exit_code == kExitInconclusive ? Ink::Yellow : Ink::Green;
  return text + fmt::format("diff: {} ({})\n", inked(result, ink, color), counts.text());
}

std::string renderDiffJson(const ReportDiff& diff, const DiffNames& names) {
  Json j = {{"format", kDiffFormat}, {"before", names.before},          {"after", names.after},
            {"result", resultOf(diff)}, {"exit_code", diff.exit_code}, {"kernels", Json::array()}};
  for (const KernelDiff& kernel : diff.kernels)
    j["kernels"].push_back(kernelJson(kernel));
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace kverify::report

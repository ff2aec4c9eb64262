#include "report/feedback.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/digest.h"
#include "report/json_facts.h"
#include "report/outcome_table.h"

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostKernels = 16, kMostMore = 5, kMostNames = 64, kMostText = 400, kMostParticipants = 4;
constexpr const char* kStages[] = {"compile", "static", "fuzz", "formal", "stability", "gpu", "sanitizer", "bench"};

std::size_t orderOf(const std::string& stage) {
  return static_cast<std::size_t>(std::find(std::begin(kStages), std::end(kStages), stage) - std::begin(kStages));
}

/// Not more than a few hundred bytes, cut between characters.
std::string brief(const std::string& text) {
  if (text.size() <= kMostText)
    return text;
  std::size_t end = kMostText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return text.substr(0, end) + "…";
}

Json placeJson(const SourceLocation& at, const RenderOptions& options) {
  Json j = {{"file", at.file}, {"line", at.line}, {"column", at.column}};
  if (options.sources && at.line)
    if (auto line = options.sources->line(at.file, at.line))
      j["source"] = brief(line->substr(std::min(line->find_first_not_of(" \t"), line->size())));
  return j;
}

/// Who did what where.
Json participant(const FindingLocation& location, const RenderOptions& options) {
  Json j = placeJson(headOf(location), options);
  if (!location.what.empty())
    j["does"] = brief(location.what);
  if (const auto& who = location.thread) {
    j["thread"] = who->thread;
    j["block"] = who->block;
  }
  if (const auto& access = location.access)
    j["access"] = accessToJson(*access);
  return j;
}

/// What went past what, and by how much.
Json violatedJson(const FindingFacts& facts) {
  Json j;
  if (const auto& v = facts.violation) {
    j = {{"what", v->what}, {"actual", realToJson(v->actual)}, {"allowed", realToJson(v->allowed)}, {"unit", v->unit}};
    if (std::isfinite(v->actual) && std::isfinite(v->allowed)) {
      j["excess"] = v->actual - v->allowed;
      if (v->allowed != 0)
        j["ratio"] = v->actual / v->allowed;
    }
  }
  return j;
}

/// The counterexample: the launch, who takes part, which element, what came out.
Json counterexample(const Finding& finding, const KernelReport& kernel, const RenderOptions& options) {
  Json j = Json::object();
  Json facts = factsToJson(finding.facts);
  if (facts.contains("launch"))
    j["launch"] = facts["launch"];
  else if (!finding.launch.empty())
    j["launch_text"] = brief(finding.launch);
  std::size_t shown = std::min(kMostParticipants, finding.locations.size());
  for (std::size_t i = 0; i < shown; ++i)
    j["participants"].push_back(participant(finding.locations[i], options));
  for (const char* key : {"object", "interval", "value"})
    if (facts.contains(key))
      j[key] = facts[key];
  if (auto example = kernel.examples.find(finding.replay); example != kernel.examples.end() && !finding.replay.empty())
    j["smallest_inputs"] = brief(example->second);
  return j;
}

Json failureOf(const Finding& finding, const std::string& stage, const char* kind, const KernelReport& kernel,
               const RenderOptions& options) {
  const CheckInfo* check = findCheck(finding.check);
  Json j = {{"stage", stage}, {"kind", kind}, {"check", finding.check}, {"code", codeOf(finding)},
            {"message", brief(finding.message)}, {"at", placeJson(primaryOf(finding), options)}};
  if (Json violated = violatedJson(finding.facts); !violated.is_null())
    j["violated"] = violated;
  j["counterexample"] = counterexample(finding, kernel, options);
  if (std::string help = helpOf(finding); !help.empty())
    j["fix"] = brief(help);
  if (check && check->fix != helpOf(finding))
    j["fix_in_general"] = brief(check->fix);
  if (check)
    j["why"] = brief(check->why);
  if (!finding.replay.empty())
    j["replay"] = "kverify replay " + finding.replay;
  return j;
}

struct Failure {
  const Obligation* obligation = nullptr;
  const CheckOutcome* outcome = nullptr;
};

/// The failing outcome of the earliest stage: a refutation if there is one, else what is not known.
Failure firstFailure(const std::vector<Obligation>& obligations) {
  Failure first;
  auto better = [&](const CheckOutcome& o) { return !first.outcome || orderOf(o.stage) < orderOf(first.outcome->stage); };
  for (const char* wanted : {"refuted", "unknown"}) {
    for (const Obligation& one : obligations)
      for (const CheckOutcome* o : one.all)
        if (one.outcome == wanted && outcomeName(o->outcome) == wanted && better(*o))
          first = {&one, o};
    if (first.outcome)
      break;
  }
  return first;
}

const Finding* findingOf(const KernelReport& kernel, const std::string& check) {
  const Finding* found = nullptr;
  for (const Finding& one : kernel.findings)
    if (one.check == check && (!found || (one.confirmed && !found->confirmed)))
      found = &one;
  return found;
}

Json firstOf(const KernelReport& kernel, const Failure& failure, const RenderOptions& options) {
  if (const auto& error = kernel.error) {
    const char* kind = error->kind == ErrorKind::Compile ? "compile error" : "error";
    Json j = {{"stage", "compile"}, {"kind", kind}, {"message", brief(error->message)}};
    if (!error->place.empty())
      j["place"] = brief(error->place);
    if (!error->hint.empty())
      j["fix"] = brief(error->hint);
    return j;
  }
  if (!failure.outcome)
    return nullptr;
  const CheckOutcome& o = *failure.outcome;
  const Finding* finding = findingOf(kernel, o.check);
  const auto* unknown = std::get_if<Unknown>(&o.outcome);
  if (finding && !unknown)
    return failureOf(*finding, o.stage, "refuted", kernel, options);
  if (finding && unknown && unknown->code == unknown_reason::unconfirmed)
    return failureOf(*finding, o.stage, "unconfirmed", kernel, options);
  const CheckInfo* check = findCheck(o.check);
  Json j = {{"stage", o.stage}, {"kind", unknown ? "unknown" : "refuted"}, {"check", o.check},
            {"code", check ? check->code : ""}};
  if (unknown)
    j["reason"] = unknown->code;
  j["message"] = brief(unknown ? unknown->detail : std::get<Refuted>(o.outcome).summary);
  if (check)
    j["fix"] = brief(check->fix);
  return j;
}

/// The names of one outcome, as many as fit.
Json namesOf(const std::vector<Obligation>& obligations, const char* outcome) {
  Json names = Json::array();
  for (const Obligation& one : obligations)
    if (one.outcome == outcome && names.size() < kMostNames)
      names.push_back(one.check);
  return names;
}

Json passedOf(const KernelReport& kernel, const std::vector<Obligation>& obligations) {
  std::uint64_t cases = 0;
  for (const CheckOutcome& o : kernel.outcomes)
    if (const auto* tested = std::get_if<Tested>(&o.outcome))
      cases = std::max(cases, tested->cases);
  return {{"proved", namesOf(obligations, "proved")}, {"tested", namesOf(obligations, "tested")}, {"cases", cases}};
}

/// What else was found, in brief.
void addMore(const KernelReport& kernel, const Finding* first, const RenderOptions& options, Json& j) {
  std::size_t left_out = 0;
  Json more = Json::array();
  for (const Finding& finding : kernel.findings) {
    if (&finding == first)
      continue;
    if (more.size() == kMostMore) {
      ++left_out;
      continue;
    }
    more.push_back({{"kind", wordOf(finding)}, {"check", finding.check}, {"code", codeOf(finding)},
                    {"message", brief(finding.message)}, {"at", placeJson(primaryOf(finding), options)},
                    {"fix", brief(helpOf(finding))}});
  }
  if (!more.empty())
    j["more"] = more;
  if (left_out)
    j["more_left_out"] = left_out;
}

Json kernelJson(const KernelReport& kernel, const RenderOptions& options) {
  std::vector<Obligation> obligations = obligationsOf(kernel);
  Failure failure = firstFailure(obligations);
  Json j = {{"file", kernel.file}, {"kernel", brief(kernel.kernel)}, {"verdict", verdictOf(kernel)}};
  if (Json first = firstOf(kernel, failure, options); !first.is_null())
    j["first"] = first;
  addMore(kernel, failure.outcome ? findingOf(kernel, failure.outcome->check) : nullptr, options, j);
  if (kernel.error)
    return j;
  j["passed"] = passedOf(kernel, obligations);
  if (Json unknown = namesOf(obligations, "unknown"); !unknown.empty())
    j["unknown"] = unknown;
  return j;
}

int rankOf(const KernelReport& kernel) {
  std::string_view verdict = verdictOf(kernel);
  return verdict == "refuted" ? 0 : verdict == "error" ? 1 : verdict == "inconclusive" ? 2 : 3;
}

} // namespace

std::string renderFeedback(const Report& report, const RenderOptions& options) {
  std::vector<const KernelReport*> kernels;
  for (const KernelReport& kernel : report.kernels)
    kernels.push_back(&kernel);
  std::stable_sort(kernels.begin(), kernels.end(), [](const auto* a, const auto* b) { return rankOf(*a) < rankOf(*b); });
  auto dumped = [](const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); };
  Json j = {{"format", kFeedbackFormat}, {"verdict", verdictOf(report)}, {"partial", report.partial},
            {"summary", countVerdicts(report).text()}, {"kernels", Json::array()}};
  std::size_t size = dumped(j).size() + 64;
  for (std::size_t i = 0; i < kernels.size() && i < kMostKernels; ++i) {
    Json one = kernelJson(*kernels[i], options);
    size += dumped(one).size() + 1;
    if (size > kFeedbackLimit && !j["kernels"].empty())
      break;
    j["kernels"].push_back(std::move(one));
  }
  if (std::size_t left_out = kernels.size() - j["kernels"].size())
    j["kernels_left_out"] = left_out;
  return dumped(j) + "\n";
}

} // namespace kverify::report

#include "report/json.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/json_facts.h"
#include "report/json_search.h"
#include "report/outcome_table.h"
#include "report/run_json.h"

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
using Names = std::initializer_list<std::pair<T, const char*>>;

const Names<Verdict> kVerdicts = {
    {Verdict::Certified, "certified"}, {Verdict::Refuted, "refuted"}, {Verdict::Inconclusive, "inconclusive"}};
const Names<Severity> kSeverities = {
    {Severity::Error, "error"}, {Severity::Warning, "warning"}, {Severity::Note, "note"}};
const Names<ErrorKind> kErrorKinds = {{ErrorKind::Usage, "usage"},      {ErrorKind::Input, "input"},
                                      {ErrorKind::Compile, "compile"},  {ErrorKind::Environment, "environment"},
                                      {ErrorKind::Limit, "limit"},      {ErrorKind::Interrupted, "interrupted"},
                                      {ErrorKind::Internal, "internal"}};

template <class T>
const char* nameIn(const Names<T>& names, T value) {
  for (const auto& [v, name] : names)
    if (v == value)
      return name;
  return "unknown";
}

template <class T>
T valueIn(const Names<T>& names, const std::string& name, T otherwise) {
  for (const auto& [v, n] : names)
    if (name == n)
      return v;
  return otherwise;
}

Json orNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string textOf(const Json& object, const char* key) {
  auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Json toJson(const SourceLocation& at) {
  return {{"file", at.file}, {"line", at.line}, {"column", at.column}, {"function", at.function}};
}

SourceLocation locationFrom(const Json& j) {
  return {j.at("file"), j.at("line"), j.at("column"), j.at("function")};
}

Json toJson(const Adequacy& adequacy) {
  Json j = {{"rejected", adequacy.rejected},
            {"total", adequacy.total},
            {"floor", adequacy.floor},
            {"survivors", adequacy.survivors}};
  if (const auto& mutants = adequacy.mutants)
    j["mutants"] = {{"rejected", mutants->rejected}, {"total", mutants->total}, {"undecided", mutants->undecided}};
  return j;
}

/// JSON has no infinity.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

double numberFrom(const Json& j) {
  return j.is_number() ? j.get<double>() : std::numeric_limits<double>::infinity();
}

Json toJson(const Stability& stability) {
  Json j = {{"cases", Json::array()},
            {"nonfinite", stability.nonfinite},
            {"schedules", stability.schedules},
            {"order_dependent", stability.order_dependent},
            {"growth", {{"size", stability.growth_size},
                        {"error_exponent", stability.error_exponent},
                        {"bound_exponent", stability.bound_exponent},
                        {"naive_exponent", stability.naive_exponent},
                        {"plot", stability.plot},
                        {"points", Json::array()}}}};
  for (const StressRow& row : stability.rows)
    j["cases"].push_back({{"name", row.name},
                          {"finds", row.finds},
                          {"sizes", row.sizes},
                          {"outcome", row.outcome},
                          {"worst_ratio", number(row.worst_ratio)},
                          {"signed_mean_error", number(row.signed_mean_error)},
                          {"where", row.where},
                          {"nonfinite_due", row.nonfinite_due},
                          {"nonfinite_wrong", row.nonfinite_wrong},
                          {"impostors_rejected", row.impostors_rejected},
                          {"impostors", row.impostors}});
  for (const GrowthRow& row : stability.growth)
    j["growth"]["points"].push_back(
        {{"n", row.n}, {"error", number(row.error)}, {"bound", number(row.bound)}, {"naive", number(row.naive)}});
  return j;
}

Stability stabilityFrom(const Json& j) {
  const Json& growth = j.at("growth");
  Stability stability{.nonfinite = j.at("nonfinite"),
                      .schedules = j.at("schedules"),
                      .order_dependent = j.at("order_dependent"),
                      .growth_size = growth.at("size"),
                      .error_exponent = growth.at("error_exponent"),
                      .bound_exponent = growth.at("bound_exponent"),
                      .naive_exponent = growth.at("naive_exponent"),
                      .plot = growth.at("plot")};
  for (const Json& row : j.at("cases"))
    stability.rows.push_back({row.at("name"), row.at("finds"), row.at("sizes"), row.at("outcome"),
                              numberFrom(row.at("worst_ratio")), numberFrom(row.at("signed_mean_error")), row.at("where"),
                              row.at("nonfinite_due"), row.at("nonfinite_wrong"), row.at("impostors_rejected"), row.at("impostors")});
  for (const Json& row : growth.at("points"))
    stability.growth.push_back(
        {row.at("n"), numberFrom(row.at("error")), numberFrom(row.at("bound")), numberFrom(row.at("naive"))});
  return stability;
}

Json toJson(const Finding& finding) {
  Json locations = Json::array();
  for (const FindingLocation& location : finding.locations) {
    Json entry = toJson(location.stack.empty() ? SourceLocation{} : location.stack[0]);
    entry["what"] = location.what;
    entry["called_from"] = Json::array();
    for (std::size_t i = 1; i < location.stack.size(); ++i)
      entry["called_from"].push_back(toJson(location.stack[i]));
    if (location.thread)
      entry["thread"] = threadToJson(*location.thread);
    if (location.access)
      entry["access"] = accessToJson(*location.access);
    locations.push_back(std::move(entry));
  }
  const CheckInfo* check = findCheck(finding.check);
  std::string code = finding.code.empty() && check ? check->code : finding.code;
  Json j = {{"check", finding.check},
          {"code", orNull(code)},
          {"severity", nameIn(kSeverities, finding.severity)},
          {"message", finding.message},
          {"locations", std::move(locations)},
          {"launch", finding.launch},
          {"help", orNull(finding.help.empty() && check ? check->fix : finding.help)},
          {"fingerprint", orNull(finding.fingerprint)},
          {"confirmed", finding.confirmed},
          {"replay", orNull(finding.replay)}};
  if (!finding.facts.empty())
    j["facts"] = factsToJson(finding.facts);
  return j;
}

Finding findingFrom(const Json& j) {
  Finding finding{.check = j.at("check"), .severity = valueIn(kSeverities, j.at("severity"), Severity::Error)};
  finding.message = j.at("message");
  for (const Json& entry : j.at("locations")) {
    FindingLocation location{{locationFrom(entry)}, entry.at("what")};
    for (const Json& caller : entry.at("called_from"))
      location.stack.push_back(locationFrom(caller));
    if (entry.contains("thread"))
      location.thread = threadFromJson(entry.at("thread"));
    if (entry.contains("access"))
      location.access = accessFromJson(entry.at("access"));
    finding.locations.push_back(std::move(location));
  }
  finding.launch = j.at("launch");
  finding.help = textOf(j, "help");
  finding.fingerprint = textOf(j, "fingerprint");
  finding.confirmed = j.at("confirmed");
  finding.replay = textOf(j, "replay");
  finding.code = textOf(j, "code");
  if (j.contains("facts"))
    finding.facts = factsFromJson(j.at("facts"));
  return finding;
}

/// Every key is always there; null where the outcome has no such thing.
Json toJson(const CheckOutcome& o) {
  Json j = {{"check", o.check},  {"stage", o.stage},    {"outcome", outcomeName(o.outcome)},
            {"reason", nullptr}, {"detail", nullptr},   {"scope", nullptr},
            {"cases", nullptr},  {"seed", nullptr},     {"worst_ratio", nullptr},
            {"replay", nullptr}, {"seconds", o.seconds}};
  if (const auto* proved = std::get_if<Proved>(&o.outcome)) {
    j["scope"] = proved->scope;
    j["assumptions"] = proved->assumptions;
    j["solver"] = proved->solver;
    j["query_hash"] = proved->query_hash;
    j["cached"] = proved->cached;
  } else if (const auto* tested = std::get_if<Tested>(&o.outcome)) {
    j["scope"] = orNull(tested->scope);
    j["cases"] = tested->cases;
    j["seed"] = tested->seed;
    if (tested->worst_ratio && std::isfinite(*tested->worst_ratio))
      j["worst_ratio"] = *tested->worst_ratio;
  } else if (const auto* refuted = std::get_if<Refuted>(&o.outcome)) {
    j["reason"] = refuted->summary;
    j["replay"] = orNull(refuted->replay);
  } else if (const auto* unknown = std::get_if<Unknown>(&o.outcome)) {
    j["reason"] = unknown->code;
    j["detail"] = orNull(unknown->detail);
  }
  if (!o.lines.empty())
    j["lines"] = linesToJson(o.lines);
  return j;
}

const Names<Suppression::State> kStates = {{Suppression::State::Used, "used"},
                                           {Suppression::State::Unused, "unused"},
                                           {Suppression::State::Refused, "refused"}};

Json toJson(const Suppression& said) {
  return {{"check", said.check},
          {"file", said.at.file},
          {"line", said.at.line},
          {"column", said.at.column},
          {"reason", orNull(said.reason)},
          {"state", nameIn(kStates, said.state)},
          {"silenced", orNull(said.silenced)}};
}

Suppression suppressionFrom(const Json& j) {
  Suppression said{.check = j.at("check"), .at = {j.at("file"), j.at("line"), j.at("column"), ""}};
  said.reason = textOf(j, "reason");
  said.state = valueIn(kStates, j.at("state"), Suppression::State::Refused);
  said.silenced = textOf(j, "silenced");
  return said;
}

Outcome outcomeFrom(const Json& j) {
  std::string kind = j.at("outcome");
  if (kind == "proved")
    return Proved{j.at("scope"), j.at("assumptions"), j.at("solver"), j.at("query_hash"), j.at("cached")};
  if (kind == "refuted")
    return Refuted{j.at("reason"), textOf(j, "replay")};
  if (kind == "unknown")
    return Unknown{j.at("reason"), textOf(j, "detail")};
  if (kind != "tested")
    throw Json::other_error::create(501, "no outcome is called " + kind, &j);
  Tested tested{.cases = j.at("cases"), .seed = j.at("seed"), .scope = textOf(j, "scope")};
  if (j.at("worst_ratio").is_number())
    tested.worst_ratio = j.at("worst_ratio").get<double>();
  return tested;
}

Json toJson(const KernelReport& kernel) {
  Json j = {{"file", kernel.file},
            {"kernel", kernel.kernel},
            {"verdict", kernel.error ? Json(nullptr) : Json(nameIn(kVerdicts, kernel.verdict))},
            {"source_sha256", orNull(kernel.source_sha256)},
            {"contract", orNull(kernel.contract)},
            {"contract_sha256", orNull(kernel.contract_sha256)},
            {"spec", orNull(kernel.spec)},
            {"headers", orNull(kernel.headers)},
            {"target", orNull(kernel.target)},
            {"outcomes", Json::array()},
            {"nothing_to_judge", Json::array()},
            {"findings", Json::array()},
            {"static_checks", kernel.static_checks},
            {"suppressions", Json::array()},
            {"profile", kernel.profile},
            {"assumptions", kernel.assumptions},
            {"notes", kernel.notes},
            {"error", nullptr},
            {"job", jobToJson(kernel.job)},
            {"includes", kernel.includes},
            {"seconds", kernel.seconds}};
  for (const CheckOutcome& outcome : kernel.outcomes)
    j["outcomes"].push_back(toJson(outcome));
  for (const NothingToJudge& one : kernel.idle)
    j["nothing_to_judge"].push_back({{"check", one.check}, {"why", one.why}});
  for (const Finding& finding : kernel.findings)
    j["findings"].push_back(toJson(finding));
  for (Json& finding : j["findings"])
    if (auto example = kernel.examples.find(textOf(finding, "replay")); example != kernel.examples.end())
      finding["example"] = example->second;
  for (const Suppression& said : kernel.suppressions)
    j["suppressions"].push_back(toJson(said));
  if (kernel.search)
    j["search"] = searchToJson(*kernel.search);
  if (kernel.adequacy)
    j["adequacy"] = toJson(*kernel.adequacy);
  if (kernel.stability)
    j["stability"] = toJson(*kernel.stability);
  if (const auto& error = kernel.error)
    j["error"] = {{"kind", nameIn(kErrorKinds, error->kind)},
                  {"message", error->message},
                  {"place", orNull(error->place)},
                  {"hint", orNull(error->hint)}};
  return j;
}

KernelReport kernelFrom(const Json& j) {
  KernelReport kernel{.file = j.at("file"), .kernel = j.at("kernel")};
  kernel.source_sha256 = textOf(j, "source_sha256");
  kernel.contract = textOf(j, "contract");
  kernel.contract_sha256 = textOf(j, "contract_sha256");
  kernel.spec = textOf(j, "spec");
  kernel.headers = textOf(j, "headers");
  kernel.target = textOf(j, "target");
  kernel.verdict = valueIn(kVerdicts, textOf(j, "verdict"), Verdict::Inconclusive);
  for (const Json& o : j.at("outcomes")) {
    kernel.outcomes.push_back({o.at("check"), o.at("stage"), outcomeFrom(o), o.at("seconds"), {}});
    if (o.contains("lines"))
      kernel.outcomes.back().lines = linesFromJson(o.at("lines"));
  }
  for (const Json& one : j.at("nothing_to_judge"))
    kernel.idle.push_back({one.at("check"), one.at("why")});
  for (const Json& finding : j.at("findings")) {
    kernel.findings.push_back(findingFrom(finding));
    if (finding.contains("example"))
      kernel.examples[kernel.findings.back().replay] = finding.at("example");
  }
  kernel.static_checks = j.at("static_checks");
  for (const Json& said : j.at("suppressions"))
    kernel.suppressions.push_back(suppressionFrom(said));
  kernel.profile = j.at("profile").get<std::vector<std::string>>();
  kernel.assumptions = j.at("assumptions").get<std::vector<std::string>>();
  kernel.notes = j.at("notes").get<std::vector<std::string>>();
  if (j.contains("search"))
    kernel.search = searchFromJson(j.at("search"));
  if (j.contains("adequacy")) {
    const Json& adequacy = j.at("adequacy");
    kernel.adequacy =
        Adequacy{adequacy.at("rejected"), adequacy.at("total"), adequacy.at("floor"), adequacy.at("survivors"), {}};
    if (adequacy.contains("mutants")) {
      const Json& mutants = adequacy.at("mutants");
      kernel.adequacy->mutants = {mutants.at("rejected"), mutants.at("total"), mutants.at("undecided")};
    }
  }
  if (j.contains("stability"))
    kernel.stability = stabilityFrom(j.at("stability"));
  if (const Json& error = j.at("error"); error.is_object())
    kernel.error = ToolError{valueIn(kErrorKinds, error.at("kind"), ErrorKind::Internal), error.at("message"),
                             textOf(error, "place"), textOf(error, "hint")};
  kernel.job = jobFrom(j.at("job"));
  kernel.includes = j.at("includes").get<std::map<std::string, std::string>>();
  kernel.seconds = j.at("seconds");
  return kernel;
}

/// Not a report, or one of another time.
std::optional<ToolError> wrongFormat(const std::string& name, const Json& j) {
  std::string format = j.is_object() ? textOf(j, "format") : "";
  if (format == kReportFormat)
    return std::nullopt;
  std::string_view family = kReportFormat, prefix = family.substr(0, family.find('/') + 1);
  if (format.starts_with(prefix))
    return ToolError{ErrorKind::Input,
                     fmt::format("'{}' is of format {}, and this kverify ({}) reads {}", name, format, KVERIFY_VERSION,
                                 kReportFormat),
                     name, "render it with the kverify that wrote it, or a newer one"};
  std::string what = format.empty() ? "it has no \"format\"" : fmt::format("its format is '{}'", format);
  return ToolError{ErrorKind::Input, fmt::format("'{}' is not a kverify report: {}", name, what), name,
                   "kverify audit --format json writes one"};
}

/// nlohmann says "[json.exception.out_of_range.403] (/kernels/0) key 'file' not found".
ToolError unreadable(const std::string& name, std::string what) {
  if (what.starts_with("[json.exception.")) {
    std::size_t end = what.find("] ");
    what.erase(0, end == std::string::npos ? 0 : end + 2);
  }
  std::string place = name;
  if (what.starts_with("(/")) {
    std::size_t end = what.find(") ");
    place += " " + what.substr(0, end == std::string::npos ? end : end + 1);
    what.erase(0, end == std::string::npos ? 0 : end + 2);
  }
  return {ErrorKind::Input, fmt::format("'{}' is not a kverify report: {}", name, what), place,
          "kverify audit --format json writes one"};
}

/// Where two documents part, as a JSON pointer; the order of keys does not count, and "" is null.
std::optional<std::string> firstDifference(const Json& a, const Json& b, const std::string& at = "") {
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.items()) {
      auto other = b.find(key);
      if (other == b.end())
        return at + "/" + key;
      if (auto inner = firstDifference(value, *other, at + "/" + key))
        return inner;
    }
    for (const auto& [key, value] : b.items())
      if (!a.contains(key))
        return at + "/" + key;
    return std::nullopt;
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (auto inner = firstDifference(a[i], b[i], at + "/" + std::to_string(i)))
        return inner;
    return std::nullopt;
  }
  auto is_empty = [](const Json& j) { return j.is_null() || j == ""; };
  // nlohmann takes -1 and 2^64 - 1 for equal.
  auto is_negative = [](const Json& j) { return j.is_number_integer() && !j.is_number_unsigned() && j.get<std::int64_t>() < 0; };
  bool same = (a == b && is_negative(a) == is_negative(b)) || (is_empty(a) && is_empty(b));
  return same ? std::nullopt : std::optional(at.empty() ? "/" : at);
}

std::string dumped(const Json& j, int indent) {
  return j.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json toJson(const Report& report) {
  Json j = {{"format", kReportFormat},   {"tool_version", report.tool_version},
            {"command", report.command}, {"seed", report.seed},
            {"partial", report.partial}, {"exit_code", report.exit_code},
            {"seconds", report.seconds}};
  if (!report.started.empty())
    j["started"] = report.started;
  if (!report.folder.empty())
    j["folder"] = report.folder;
  for (const auto& [what, value] : report.platform)
    j["platform"][what] = value;
  j["kernels"] = Json::array();
  for (const KernelReport& kernel : report.kernels)
    j["kernels"].push_back(toJson(kernel));
  addRun(j, report);
  return j;
}

Report reportFrom(const Json& j) {
  Report report{.tool_version = j.at("tool_version"), .command = j.at("command"), .seed = j.at("seed")};
  report.partial = j.at("partial");
  report.exit_code = j.at("exit_code");
  report.seconds = j.at("seconds");
  report.started = textOf(j, "started");
  report.folder = textOf(j, "folder");
  if (j.contains("platform"))
    for (const auto& [what, value] : j.at("platform").items())
      report.platform.emplace_back(what, value.get<std::string>());
  for (const Json& kernel : j.at("kernels"))
    report.kernels.push_back(kernelFrom(kernel));
  readRun(j, report);
  return report;
}

} // namespace

std::string kernelToJson(const KernelReport& kernel) {
  return dumped(toJson(kernel), -1);
}

Expected<KernelReport> kernelFromJson(std::string_view text) {
  try {
    return kernelFrom(Json::parse(text));
  } catch (const Json::exception& e) {
    return fail(ErrorKind::Internal, std::string("a kernel's report cannot be read: ") + e.what());
  }
}

std::string renderJson(const Report& report) {
  return dumped(toJson(report), 2) + "\n";
}

Expected<Report> reportFromJson(const std::string& name, std::string_view text) {
  try {
    const Json j = Json::parse(text);
    if (auto wrong = wrongFormat(name, j))
      return tl::unexpected(*wrong);
    Report report = reportFrom(j);
    // What was not understood would be lost without a word: the file must come out as it went in.
    if (auto difference = firstDifference(j, toJson(report)))
      return fail(ErrorKind::Input,
                  fmt::format("'{}' has something in it that this kverify ({}) does not know", name, KVERIFY_VERSION),
                  fmt::format("{} ({})", name, *difference), "it was changed by hand, or a newer kverify wrote it");
    return report;
  } catch (const Json::exception& e) {
    return tl::unexpected(unreadable(name, e.what()));
  }
}

std::string errorKindName(ErrorKind kind) {
  return nameIn(kErrorKinds, kind);
}

} // namespace kverify::report

#include "report/sarif.h"

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "report/digest.h"
#include "report/sarif_rules.h"

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "https://json.schemastore.org/sarif-2.1.0.json";
constexpr const char* kBase = "%SRCROOT%";

/// UTF-16 code units before byte `column` (from 1) of a line: SARIF's default unit of columns. Clang counts bytes.
unsigned utf16Column(const std::string& line, unsigned column) {
  unsigned units = 1;
  for (std::size_t i = 0; i + 1 < column && i < line.size(); ++i) {
    auto c = static_cast<unsigned char>(line[i]);
    if ((c & 0xc0) != 0x80)
      units += c >= 0xf0 ? 2 : 1;
  }
  return units;
}

/// Makes one run out of a report.
class SarifRun {
public:
  SarifRun(const Report& report, const RenderOptions& options)
      : report_(report), options_(options), rules_(sarifRules(report)) {}

  Json make() {
    for (const KernelReport& kernel : report_.kernels)
      addKernel(kernel);
    Json driver = {{"name", "kverify"},
                   {"semanticVersion", report_.tool_version},
                   {"shortDescription", {{"text", "Verification of CUDA kernels: can this kernel be merged?"}}},
                   {"rules", rules_.rules}};
    if (!rules_.taxonomies.empty())
      driver["supportedTaxonomies"] = {{{"name", "CWE"}, {"index", 0}}};
    Json run = {{"tool", {{"driver", driver}}},
                {"automationDetails", {{"id", "kverify/"}, {"description", {{"text", "audit of CUDA kernels"}}}}},
                {"invocations", {invocation()}},
                {"columnKind", "utf16CodeUnits"},
                {"originalUriBaseIds", {{kBase, {{"description", {{"text", "the top of the repository"}}}}}}},
                {"artifacts", artifacts_},
                {"results", results_}};
    if (!rules_.taxonomies.empty())
      run["taxonomies"] = rules_.taxonomies;
    return run;
  }

private:
  std::size_t artifactOf(const std::string& file, const std::string& sha256 = {}) {
    auto [at, is_new] = artifact_index_.emplace(file, artifacts_.size());
    if (is_new)
      artifacts_.push_back({{"location", artifactLocation(file)}, {"sourceLanguage", "cuda"}});
    if (!sha256.empty()) {
      artifacts_[at->second]["roles"] = {"analysisTarget"};
      artifacts_[at->second]["hashes"] = {{"sha-256", sha256}};
    }
    return at->second;
  }

  Json artifactLocation(const std::string& file) const {
    std::string path = repositoryPath(report_, options_.root, file);
    if (path.starts_with("/"))
      return {{"uri", "file://" + uriOf(path)}};
    return {{"uri", uriOf(path)}, {"uriBaseId", kBase}};
  }

  /// From the place to the end of its line, where the line is known.
  Json regionOf(const SourceLocation& at) const {
    unsigned line = at.line ? at.line : 1, column = at.column ? at.column : 1;
    auto text = options_.sources && at.line ? options_.sources->line(at.file, at.line) : std::nullopt;
    if (!text)
      return {{"startLine", line}, {"startColumn", column}, {"endLine", line}, {"endColumn", column + 1}};
    unsigned start = utf16Column(*text, column);
    std::size_t last = text->find_last_not_of(" \t");
    unsigned end = last == std::string::npos ? start + 1 : utf16Column(*text, static_cast<unsigned>(last) + 2);
    return {{"startLine", line},
            {"startColumn", start},
            {"endLine", line},
            {"endColumn", std::max(end, start + 1)},
            {"snippet", {{"text", *text}}}};
  }

  Json physicalLocation(const SourceLocation& at) {
    Json artifact = artifactLocation(at.file);
    artifact["index"] = artifactOf(at.file);
    return {{"artifactLocation", artifact}, {"region", regionOf(at)}};
  }

  Json locationOf(const SourceLocation& at, const std::string& message) {
    Json location = {{"physicalLocation", physicalLocation(at)}};
    if (!at.function.empty())
      location["logicalLocations"] = {{{"fullyQualifiedName", at.function}, {"kind", "function"}}};
    if (!message.empty())
      location["message"] = {{"text", message}};
    return location;
  }

  /// From the outermost call to the place itself.
  Json stepsOf(const Finding& finding, const FindingLocation& location) {
    Json steps = Json::array();
    auto add = [&](const SourceLocation& at, const std::string& message, const char* importance, std::size_t nesting) {
      steps.push_back({{"location", locationOf(at, message)}, {"importance", importance}, {"nestingLevel", nesting}});
    };
    const auto& interval = finding.facts.interval;
    if (interval && interval->opened_by)
      add(*interval->opened_by, fmt::format("the barrier after which interval {} begins", interval->number), "important", 0);
    const SourceStack& stack = location.stack;
    for (std::size_t i = stack.size(); i-- > 1;)
      add(stack[i], fmt::format("calls {}", stack[i - 1].function), "unimportant", stack.size() - 1 - i);
    add(headOf(location), location.what, "essential", stack.empty() ? 0 : stack.size() - 1);
    if (interval && interval->closed_by)
      add(*interval->closed_by, "the next barrier", "important", 0);
    return steps;
  }

  /// Two threads: one code flow with a flow for each.
  Json codeFlowsOf(const Finding& finding) {
    Json flows = Json::array();
    for (std::size_t i = 0; i < finding.locations.size(); ++i) {
      const FindingLocation& location = finding.locations[i];
      std::string id = fmt::format("thread {}", i + 1);
      if (const auto& who = location.thread)
        id = fmt::format("thread ({}) of block ({})", fmt::join(who->thread, ","), fmt::join(who->block, ","));
      flows.push_back({{"id", id}, {"locations", stepsOf(finding, location)}});
    }
    return {{{"message", {{"text", finding.message}}}, {"threadFlows", flows}}};
  }

  static bool isConcurrent(const Finding& finding) {
    bool two = finding.locations.size() >= 2;
    return two && (finding.check.starts_with("race.") ||
                   (finding.locations[0].thread && finding.locations[1].thread &&
                    finding.locations[0].thread != finding.locations[1].thread));
  }

  /// The message with the first place's share in it, and links to the others (SARIF 3.11.6).
  static std::string messageOf(const Finding& finding) {
    std::string text = finding.message;
    if (wordOf(finding) == std::string_view("unconfirmed"))
      text = "not confirmed: a run showed it once and not again: " + text;
    if (!finding.locations.empty() && !finding.locations[0].what.empty())
      text += fmt::format(": {} here", finding.locations[0].what);
    for (std::size_t i = 1; i < finding.locations.size(); ++i)
      if (!finding.locations[i].what.empty())
        text += fmt::format("; [{}]({})", finding.locations[i].what, i);
    if (!finding.launch.empty())
      text += fmt::format(". Launch: {}", finding.launch);
    return text;
  }

  void addFinding(const KernelReport& kernel, const Finding& finding) {
    std::string_view word = wordOf(finding);
    Json result = resultOf(finding.check, word == "unconfirmed" ? "warning" : word.data(), messageOf(finding),
                           finding.locations.empty() ? SourceLocation{kernel.file, 1, 1, ""} : primaryOf(finding),
                           finding.fingerprint);
    if (!kernel.kernel.empty())
      result["locations"][0]["logicalLocations"] = {{{"fullyQualifiedName", kernel.kernel}, {"kind", "function"}}};
    for (std::size_t i = 1; i < finding.locations.size(); ++i) {
      Json related = locationOf(headOf(finding.locations[i]), finding.locations[i].what);
      related["id"] = i;
      result["relatedLocations"].push_back(std::move(related));
    }
    if (isConcurrent(finding))
      result["codeFlows"] = codeFlowsOf(finding);
    Json& properties = result["properties"];
    properties["confirmed"] = finding.confirmed;
    for (auto [key, value] : {std::pair("launch", finding.launch), {"help", helpOf(finding)}, {"replay", finding.replay}})
      if (!value.empty())
        properties[key] = value;
    results_.push_back(std::move(result));
  }

  /// What is alike in all results. The fingerprint is told apart from equal ones by a number, as CodeQL does it.
  Json resultOf(const std::string& rule, const char* level, const std::string& message, const SourceLocation& at,
                std::string fingerprint) {
    if (fingerprint.empty())
      fingerprint = sha256Hex(fmt::format("{}\n{}\n{}", rule, at.file, message)).substr(0, 16);
    unsigned number = ++fingerprints_[fingerprint];
    return {{"ruleId", rule},
            {"ruleIndex", rules_.index.at(rule)},
            {"level", level},
            {"message", {{"text", message}}},
            {"locations", {{{"physicalLocation", physicalLocation(at)}}}},
            {"partialFingerprints",
             {{"primaryLocationLineHash", fmt::format("{}:{}", fingerprint, number)}, {"kverify/v1", fingerprint}}}};
  }

  void addKernel(const KernelReport& kernel) {
    artifactOf(kernel.file, kernel.source_sha256);
    for (const Finding& finding : kernel.findings)
      addFinding(kernel, finding);
    std::string name = kernel.kernel.empty() ? kernel.file : kernel.kernel;
    SourceLocation start{kernel.file, 1, 1, ""};
    std::string identity = sha256Hex(fmt::format("{}\n{}", kernel.file, kernel.kernel)).substr(0, 16);
    if (const auto& error = kernel.error) {
      std::string text = fmt::format("{} was not judged: {}{}", name, error->message,
                                     error->place.empty() ? "" : fmt::format(" ({})", error->place));
      results_.push_back(resultOf(kNotJudgedRule, "error", text, placeOfError(kernel), identity));
      notify("error", text);
    } else if (kernel.verdict == Verdict::Inconclusive) {
      results_.push_back(resultOf(kInconclusiveRule, "warning",
                                  fmt::format("{} is inconclusive: {}", name, groundsOf(kernel)), start, identity));
    }
    for (const Obligation& one : obligationsOf(kernel))
      if (const auto* unknown = std::get_if<Unknown>(&one.decisive->outcome))
        notify("warning", fmt::format("{}: {} is not known: {}{}", name, one.check, unknown->code,
                                      unknown->detail.empty() ? "" : ": " + unknown->detail), one.check);
    for (const Suppression& said : kernel.suppressions)
      notify("note", fmt::format("{}: allowed: {}", name, allowanceText(said)));
  }

  void notify(const char* level, const std::string& text, const std::string& rule = {}) {
    Json one = {{"level", level}, {"message", {{"text", text}}}};
    if (!rule.empty())
      one["associatedRule"] = {{"id", rule}, {"index", rules_.index.at(rule)}};
    notifications_.push_back(std::move(one));
  }

  Json invocation() const {
    bool failed = report_.partial || countVerdicts(report_).failed > 0 || report_.exit_code == kExitError;
    Json one = {{"executionSuccessful", !failed}, {"exitCode", report_.exit_code},
                {"exitCodeDescription", verdictOf(report_)}};
    if (!report_.command.empty())
      one["commandLine"] = report_.command;
    if (!report_.started.empty())
      one["startTimeUtc"] = report_.started;
    if (!notifications_.empty())
      one["toolExecutionNotifications"] = notifications_;
    return one;
  }

  const Report& report_;
  const RenderOptions& options_;
  SarifRules rules_;
  Json artifacts_ = Json::array(), results_ = Json::array(), notifications_ = Json::array();
  std::map<std::string, std::size_t> artifact_index_;
  std::map<std::string, unsigned> fingerprints_;
};

} // namespace

std::string renderSarif(const Report& report, const RenderOptions& options) {
  Json log = {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", {SarifRun(report, options).make()}}};
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace kverify::report

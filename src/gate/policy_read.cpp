// kverify.json, key by key.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "contract/json_document.h"
#include "core/near_name.h"
#include "gate/glob.h"
#include "gate/policy.h"

namespace kverify::gate {
namespace {

using contract::JsonCursor;

const std::vector<std::string> kDemandKeys = {"stages",      "require",     "checks",     "fail_on",      "quick", "budgets", "oracle_floor",
                                              "determinism", "kill_score", "kernel_gap", "suppressions", "gpu",         "certificate"};
const std::vector<std::string> kStages = {"static", "fuzz", "stability", "formal", "sanitizer", "bench"};
const std::vector<std::string> kRequires = {"tests", "proof", "unbounded-proof"};
const std::vector<std::string> kSeverities = {"error", "warning", "note"};

std::vector<std::string> with(std::vector<std::string> keys) {
  keys.insert(keys.end(), kDemandKeys.begin(), kDemandKeys.end());
  return keys;
}

Severity severityNamed(const std::string& name) {
  return name == "error" ? Severity::Error : name == "warning" ? Severity::Warning : Severity::Note;
}

/// "60s": understood by the flag that it goes to, and looked at here so that the mistake is named where it is.
std::string duration(const JsonCursor& at) {
  const std::string text = at.asString();
  double value = 0;
  auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(next, text.data() + text.size());
  if (!at.failed() && (error != std::errc() || value <= 0 || (unit != "s" && unit != "m" && unit != "h")))
    at.reject(fmt::format("'{}' is not a length of time", text), "for example 90s, 10m or 1h");
  return text;
}

double share(const JsonCursor& at) {
  double value = at.asNumber();
  if (!at.failed() && !(value >= 0 && value <= 1))
    at.reject(fmt::format("{} is not from 0 to 1", value));
  return value;
}

std::vector<std::string> readPaths(const JsonCursor& at) {
  std::vector<std::string> paths;
  for (const JsonCursor& one : at.elements(1)) {
    std::string pattern = one.asString();
    if (!one.failed() && (pattern.empty() || pattern.starts_with("/") || pattern.starts_with("../") || pattern.find("/../") != pattern.npos))
      one.reject(fmt::format("'{}' is not a path below the policy's folder", pattern), "for example \"kernels/attention/**\"");
    paths.push_back(pattern);
  }
  return paths;
}

/// A pattern that no check matches is a mistake that would silently ask for nothing.
void expectCheck(const JsonCursor& at, const std::string& pattern, const std::vector<std::string>& known) {
  auto matches = [&](const std::string& check) { return matchesCheck(pattern, check); };
  if (!at.failed() && std::none_of(known.begin(), known.end(), matches))
    at.reject(fmt::format("there is no check '{}'", pattern), didYouMean(pattern, known));
}

CheckRule readCheck(const JsonCursor& at, const KnownChecks& known) {
  at.expectKeys({"require", "severity"});
  CheckRule rule{.pattern = at.key()};
  expectCheck(at, rule.pattern, known.all);
  if (at.has("require"))
    rule.require = parseRequire(at.at("require").asOneOf(kRequires));
  if (at.has("severity"))
    rule.severity = severityNamed(at.at("severity").asOneOf(kSeverities));
  auto matches = [&](const std::string& check) { return matchesCheck(rule.pattern, check); };
  if (!at.failed() && rule.require.value_or(Require::Tests) != Require::Tests &&
      std::none_of(known.provable.begin(), known.provable.end(), matches))
    at.at("require").reject(fmt::format("'{}' cannot be proved: tests alone judge it", rule.pattern), "\"require\": \"tests\"");
  return rule;
}

void readBudgets(const JsonCursor& at, Overlay& demands) {
  at.expectKeys({"cases", "proof", "question"});
  if (at.has("cases")) {
    std::int64_t cases = at.at("cases").asInteger();
    if (!at.failed() && (cases < 1 || cases > 100000))
      at.at("cases").reject(fmt::format("{} is not from 1 to 100000", cases));
    demands.cases = static_cast<unsigned>(cases);
  }
  if (at.has("proof"))
    demands.proof_budget = duration(at.at("proof"));
  if (at.has("question"))
    demands.question_budget = duration(at.at("question"));
}

KillFloor readKill(const JsonCursor& at) {
  at.expectKeys({"floor", "sample"});
  KillFloor kill{.floor = share(at.at("floor"))};
  if (at.has("sample")) {
    std::int64_t sample = at.at("sample").asInteger();
    if (!at.failed() && sample < 1)
      at.at("sample").reject("at least one mutant must be tried", "leave it out to try all");
    kill.sample = static_cast<std::size_t>(std::max<std::int64_t>(sample, 0));
  }
  return kill;
}

GapFloor readGap(const JsonCursor& at) {
  at.expectKeys({"floor", "baseline"});
  GapFloor gap{.floor = at.at("floor").asNumber()};
  if (!at.failed() && !(gap.floor >= 0))
    at.at("floor").reject("a ratio of times is not negative");
  if (at.has("baseline"))
    gap.baseline = at.at("baseline").asString();
  return gap;
}

/// Whether its files are what they should be, the one who reads them says.
CertificateDemand readCertificate(const JsonCursor& at) {
  at.expectKeys({"keys", "policy", "folder", "spares_audit"});
  CertificateDemand certificate;
  auto inside = [&](const JsonCursor& path) {
    std::string text = path.asString();
    if (!path.failed() && (text.empty() || text.starts_with("/")))
      path.reject(fmt::format("'{}' is not a path from the policy's folder", text), "for example \"keys/team.pub\"");
    return text;
  };
  for (const JsonCursor& one : at.at("keys").elements(1))
    certificate.keys.push_back(inside(one));
  if (at.has("policy"))
    certificate.policy = inside(at.at("policy"));
  if (at.has("folder"))
    certificate.folder = inside(at.at("folder"));
  if (at.has("spares_audit"))
    certificate.spares_audit = at.at("spares_audit").asBool();
  return certificate;
}

Overlay readDemands(const JsonCursor& at, const KnownChecks& known) {
  Overlay demands;
  if (at.has("stages")) {
    demands.stages.emplace();
    for (const JsonCursor& one : at.at("stages").elements(1))
      demands.stages->push_back(one.asOneOf(kStages));
  }
  if (at.has("require"))
    demands.require = parseRequire(at.at("require").asOneOf(kRequires));
  if (at.has("checks"))
    for (const JsonCursor& one : at.at("checks").members())
      demands.checks.push_back(readCheck(one, known));
  if (at.has("fail_on"))
    demands.fail_on = severityNamed(at.at("fail_on").asOneOf({"error", "warning"}));
  if (at.has("quick"))
    demands.quick = at.at("quick").asBool();
  if (at.has("budgets"))
    readBudgets(at.at("budgets"), demands);
  if (at.has("oracle_floor"))
    demands.oracle_floor = share(at.at("oracle_floor"));
  if (at.has("determinism"))
    demands.determinism = at.at("determinism").asOneOf({"report", "require"}) == "require";
  if (at.has("kill_score"))
    demands.kill = readKill(at.at("kill_score"));
  if (at.has("kernel_gap"))
    demands.gap = readGap(at.at("kernel_gap"));
  if (at.has("suppressions")) {
    demands.suppressions.emplace();
    for (const JsonCursor& one : at.at("suppressions").elements()) {
      demands.suppressions->push_back(one.asString());
      expectCheck(one, demands.suppressions->back(), known.all);
    }
  }
  if (at.has("gpu"))
    demands.gpu = parseGpu(at.at("gpu").asOneOf({"never", "if-present", "required"}));
  if (at.has("certificate"))
    demands.certificate = readCertificate(at.at("certificate"));
  return demands;
}

/// Where a rule's paths overlap another's depends on the kernels; each alone must make sense over what holds for all.
void expectConsistent(const JsonCursor& at, const Policy& policy, const PathRule* rule) {
  Policy alone = policy;
  alone.rules.clear();
  if (rule) {
    alone.rules.push_back(*rule);
    alone.rules[0].paths = {"**"};
  }
  if (std::string wrong = contradictionIn(alone.demandsFor("x")); !at.failed() && !wrong.empty())
    at.reject(wrong);
}

void readRules(const JsonCursor& root, Policy& policy, const KnownChecks& known) {
  for (const JsonCursor& one : root.at("rules").elements()) {
    one.expectKeys(with({"paths", "preset"}));
    PathRule rule{.paths = readPaths(one.at("paths")), .place = one.place()};
    if (one.has("preset"))
      rule.preset = one.at("preset").asOneOf(presetNames());
    rule.demands = readDemands(one, known);
    expectConsistent(one, policy, &rule);
    policy.rules.push_back(std::move(rule));
  }
}

} // namespace

Expected<Policy> parsePolicy(const std::string& path, std::string_view text, const KnownChecks& known) {
  auto document = contract::parseJson(path, text);
  if (!document)
    return tl::unexpected(document.error());
  std::optional<ToolError> error;
  JsonCursor root(*document, error);
  Policy policy{.path = path};
  root.expectKeys(with({"$schema", "kverify", "preset", "baseline", "time_budget", "ignore", "rules"}));
  if (root.at("kverify").asInteger() != 1 && !root.failed())
    root.at("kverify").reject("this program reads version 1 of the policy format");
  if (root.has("preset"))
    policy.preset = root.at("preset").asOneOf(presetNames());
  if (root.has("baseline"))
    policy.baseline = root.at("baseline").asString();
  if (root.has("time_budget"))
    policy.time_budget = duration(root.at("time_budget"));
  policy.demands = readDemands(root, known);
  expectConsistent(root, policy, nullptr);
  if (root.has("ignore"))
    for (const JsonCursor& one : root.at("ignore").elements()) {
      one.expectKeys({"paths", "reason"});
      policy.exemptions.push_back({readPaths(one.at("paths")), one.at("reason").asString()});
      if (!one.failed() && policy.exemptions.back().reason.empty())
        one.at("reason").reject("what is not judged needs a reason");
    }
  if (root.has("rules"))
    readRules(root, policy, known);
  if (error)
    return tl::unexpected(*error);
  return policy;
}

} // namespace kverify::gate

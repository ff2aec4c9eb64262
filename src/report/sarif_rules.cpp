#include "report/sarif_rules.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "kverify/check.h"

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;

struct Weakness {
  const char* checks; ///< ids that begin like this; a longer one wins
  int cwe;
  const char* name; ///< as MITRE's list of weaknesses calls it
};

constexpr Weakness kWeaknesses[] = {
    {"access.readonly-write", 471, "Modification of Assumed-Immutable Data (MAID)"},
    {"algebra.", 682, "Incorrect Calculation"},
    {"arith.divide-by-zero", 369, "Divide By Zero"},
    {"assert.failed", 617, "Reachable Assertion"},
    {"async.", 820, "Missing Synchronization"},
    {"barrier.", 833, "Deadlock"},
    {"bounds.", 119, "Improper Restriction of Operations within the Bounds of a Memory Buffer"},
    {"bounds.global-read", 125, "Out-of-bounds Read"},
    {"bounds.global-write", 787, "Out-of-bounds Write"},
    {"bounds.logical-", 129, "Improper Validation of Array Index"},
    {"bounds.shared-read", 125, "Out-of-bounds Read"},
    {"bounds.shared-write", 787, "Out-of-bounds Write"},
    {"index.int-product", 190, "Integer Overflow or Wraparound"},
    {"index.narrowing", 197, "Numeric Truncation Error"},
    {"index.overflow", 190, "Integer Overflow or Wraparound"},
    {"index.shift", 1335, "Incorrect Bitwise Shift of Integer"},
    {"init.", 908, "Use of Uninitialized Resource"},
    {"init.local-read", 457, "Use of Uninitialized Variable"},
    {"launch.no-error-check", 252, "Unchecked Return Value"},
    {"numerics.bound", 682, "Incorrect Calculation"},
    {"numerics.nonfinite", 682, "Incorrect Calculation"},
    {"output.unwritten", 908, "Use of Uninitialized Resource"},
    {"property.", 682, "Incorrect Calculation"},
    {"race.", 362, "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')"},
    {"readable.dead-code", 561, "Dead Code"},
    {"stack.overflow", 674, "Uncontrolled Recursion"},
    {"sync.", 662, "Improper Synchronization"},
    {"sync.missing-barrier", 820, "Missing Synchronization"},
    {"warp.divergent", 662, "Improper Synchronization"},
};

const Weakness* weaknessOf(std::string_view check) {
  const Weakness* best = nullptr;
  for (const Weakness& one : kWeaknesses)
    if (check.starts_with(one.checks) &&
        (!best || std::string_view(one.checks).size() > std::string_view(best->checks).size()))
      best = &one;
  return best;
}

/// "race.shared-read-write" as "RaceSharedReadWrite".
std::string pascalCase(std::string_view id) {
  std::string name;
  bool start = true;
  for (char c : id) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter)
      name += start && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    start = !letter;
  }
  return name;
}

const char* levelOf(Severity severity) {
  return severity == Severity::Error ? "error" : severity == Severity::Warning ? "warning" : "note";
}

/// How often it is right: what a run showed twice always is; what only reads the source may not be.
const char* precisionOf(const CheckInfo& check) {
  bool reads = std::string_view(check.stage) == "static";
  return !reads ? "very-high" : check.severity == Severity::Note ? "low" : check.severity == Severity::Warning ? "medium" : "high";
}

/// Without the full stop that a sentence of the registry may end with or not.
std::string unstopped(std::string_view text) {
  while (text.ends_with('.'))
    text.remove_suffix(1);
  return std::string(text);
}

std::string markdownHelp(const CheckInfo& check) {
  std::string text = fmt::format("# {} ({})\n\n{}.\n\n**Why it matters.** {}.\n\n**How to mend it.** {}.\n\n**How far to trust "
                                 "it.** {}.\n",
                                 check.id, check.code, unstopped(check.summary), unstopped(check.why), unstopped(check.fix),
                                 unstopped(check.soundness));
  if (check.example)
    text += fmt::format("\n```cuda\n{}\n```\n", check.example);
  if (const ProofInfo* proof = findProof(check.id))
    text += fmt::format("\n**What is proved.** {}\n\n**How far to trust a proof.** {}.\n", unstopped(proof->question), unstopped(proof->soundness));
  return text + fmt::format("\n`kverify explain {}` prints the same.\n", check.id);
}

std::string plainHelp(const CheckInfo& check) {
  return fmt::format("Why it matters: {}\nHow to mend it: {}\nHow far to trust it: {}", check.why, check.fix, check.soundness);
}

Json ruleOf(const CheckInfo& check) {
  std::string id = check.id, family = id.substr(0, id.find('.'));
  Json tags = Json::array({"cuda", family, fmt::format("stage:{}", check.stage)});
  if (const Weakness* weakness = weaknessOf(id))
    tags.push_back(fmt::format("external/cwe/cwe-{}", weakness->cwe));
  const char* severity = check.severity == Severity::Note ? "recommendation" : levelOf(check.severity);
  return {{"id", id},
          {"name", pascalCase(id)},
          {"shortDescription", {{"text", check.summary}}},
          {"fullDescription", {{"text", fmt::format("{}: {}", check.summary, check.why)}}},
          {"help", {{"text", plainHelp(check)}, {"markdown", markdownHelp(check)}}},
          {"defaultConfiguration", {{"level", levelOf(check.severity)}}},
          {"properties",
           {{"tags", tags}, {"precision", precisionOf(check)}, {"problem.severity", severity}, {"code", check.code}}}};
}

Json plainRule(const std::string& id, const std::string& text, const char* level, const std::string& help) {
  const char* severity = std::string_view(level) == "note" ? "recommendation" : level;
  return {{"id", id},
          {"name", pascalCase(id)},
          {"shortDescription", {{"text", text}}},
          {"fullDescription", {{"text", text}}},
          {"help", {{"text", help}, {"markdown", help}}},
          {"defaultConfiguration", {{"level", level}}},
          {"properties", {{"tags", {"cuda"}}, {"precision", "very-high"}, {"problem.severity", severity}}}};
}

/// The weaknesses that the rules name, and each rule's relation to its own.
void addTaxa(SarifRules& all) {
  std::map<int, const Weakness*> used;
  for (Json& rule : all.rules)
    if (const Weakness* weakness = weaknessOf(rule.at("id").get<std::string>())) {
      used[weakness->cwe] = weakness;
      rule["relationships"] = {{{"target",
                                 {{"id", std::to_string(weakness->cwe)},
                                  {"toolComponent", {{"name", "CWE"}, {"index", 0}}}}},
                                {"kinds", {"relevant"}}}};
    }
  if (used.empty())
    return;
  Json taxa = Json::array();
  for (const auto& [number, weakness] : used)
    taxa.push_back({{"id", std::to_string(number)}, {"shortDescription", {{"text", weakness->name}}}});
  all.taxonomies.push_back({{"name", "CWE"},
                            {"organization", "MITRE"},
                            {"shortDescription", {{"text", "The MITRE Common Weakness Enumeration"}}},
                            {"isComprehensive", false},
                            {"taxa", taxa}});
}

} // namespace

SarifRules sarifRules(const Report& report) {
  SarifRules all;
  auto add = [&](const std::string& id, Json rule) {
    if (all.index.emplace(id, all.rules.size()).second)
      all.rules.push_back(std::move(rule));
  };
  for (const CheckInfo* check : allChecks())
    add(check->id, ruleOf(*check));
  auto addUnknown = [&](const std::string& id) {
    if (!all.index.count(id))
      add(id, plainRule(id, "a check of another version of kverify", "error", "kverify explain " + id));
  };
  for (const KernelReport& kernel : report.kernels) {
    for (const Finding& finding : kernel.findings)
      addUnknown(finding.check);
    for (const CheckOutcome& outcome : kernel.outcomes)
      addUnknown(outcome.check);
  }
  add(kInconclusiveRule, plainRule(kInconclusiveRule, "kverify could not decide whether the kernel is right", "warning",
                                   "Something kept kverify from knowing: an instruction that is not modelled, a limit, a "
                                   "question that the solver did not answer. It is never a pass."));
  add(kNotJudgedRule, plainRule(kNotJudgedRule, "kverify could not judge the kernel at all", "error",
                                "The file, its contract or the flags are wrong, or the tool failed. It is never a pass."));
  addTaxa(all);
  return all;
}

} // namespace kverify::report

#include "gate/demands.h"

#include <algorithm>

#include <fmt/format.h>

#include "gate/glob.h"

namespace kverify::gate {
namespace {

/// More is asked for: proofs of all that can be proved, warnings that count, mutants that must be noticed.
Overlay strict() {
  Overlay o;
  o.stages = {"static", "fuzz", "stability", "formal"};
  o.require = Require::Proof;
  o.fail_on = Severity::Warning;
  o.quick = false;
  o.cases = 72;
  o.proof_budget = "300s";
  o.question_budget = "30s";
  o.oracle_floor = 1.0;
  o.determinism = true;
  o.kill = KillFloor{0.9, 60};
  o.gap = GapFloor{};
  o.suppressions = std::vector<std::string>{"readable.*"};
  return o;
}

/// What kverify audit does by itself.
Overlay standard() {
  Overlay o;
  o.stages = {"static", "fuzz", "formal"};
  o.require = Require::Tests;
  o.fail_on = Severity::Error;
  o.quick = false;
  o.cases = 36;
  o.proof_budget = "60s";
  o.question_budget = "10s";
  o.oracle_floor = 0.9;
  o.determinism = false;
  o.kill = KillFloor{};
  o.gap = GapFloor{};
  o.suppressions = std::vector<std::string>{"*"};
  return o;
}

/// Under ten seconds a kernel, for a hook before each commit: no proofs, few cases.
Overlay smoke() {
  Overlay o = standard();
  o.stages = {"static", "fuzz"};
  o.quick = true;
  o.cases = 12;
  o.proof_budget = "3s";
  o.certificate = CertificateDemand{};
  return o;
}

template <class T>
void take(const std::optional<T>& from, T& to) {
  if (from)
    to = *from;
}

} // namespace

bool Demands::wants(std::string_view stage) const {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

Require Demands::requireOf(std::string_view check) const {
  Require asked = require;
  for (const CheckRule& rule : checks)
    if (rule.require && matchesCheck(rule.pattern, check))
      asked = *rule.require;
  return asked;
}

Severity Demands::severityOf(std::string_view check, Severity own) const {
  for (const CheckRule& rule : checks)
    if (rule.severity && matchesCheck(rule.pattern, check))
      own = *rule.severity;
  return own;
}

bool Demands::maySilence(std::string_view check) const {
  return std::any_of(suppressions.begin(), suppressions.end(),
                     [&](const std::string& pattern) { return matchesCheck(pattern, check); });
}

Require Demands::strongestRequire() const {
  Require strongest = require;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const bool overridden = std::any_of(checks.begin() + static_cast<std::ptrdiff_t>(i) + 1, checks.end(), [&](const CheckRule& later) {
      return later.pattern == checks[i].pattern && later.require;
    });
    if (!overridden)
      strongest = std::max(strongest, checks[i].require.value_or(strongest));
  }
  return strongest;
}

void Overlay::applyTo(Demands& demands) const {
  take(stages, demands.stages);
  take(require, demands.require);
  demands.checks.insert(demands.checks.end(), checks.begin(), checks.end());
  take(fail_on, demands.fail_on);
  take(quick, demands.quick);
  take(cases, demands.cases);
  take(proof_budget, demands.proof_budget);
  take(question_budget, demands.question_budget);
  take(oracle_floor, demands.oracle_floor);
  take(determinism, demands.determinism);
  take(kill, demands.kill);
  take(gap, demands.gap);
  take(suppressions, demands.suppressions);
  take(gpu, demands.gpu);
  take(certificate, demands.certificate);
}

std::optional<Overlay> presetOf(std::string_view name) {
  if (name == "strict")
    return strict();
  if (name == "standard")
    return standard();
  if (name == "smoke")
    return smoke();
  return std::nullopt;
}

std::vector<std::string> presetNames() {
  return {"strict", "standard", "smoke"};
}

std::string_view nameOf(Gpu gpu) {
  return gpu == Gpu::Never ? "never" : gpu == Gpu::IfPresent ? "if-present" : "required";
}

std::optional<Gpu> parseGpu(std::string_view name) {
  for (Gpu gpu : {Gpu::Never, Gpu::IfPresent, Gpu::Required})
    if (nameOf(gpu) == name)
      return gpu;
  return std::nullopt;
}

std::string_view nameOf(Severity severity) {
  return severity == Severity::Error ? "error" : severity == Severity::Warning ? "warning" : "note";
}

std::string contradictionIn(const Demands& demands) {
  if (demands.stages.empty())
    return "no stage is to run";
  if (demands.strongestRequire() != Require::Tests && !demands.wants("formal"))
    return fmt::format("'{}' is required, and the stage that proves (formal) is not among the stages", kverify::nameOf(demands.strongestRequire()));
  bool needs_gpu = demands.wants("sanitizer") || demands.wants("bench") || demands.gap.floor > 0;
  if (needs_gpu && demands.gpu == Gpu::Never)
    return "the stages sanitizer and bench and a kernel_gap need a GPU, and 'gpu' is never";
  if (demands.gap.floor > 0 && demands.gap.baseline.empty())
    return "a kernel_gap needs a baseline";
  return {};
}

} // namespace kverify::gate

#pragma once
// What a kernel must show to be let in: the sum of a preset, kverify.json and its rules for the kernel's path.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kverify/check.h"
#include "kverify/verdict.h"

namespace kverify::gate {

/// "checks": { "race.*": … }. The last one that matches a check decides, key by key.
struct CheckRule {
  std::string pattern;
  std::optional<Require> require;
  std::optional<Severity> severity;
};

/// Mutants of the kernel that must be noticed (kverify mutate).
struct KillFloor {
  double floor = 0;       ///< least share; 0: not asked
  std::size_t sample = 0; ///< mutants a kernel; 0: all
};

/// How fast the kernel must be beside a baseline (kverify bench).
struct GapFloor {
  double floor = 0;     ///< least t_baseline / t_kernel; 0: not asked
  std::string baseline; ///< as kverify bench --baseline takes it
};

/// A positive certificate (src/attest) without which the kernel is not let in.
struct CertificateDemand {
  std::vector<std::string> keys;   ///< files of public keys, from the policy's folder; empty: no certificate is asked for
  std::string policy = "standard"; ///< what it must say: smoke, standard, strict, or a file from the policy's folder
  std::string folder;              ///< of the certificates, from the policy's folder, laid out as the kernels are; empty: beside each kernel
  bool spares_audit = false;       ///< a valid one takes the audit's place

  bool asked() const { return !keys.empty(); }
};

enum class Gpu {
  Never,
  IfPresent, ///< used where there is one, and its absence costs nothing
  Required,
};

struct Demands {
  std::vector<std::string> stages{"static", "fuzz", "formal"}; ///< which must run to their end
  Require require = Require::Tests;                            ///< of every check that no rule below is about
  std::vector<CheckRule> checks;
  Severity fail_on = Severity::Error; ///< findings of at least this severity fail
  bool quick = false;
  unsigned cases = 36;
  std::string proof_budget = "60s", question_budget = "10s";
  double oracle_floor = 0.9;
  bool determinism = false;
  KillFloor kill;
  GapFloor gap;
  std::vector<std::string> suppressions{"*"}; ///< checks that a kverify-allow comment may silence
  Gpu gpu = Gpu::Never;
  CertificateDemand certificate;

  bool wants(std::string_view stage) const;
  Require requireOf(std::string_view check) const;
  /// What the policy makes of a check's findings, or `own` where it says nothing.
  Severity severityOf(std::string_view check, Severity own) const;
  bool maySilence(std::string_view check) const;
  /// The strongest that is asked of any check.
  Require strongestRequire() const;
};

/// Some of the demands; what is not set stays as it was.
struct Overlay {
  std::optional<std::vector<std::string>> stages;
  std::optional<Require> require;
  std::vector<CheckRule> checks; ///< after those that are there
  std::optional<Severity> fail_on;
  std::optional<bool> quick;
  std::optional<unsigned> cases;
  std::optional<std::string> proof_budget, question_budget;
  std::optional<double> oracle_floor;
  std::optional<bool> determinism;
  std::optional<KillFloor> kill;
  std::optional<GapFloor> gap;
  std::optional<std::vector<std::string>> suppressions;
  std::optional<Gpu> gpu;
  std::optional<CertificateDemand> certificate;

  void applyTo(Demands& demands) const;
};

/// "strict", "standard", "smoke": every demand but "checks", "gpu" and "certificate", which only smoke takes away (before a commit
/// there is none yet); nothing for another name.
std::optional<Overlay> presetOf(std::string_view name);
std::vector<std::string> presetNames();

std::string_view nameOf(Gpu gpu);
std::optional<Gpu> parseGpu(std::string_view name);
/// "error", "warning", "note".
std::string_view nameOf(Severity severity);

/// What contradicts itself ("race.* must be proved, and the stage that proves does not run"), or "".
std::string contradictionIn(const Demands& demands);

} // namespace kverify::gate

#pragma once
// One kernel under its demands: in or out, and why. Pure: no files, no runs, no clocks.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gate/certified.h"
#include "gate/demands.h"
#include "kverify/report.h"

namespace kverify::gate {

enum class Result { Passed, Failed, Error, Inconclusive };

/// "passed", "failed", "error", "inconclusive".
std::string_view nameOf(Result result);
/// Process exit codes of DESIGN.md: 0, 1, 2, 3.
int exitCodeOf(Result result);

/// One thing that keeps a kernel out, or that would if it were not known before.
struct Reason {
  Result result = Result::Failed;
  std::string check;
  SourceLocation at;                ///< line 0: none
  std::string text;
  const Finding* finding = nullptr; ///< that it is about
  std::string key;                  ///< of an open question, for the baseline; empty: none
};

/// What kverify mutate said of the kernel's file.
struct KillScore {
  std::optional<double> score; ///< share of the mutants that were noticed
  std::uint64_t mutants = 0;
  std::string problem; ///< why there is no score
};

/// What kverify bench said: the kernel gap and its 95 % interval.
struct GapSeen {
  std::optional<double> value, low, high;
  std::string problem;
};

/// All that a decision hangs on.
struct Evidence {
  const KernelReport* kernel = nullptr;
  Demands demands;
  std::set<const Finding*> known;   ///< findings that the baseline has
  std::set<std::string> known_open; ///< keys of open questions that the baseline has
  std::optional<KillScore> kill;
  std::optional<GapSeen> gap;
  std::optional<CertificateSeen> certificate; ///< where the demands ask for one
  bool gpu_here = false;
};

struct Decision {
  Result result = Result::Error;
  std::vector<Reason> reasons;          ///< worst first; empty where it passed
  std::vector<Reason> known;            ///< what the baseline lets through
  std::vector<std::string> let_through; ///< what the policy lets through, in words
};

/// Fails where a run refutes a check whose severity is an error, where a finding is at least as severe as the demands'
/// fail_on, where a comment silences what may not be silenced, where a certificate is asked for and none was accepted, or the
/// kernel is slower than its floor for certain; unless the baseline knows it. Else an error where there is no verdict on the kernel; else inconclusive where a question is
/// open (standing.h) or a floor was not reached; else passes.
Decision decide(const Evidence& evidence);

} // namespace kverify::gate

#pragma once
// The work behind a gate: audits, mutants and timings of files, by the public commands.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge.h"
#include "gate/render.h"

namespace kverify::cli {

/// A file to judge and what is asked of it.
struct GateTask {
  std::string source; ///< as a user at the working directory would name it
  gate::Demands demands;
};

struct GateRunOptions {
  std::vector<std::string> clang_flags;
  std::string output = "out", target = "sm_80", cuda_headers = "auto";
  unsigned jobs = 0;
  double time_budget_seconds = 0; ///< of all audits together; 0: none
  bool quiet = false, no_cache = false;
  bool gpu_here = false;
};

/// One report of all tasks, in their order, at least one kernel for each: what an audit did not speak of is an error that
/// says so. Tasks that ask for the same share an audit. `spared`: what stands for the audit of these sources.
Report auditTasks(const std::vector<GateTask>& tasks, const GateRunOptions& options, std::map<std::string, std::vector<KernelReport>> spared);

/// kverify mutate of one file. Never throws; what went wrong is the score's problem.
gate::KillScore killScoreOf(const GateTask& task, const GateRunOptions& options);

/// kverify bench of one file against the demands' baseline.
gate::GapSeen gapOf(const GateTask& task, const GateRunOptions& options);

} // namespace kverify::cli

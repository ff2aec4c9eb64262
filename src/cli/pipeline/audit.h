#pragma once
// The audit of one job: compile, fit, draw cases, run them, judge, confirm, fold. Never throws, never passes by
// default.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "cli/pipeline/backend.h"
#include "cli/pipeline/job.h"
#include "cli/pipeline/stop.h"
#include "cli/pipeline/subject.h"
#include "core/proof_bundle.h"
#include "frontend/compile.h"
#include "fuzz/generate/cases.h"
#include "kverify/report.h"
#include "simt/executor.h"

namespace kverify::pipeline {

struct AuditRecord;

/// Which stages run.
struct Stages {
  bool fuzz = true;
  bool formal = true;
  bool lint = false; ///< the static stage
  bool stability = false;
  bool bench = false;
  bool sanitizer = false;
};

/// How hard the formal stage tries.
struct FormalOptions {
  unsigned query_ms = 10000;   ///< of one question
  double kernel_seconds = 60;  ///< of all questions about a kernel
  bool shares_minute = false;  ///< less, where the other stages left less of a minute
  std::string dump_smt2;       ///< folder where every question is written; empty = nowhere
  std::string second_solver;   ///< "cvc5": asked again what was proved; empty = none
  ProofBundle* proofs = nullptr; ///< what was proved of this job before, and now; null = nothing is kept
};

/// How long the search that coverage guides goes on, after the drawn cases.
struct SearchBudget {
  std::size_t cases = 48;   ///< 0: no search
  double seconds = 0;       ///< not 0: this long, whatever the other limits say
  double work_share = 0.5;  ///< it costs at most this part of what the drawn cases cost
  std::size_t patience = 24; ///< it ends after so many cases that reached nothing new; 0: it does not
};

struct AuditOptions {
  Stages stages;
  FormalOptions formal;
  Policy policy;
  std::optional<bool> equal_writes; ///< threads may write one value to one place; absent: what the contract says
  frontend::CompileOptions compile; ///< `kernels` is ignored: the job knows
  generate::CaseBudget budget;
  SearchBudget search;
  std::uint64_t steps = std::uint64_t{1} << 32; ///< of one case; see simt::RunLimits
  std::uint64_t memory_bytes = std::uint64_t{4} << 30;
  std::uint64_t seed = 1;
  unsigned workers = 1;
  double oracle_floor = 0.9;        ///< what part of the wrong results the oracle must reject before its pass counts
  unsigned schedules = 3;           ///< other orders of blocks and warps that must give the same bits
  bool require_determinism = false; ///< results that depend on the order of blocks are refuted, not only reported
  bool quick = false;               ///< leave out what takes longest: growth of the error
  std::string saved_cases;          ///< folder of the cases that showed something once; empty = none are kept
  BackendOptions backend;           ///< where the cases of the fuzz and stability stages run
  bool fix = false;   ///< make the certain repairs of the static stage in the source
  std::string spec;   ///< the operation of files without contract: a name of specs/, or a path that ends in .json
  std::map<std::string, std::string> spec_options; ///< of that spec, as a contract writes them
  std::string output; ///< folder of the replay files; empty = none are written
  StopSwitch* stop = nullptr;
  /// Told after every case, from any thread: how many are done, of how many. May be empty.
  std::function<void(std::size_t done, std::size_t total)> progress;
  AuditRecord* record = nullptr; ///< filled where it is there; runs then leave their traces
  /// Told between stages what the report holds so far. May be empty.
  std::function<void(const KernelReport&)> checkpoint;
};

/// May threads write one value to one place? By the options, else by the contract, else not.
bool allowsEqualWrites(const Subject& subject, const AuditOptions& options);

/// One job to its report. Failures of the tool itself are KernelReport::error.
KernelReport auditJob(const Job& job, const AuditOptions& options);

/// A report that says for every check of these stages why nothing is known. `known` has the file, kernel and contract.
KernelReport unjudged(KernelReport known, const Unknown& why, const Stages& stages = {});

/// Hash of check, kernel and the text of the primary line without its blanks: stable under moved lines.
std::string fingerprintOf(const Finding& finding, const std::string& kernel, const std::string& source_bytes);

/// Fills the report's exit code and `partial`, once all kernels are in it.
void closeReport(Report& report, bool interrupted);

} // namespace kverify::pipeline

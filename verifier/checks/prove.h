#pragma once
// The formal stage: what can be proved of a kernel under its contract, for all launches that the contract allows.
#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "frontend/device_module.h"
#include "kverify/contract.h"
#include "kverify/outcome.h"
#include "kverify/report.h"
#include "kverify/source.h"

namespace kverify::verifier {

struct ProveOptions {
  unsigned obligation_ms = 10000;
  double kernel_seconds = 60;
  bool want_candidates = true;
  std::string dump_smt2; ///< folder of the queries; empty = none
  unsigned workers = 1;  ///< questions that are answered at a time
  std::string second_solver;   ///< a program, "cvc5", that is asked again what was proved; empty = none
  std::set<std::string> known; ///< hashes of queries that were proved before, by this very tool
  const std::atomic<bool>* stop = nullptr;
  bool equal_writes = false; ///< threads may write one value to one place: race.same-value-write is not asked
  /// There is no contract: global arrays are distinct and large enough.
  bool assumed_launch = false;
  /// Only that no index wraps and no tensor that is only read is written, and what the code claims of its own values, each
  /// claim for itself (ProveResult::claims).
  bool claims_only = false;
};

/// A launch and threads that the solver thinks break a check. An accusation only once the executor has seen it.
struct Candidate {
  std::string check;
  std::string kernel;
  Sizes sizes;                               ///< the contract's free sizes
  std::map<std::string, std::int64_t> model; ///< every symbol, "tid.x#1" and so on
  std::string what;                          ///< one sentence
  std::vector<std::string> blame; ///< unknown values that it rests on: "a value loaded from 'index' is 17"
  SourceLocation where, other;
};

struct ProveResult {
  std::vector<CheckOutcome>
      outcomes; ///< stage "formal"; Proved or Unknown, never Refuted; checks with nothing to judge are absent
  std::vector<Candidate> candidates;
  std::vector<NothingToJudge> idle;     ///< checks that no outcome says anything about
  std::set<std::string> claims; ///< texts of the kv_asserts of which all hold in all launches; of claims_only
  std::set<std::string> proved_queries; ///< hashes, for ProveOptions::known of the next time
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::size_t queries = 0;
  double seconds = 0;
};

/// Judges every launch of the contract, which must fit the module's kernels. Never throws.
ProveResult judgeKernel(const frontend::DeviceModule& module, const Contract& contract,
                        const ProveOptions& options = {});

/// The outcomes alone.
std::vector<CheckOutcome> proveKernel(const frontend::DeviceModule& module, const Contract& contract,
                                      const ProveOptions& options = {});

} // namespace kverify::verifier

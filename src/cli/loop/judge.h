#pragma once
// Audits and times a proposal, each in a process of its own: a kernel that brings one down costs its own round.
#include <functional>
#include <string>
#include <vector>

#include "cli/loop/round.h"
#include "kverify/error.h"

namespace kverify::loop {

/// Where a round's files lie.
struct Place {
  std::string folder;
  std::string kernel() const { return folder + "/kernel.cu"; }
  std::string contract() const { return folder + "/kernel.contract.json"; }
};

struct JudgeOptions {
  std::vector<std::string> audit_flags, clang_flags;
  std::string bench;           ///< a command that prints milliseconds; empty: kverify's own
  double bench_seconds = 600;  ///< it is ended then
  std::function<bool()> stop;
};

/// Writes the proposal's files. Errors: Input (cannot be written).
Expected<void> writeFiles(const Place& place, const Proposal& proposal, const std::string& shapes);

/// Do the files still hold what was proposed? What was audited and what is timed must be one thing.
bool filesHold(const Place& place, const Proposal& proposal);

/// `kverify audit` with the given flags, as feedback. Anything but a whole, certified report that its exit code agrees with
/// is not certified. Errors: Environment.
Expected<Judgement> judge(const Place& place, const JudgeOptions& options);

/// By the hook, or by `kverify bench`, which where `best` is given measures both in turns. Errors: Environment.
Expected<Timing> timeIt(const Place& place, const Place* best, const JudgeOptions& options);

} // namespace kverify::loop

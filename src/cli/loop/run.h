#pragma once
// The loop itself: propose, audit, time, keep. Each step is in the journal before the next one starts.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/loop/chained_log.h"
#include "cli/loop/history.h"
#include "cli/loop/judge.h"
#include "cli/loop/propose.h"
#include "cli/loop/task.h"

namespace kverify::loop {

struct LoopOptions {
  Proposer proposer;
  JudgeOptions judge;
  std::string spec, contract, start; ///< as given on the command line; contract and start may be empty
  std::string journal, output;       ///< output: folder of the rounds and of the history
  unsigned rounds = 10;
  unsigned give_up = 3; ///< so many rounds without a proposal, one after the other, end the loop
  double margin = 0.02;
  bool afresh = false;
  std::string version;
  std::function<void(const std::string&)> say; ///< progress, a line
};

class Loop {
public:
  /// Reads the task and the journal. Errors: Input, Environment.
  static Expected<std::unique_ptr<Loop>> prepare(const LoopOptions& options);

  /// Errors: Environment (the disk, no process). What proposers and kernels do is no error.
  Expected<void> run();

  const History& history() const { return history_; }
  bool interrupted() const { return interrupted_; }

private:
  explicit Loop(const LoopOptions& options) : options_(options) {}
  Expected<void> readTask();
  Expected<void> readJournal();
  Expected<void> takeEntry(const Json& entry, std::size_t line);
  Json settings() const;

  bool wantsMore() const;
  Expected<void> begin(unsigned number);
  Expected<void> step(Round& round);
  Expected<void> judgeRound(Round& round);
  Expected<void> timeRound(Round& round);
  Expected<void> keep(unsigned number, const char* what, const Json& value);
  void settle(Round& round);
  Expected<void> publish();
  Place placeOf(const Round& round) const;
  bool stopped();

  LoopOptions options_;
  Task task_;
  std::string shapes_;          ///< text of shapes.json beside the given contract
  std::string start_source_, start_contract_;
  std::unique_ptr<ChainedLog> journal_;
  History history_;
  bool interrupted_ = false;
};

} // namespace kverify::loop

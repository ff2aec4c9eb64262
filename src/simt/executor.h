#pragma once
// Runs a LaunchPlan on the CPU, thread by thread, under checkers that see every memory access.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "frontend/device_module.h"
#include "kverify/error.h"
#include "kverify/finding.h"
#include "kverify/launch.h"
#include "kverify/source.h"
#include "simt/coverage.h"
#include "simt/shadow/shadow.h"

namespace kverify::simt {

/// A byte of a buffer of the plan.
struct WatchedByte {
  std::size_t buffer = 0;
  std::uint64_t offset = 0;
};

struct RunLimits {
  std::uint64_t steps = std::uint64_t{1} << 36;        ///< loop iterations and calls, over the whole plan
  std::uint64_t memory_bytes = std::uint64_t{4} << 30; ///< buffers, before shadow
  std::uint64_t printf_bytes = 1 << 16;                ///< output kept; the rest is counted
  const std::atomic<bool>* stop = nullptr;             ///< set by Ctrl-C or a deadline
  bool equal_writes = false; ///< threads may write one value to one place: race.same-value-write is not reported
  shadow::Inputs shadow; ///< of a program with ProgramOptions::shadow
  /// In which order blocks and warps run. 0: the usual one. Others: any order is one that a GPU may take.
  std::uint64_t schedule = 0;
  /// Who stores to this byte last? The precise engine runs, and says so in RunResult::last_store.
  std::optional<WatchedByte> watched_byte;
  bool keep_writers = false; ///< the precise engine says who wrote each element of what may be written: RunResult::writers
  bool explain = true; ///< false: a run that the fast filter can't clear ends with RunResult::doubt, unexplained
};

/// Who wrote one element last.
struct LastWriter {
  std::int32_t code = Tile::Nobody; ///< 0: `thread`; else of Tile::Writer
  ThreadId thread;
};

enum class RunStatus {
  Completed,   ///< every thread ran to its end (violations may have been seen on the way)
  Faulted,     ///< stopped at a violation that execution can't pass (out of bounds, deadlock, assert, …)
  Unsupported, ///< something that is not modelled: `reason` names it
  StepLimit,
  Stopped, ///< RunLimits::stop was set
  Hung,    ///< a launch on a GPU did not end in its time: `reason` says which
};

struct RunStats {
  std::uint64_t accesses = 0; ///< checked memory accesses, where counted (precise runs)
  std::uint64_t barriers = 0;
  std::uint64_t shadow_bytes = 0; ///< shadow memory that became resident
  double seconds = 0;
  bool precise = false; ///< the precise engine had to run
};

struct RunResult {
  RunStatus status = RunStatus::Completed;
  bool doubt = false;            ///< not explained (RunLimits::explain): nothing else in here counts
  std::string reason;            ///< for Unsupported, StepLimit: one sentence
  std::vector<Finding> findings; ///< with check, message, locations, launch filled in; at most one per check and place
  std::vector<std::vector<std::uint8_t>> buffers; ///< final contents, in the order of LaunchPlan::buffers
  std::string printed;                            ///< what the kernels printed
  std::uint64_t printed_dropped = 0;              ///< bytes beyond the limit
  std::optional<FindingLocation> last_store;      ///< of RunLimits::watched_byte
  std::vector<std::vector<LastWriter>> writers;   ///< of RunLimits::keep_writers: by buffer, by element; of inputs none
  RunStats stats;
  std::shared_ptr<const shadow::Result> shadow; ///< of a program with ProgramOptions::shadow
  std::vector<std::uint8_t> coverage; ///< of a program with ProgramOptions::coverage, where the fast filter ran: by point
};

struct ProgramOptions {
  bool checks = true;          ///< off: plain run, for measuring the cost of checking
  bool always_precise = false; ///< skip the fast filter (tests, replay)
  /// Lines (file and line) whose integer arithmetic is watched: signed results that leave their type (index.overflow),
  /// shifts by an amount that the type does not have (index.shift).
  std::vector<SourceLocation> watch;
  /// Every float carries a shadow value. The run is a plain one (give `checks` = false) of a plan that an ordinary
  /// program has run without a finding: what such a run would report, this one does not survive.
  ShadowDomain shadow = ShadowDomain::None;
  bool coverage = false; ///< the fast filter notes which branches are taken (RunResult::coverage)
};

/// A DeviceModule made runnable: retargeted, instrumented, JIT-compiled. Thread-safe: several threads may run() at
/// once.
class Program {
public:
  /// Errors: Internal (bad bitcode). What the kernels use that is not modelled is not an error here: run() says
  /// Unsupported.
  static Expected<std::unique_ptr<Program>> create(const frontend::DeviceModule& module,
                                                   const ProgramOptions& options = {});
  virtual ~Program() = default;
  /// Errors: Input (no such kernel, arguments that do not fit), Limit (memory).
  virtual Expected<RunResult> run(const LaunchPlan& plan, const RunLimits& limits = {}) = 0;
  /// What RunResult::coverage is about; empty without ProgramOptions::coverage. Errors: as of create().
  virtual Expected<const CoverageMap*> coverageMap() = 0;
};

} // namespace kverify::simt

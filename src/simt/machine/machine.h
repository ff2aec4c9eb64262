#pragma once
// Runs blocks: a scheduler of fibers with barriers and warp collectives. Deterministic: round robin, no clock, no luck.
//
// One machine runs one plan on one host thread. Without observers it is the fast filter: the first doubt gives the run
// up (Doubt). With observers every event is told and the run goes on until something can't be passed.
#include <array>
#include <atomic>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "kverify/launch.h"
#include "simt/checks/observer.h"
#include "simt/machine/arena.h"
#include "simt/machine/thread.h"
#include "simt/site_table.h"

namespace kverify::simt {

using EntryPoint = void (*)(abi::ThreadContext*, const std::uint8_t* params);

/// What the host's own calls (checks that report) may need on a thread's stack; sanitized frames are much larger.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t kHostStackBytes = 192 << 10;
#else
inline constexpr std::uint64_t kHostStackBytes = 16 << 10;
#endif

enum class StopReason { None, Doubt, Fault, Unsupported, StepLimit, EpochLimit, Stopped };

struct MachineLimits {
  std::uint64_t steps = 0;
  std::uint64_t printf_bytes = 0;
  std::uint64_t stack_bytes = 64 << 10;
  std::uint64_t callee_bytes = 0;     ///< local arrays of the largest frame of a function that is called, not inlined
  std::uint32_t undefined_value = 0;  ///< what a shuffle from an absent lane or an uninitialised variable gives
  bool report_undefined = false;      ///< every such value is told to the observers
  std::uint32_t undefined_site = ~0u; ///< if set, only this site gives undefined_value, the others 0
  const std::atomic<bool>* stop = nullptr;
  std::optional<Dim3> only_block; ///< of LaunchPlan
  std::uint64_t schedule = 0;     ///< of RunLimits
};

/// A warp operation that waits for its lanes.
struct Collective {
  std::uint32_t mask = 0;
  std::uint32_t arrived = 0;
  std::uint32_t operation = 0;
  std::uint32_t site = 0;
  std::array<const void*, 32> in{};
  std::array<void*, 32> out{};
  std::array<std::uint32_t, 32> sites{};
  void (*function)(const void* const in[32], void* const out[32], std::uint32_t mask) = nullptr;
  bool orders_memory = false;
};

/// Computes the results of all lanes of `mask` once they have arrived. Lanes outside have null pointers.
using CollectiveFunction = void (*)(const void* const in[32], void* const out[32], std::uint32_t mask);

namespace shadow {
class Run;
}

class Machine {
public:
  Machine(Arena& arena, const SiteTable& sites, std::vector<Observer*> observers, const MachineLimits& limits);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Runs all blocks of one launch in order. Returns None when every thread ran to its end.
  StopReason runLaunch(EntryPoint entry, const KernelLaunch& launch, std::uint32_t index, std::uint64_t params_address);

  /// The CUDA thread on whose stack this is called.
  static Thread* current();

  // Called by device code (through src/simt/host_calls.cpp), on the fiber of the thread.
  void barrier(Thread& thread, std::uint32_t site);
  void namedBarrier(Thread& thread, std::uint32_t id, std::uint32_t count, bool wait, std::uint32_t site);
  std::uint32_t reducingBarrier(Thread& thread, std::uint32_t operation, bool predicate, std::uint32_t site);
  void collective(Thread& thread, std::uint32_t mask, std::uint32_t operation, CollectiveFunction function,
                  const void* in, void* out, std::uint32_t site, bool orders_memory);
  std::uint32_t activeMask(Thread& thread, std::uint32_t site);
  void asyncCopy(Thread& thread, const AsyncCopy& copy);
  void asyncCommit(Thread& thread);
  void asyncWait(Thread& thread, std::int32_t pending);
  void fuel(Thread& thread, std::uint32_t steps, std::uint32_t site);
  [[noreturn]] void stop(Thread& thread, StopReason reason, std::string text = {});
  /// A violation was told to the observers (or there are none: doubt).
  [[noreturn]] void fault(Thread& thread);
  [[noreturn]] void exitThread(Thread& thread);
  bool precise() const { return !observers_.empty(); }
  std::span<Observer* const> observers() const { return observers_; }
  void convergence(const ConvergenceEvent& event);
  void print(std::string_view text);

  shadow::Run* shadow = nullptr; ///< of this run, where the program has shadow values
  std::uint8_t* coverage = nullptr; ///< of this run, a byte a point, where the program notes it

  Arena& arena() { return arena_; }
  const SiteTable& sites() const { return sites_; }
  const std::string& stopText() const { return stop_text_; }
  std::string takePrinted() { return std::move(printed_); }
  std::uint64_t printedDropped() const { return printed_dropped_; }
  std::uint64_t barriers() const { return barriers_; }
  std::uint64_t accesses = 0;
  std::uint64_t clock = 0;                 ///< what kernels that measure time get to see
  std::set<std::uint32_t> undefined_sites; ///< where undefined values came from
  /// The undefined value that this site gives in this run; notes that it did.
  std::uint32_t undefinedValue(std::uint32_t site);
  const MachineLimits& limits() const { return limits_; }
  std::uint32_t block() const { return block_; }
  std::uint32_t launchIndex() const { return launch_index_; }
  std::uint32_t threadCount() const { return count_; }
  Thread::State stateOf(std::uint32_t linear) const { return states_[linear]; }
  Thread& threadAt(std::uint32_t linear) { return threads_[linear]; }
  /// First epoch of the current block / launch, shifted.
  std::uint32_t blockStart() const { return block_start_; }
  std::uint32_t launchStart() const { return launch_start_; }
  std::uint32_t lastBarrier() const { return last_barrier_; }
  /// Where the threads met that met as a whole block, last.
  std::uint32_t barrierSite() const { return barrier_site_; }
  /// Since when the live lanes of a warp have not all met, shifted.
  std::uint32_t warpBarrier(std::uint32_t warp) const { return warp_barrier_[warp]; }
  /// Starts a new epoch and returns it, shifted.
  std::uint32_t nextEpoch(Thread& thread);
  /// Ranges of global memory whose cells must be renumbered when epochs run out.
  void addEpochRange(std::uint64_t offset, std::uint64_t bytes) { epoch_ranges_.push_back({offset, bytes}); }

private:
  struct NamedBarrier {
    std::vector<Thread*> waiting;
    std::vector<Thread*> arrived;
    std::uint32_t count = 0;
    std::uint32_t site = 0;
  };

  std::uint32_t absentLanes(const NamedBarrier& named) const;
  void runBlock(std::uint64_t block, const KernelLaunch& launch);
  /// The block that runs as the i-th one.
  std::uint32_t scheduledBlock(std::uint32_t i, std::uint32_t blocks) const;
  /// The first lane of the warp that runs first.
  std::uint32_t firstThread() const;
  void prepareThreads(const KernelLaunch& launch);
  void renumber();
  void switchToNext(Thread& from);
  Thread* nextRunnable(std::uint32_t after);
  void wait(Thread& thread, Thread::State state, std::uint32_t site);
  void wake(Thread& thread);
  void wakeAll();
  void checkSameBarrier(Thread& thread, std::uint32_t site);
  /// Nobody can run: groups of __activemask are resolved, else it is a deadlock. Returns the thread to go on with.
  Thread* resolveStall(Thread& last);
  bool resolveActiveMasks();
  void reportStall(Thread& last);
  /// A thread exits with copies that it never waited for.
  void abandonCopies(Thread& thread);
  void finishCopy(Thread& thread, const AsyncCopy& copy);
  void markCells(std::uint64_t address, std::uint64_t bytes, std::uint32_t write);
  void completeCollective(Collective& group, Thread& last);
  /// A lane has exited: what waited for nobody else can go on.
  void settleCollectives(Thread& exited);
  Collective& findCollective(Thread& thread, std::uint32_t mask, std::uint32_t operation, std::uint32_t site);
  static void threadMain(void* argument);

  Arena& arena_;
  const SiteTable& sites_;
  std::vector<Observer*> observers_;
  MachineLimits limits_;
  EntryPoint entry_ = nullptr;
  const std::uint8_t* params_ = nullptr;

  std::unique_ptr<Thread[]> threads_;
  std::uint32_t capacity_ = 0;
  std::vector<Thread*> thread_pointers_;
  std::uint32_t count_ = 0;
  std::array<Thread::State, 1024> states_{};
  std::array<std::uint32_t, 32> live_lanes_{}; ///< of each warp: those that exist and have not exited
  std::uint32_t live_ = 0;
  Fiber host_;
  std::uint64_t stack_stride_ = 1;

  std::uint32_t barrier_arrived_ = 0;
  Thread* barrier_first_ = nullptr;
  std::uint32_t barrier_site_ = 0;
  std::uint32_t barrier_popcount_ = 0;
  std::array<NamedBarrier, 16> named_;
  bool named_used_ = true;
  std::vector<std::vector<std::unique_ptr<Collective>>> collectives_; // by warp

  std::uint32_t epoch_ = 2;
  std::array<std::uint32_t, 32> warp_barrier_{};
  std::uint32_t block_start_ = 0, last_barrier_ = 0, launch_start_ = 0;
  std::uint32_t block_ = 0, launch_index_ = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> epoch_ranges_;
  std::vector<AsyncCopy> abandoned_; ///< in flight when their thread exited

  StopReason stop_ = StopReason::None;
  std::string stop_text_;
  std::string printed_;
  std::uint64_t printed_dropped_ = 0;
  std::uint64_t steps_left_ = 0;
  std::uint64_t barriers_ = 0;
  std::uint32_t last_undefined_ = ~0u;
};

} // namespace kverify::simt

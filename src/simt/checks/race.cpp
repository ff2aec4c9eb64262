// Data races by happens-before: two accesses to one place, one of them a write, not both atomic, and nothing orders
// them.
//
// Sound and complete for the input that was run, whatever the schedule: under barriers, __syncwarp, named barriers and
// fences with atomics the order does not depend on who ran first. Lockstep of a warp, shuffles and votes order nothing.
// volatile is a relaxed atomic access in global memory (PTX ISA, memory consistency model: "volatile operations") and
// an ordinary one in shared memory, where its only use is to trust in lockstep. A cp.async is in flight until its
// thread has waited for it. Per place it keeps the last write, all reads since and all atomics since (FastTrack, PLDI
// 2009).
#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/DenseMap.h>

#include "simt/checks/checks.h"
#include "simt/checks/knowledge.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

constexpr const char* kWhy =
    "which value is read or remains depends on the schedule: tests pass until the day they don't";
constexpr const char* kBarrierFix = "a __syncthreads() is needed between the two accesses";
constexpr const char* kBlocksFix =
    "blocks run in any order: give each its own place, use an atomic, or split the kernel";
constexpr const char* kSound = "sound and complete for the inputs that were run, for every schedule of them";

const CheckInfo kSharedWW{"race.shared-write-write",
                          "KV1201",
                          "fuzz",
                          "two threads write one shared element unordered",
                          kWhy,
                          kBarrierFix,
                          kSound};
const CheckInfo kSharedRW{"race.shared-read-write",
                          "KV1202",
                          "fuzz",
                          "one thread reads a shared element that another writes, unordered",
                          kWhy,
                          kBarrierFix,
                          kSound};
const CheckInfo kGlobalWW{"race.global-write-write",
                          "KV1203",
                          "fuzz",
                          "two threads of a block write one global element unordered",
                          kWhy,
                          kBarrierFix,
                          kSound};
const CheckInfo kGlobalRW{"race.global-read-write",
                          "KV1204",
                          "fuzz",
                          "one thread reads a global element that another of its block writes, unordered",
                          kWhy,
                          kBarrierFix,
                          kSound};
const CheckInfo kBlocksWW{
    "race.blocks-write-write", "KV1205", "fuzz", "two blocks write one global element", kWhy, kBlocksFix, kSound};
const CheckInfo kBlocksRW{"race.blocks-read-write",
                          "KV1206",
                          "fuzz",
                          "one block reads a global element that another writes",
                          kWhy,
                          kBlocksFix,
                          kSound};
const CheckInfo kAsync{"race.async-copy",
                       "KV1207",
                       "fuzz",
                       "access to data that an asynchronous copy has not delivered yet",
                       kWhy,
                       "wait for the copy (cp.async.wait_group) and then meet at a barrier before using what it brings",
                       kSound};
const RegisterCheck registrations[] = {RegisterCheck(kSharedWW), RegisterCheck(kSharedRW), RegisterCheck(kGlobalWW),
                                       RegisterCheck(kGlobalRW), RegisterCheck(kBlocksWW), RegisterCheck(kBlocksRW),
                                       RegisterCheck(kAsync)};

/// One past access, small enough to keep many.
struct Past {
  std::uint32_t block = 0;
  std::uint32_t epoch = 0;
  std::uint32_t site = 0;
  std::uint16_t thread = 0;
  std::uint16_t bytes = 0;
  abi::Kind kind = abi::kRead;
  bool valid = false;
};

struct History {
  Past write;
  bool in_flight = false; ///< `write` is a cp.async that has not been waited for
  std::vector<Past> reads;
  std::vector<Past> atomics;
  std::vector<Past> sources; ///< asynchronous copies that read here and have not been waited for
};

class Race : public Observer {
public:
  explicit Race(CheckContext& context) : c_(context) {}

  void onLaunch(const KernelLaunch& launch, std::uint32_t) override {
    launch_ = &launch;
    global_.clear();
    shared_history_.clear();
    clocks_.startLaunch();
  }
  void onBlock(std::uint32_t block, std::span<Thread*> threads) override {
    clocks_.startBlock(block, static_cast<std::uint32_t>(threads.size()));
    shared_history_.clear();
  }
  void onMeet(std::span<Thread*> threads, bool whole_block) override { clocks_.meet(threads, whole_block); }
  void onArrive(Thread& thread, std::uint32_t barrier) override { clocks_.arrive(thread, barrier); }
  void onBarrierOpens(std::uint32_t barrier) override { clocks_.open(barrier); }
  void onFence(Thread& thread, abi::Scope scope) override { clocks_.fence(thread, scope); }

  Next onAccess(const AccessEvent& event) override {
    c_.reporter.event_raced = false;
    std::uint64_t offset = event.address - c_.arena.base();
    std::uint64_t slot = offset >> abi::kSlotShift;
    if (slot == abi::kStackSlot || slot == abi::kParamSlot)
      return Next::Continue;
    shared_ = slot == abi::kSharedSlot;
    // An input can't race: a write to it is a finding of its own.
    if (event.kind == abi::kRead && !shared_ && c_.arena.cell(event.address).write == abi::kHostReadOnly)
      return Next::Continue;
    unsigned shift = c_.arena.granuleLog2();
    for (std::uint64_t cell = offset >> shift; cell <= (offset + event.bytes - 1) >> shift; ++cell)
      look(event, cell);
    if (event.atomic)
      clocks_.atomic(event.thread, event.address, event.kind);
    return Next::Continue;
  }

  void onAsyncDone(Thread& thread, const AsyncCopy& copy) override {
    unsigned shift = c_.arena.granuleLog2();
    std::uint64_t offset = copy.destination - c_.arena.base();
    for (std::uint64_t cell = offset >> shift; cell <= (offset + copy.bytes - 1) >> shift; ++cell) {
      History& history = shared_history_[cell];
      history.in_flight = false;
      history.write.epoch = thread.epoch();
    }
    offset = copy.source - c_.arena.base();
    for (std::uint64_t cell = offset >> shift; copy.source_bytes && cell <= (offset + copy.source_bytes - 1) >> shift;
         ++cell) {
      auto found = global_.find(cell);
      if (found == global_.end())
        continue;
      std::vector<Past>& sources = found->second.sources;
      auto read = std::find_if(sources.begin(), sources.end(), [&](const Past& past) {
        return past.thread == thread.linear && past.block == c_.machine->block();
      });
      if (read == sources.end())
        continue;
      Past done = *read; // it may have read at any time until now
      done.epoch = thread.epoch();
      sources.erase(read);
      put(found->second.reads, done);
    }
  }

private:
  void look(const AccessEvent& event, std::uint64_t cell) {
    History& history = shared_ ? shared_history_[cell] : global_[cell];
    const Past& write = history.write;
    if (write.valid && history.in_flight)
      report(event, write, true);
    else if (write.valid && unordered(event, write))
      report(event, write, false);
    if (!event.atomic)
      checkAll(event, history.atomics);
    if (event.kind != abi::kRead)
      checkAll(event, history.reads);
    if (event.kind != abi::kRead && !history.sources.empty())
      report(event, history.sources.front(), true);
    note(event, history);
  }

  void checkAll(const AccessEvent& event, const std::vector<Past>& pasts) {
    for (const Past& past : pasts)
      if ((event.kind != abi::kRead || past.kind != abi::kRead) && unordered(event, past))
        return report(event, past, false);
  }

  bool unordered(const AccessEvent& event, const Past& past) const {
    return !clocks_.knows(event.thread, past.block, past.thread, past.epoch);
  }

  static void put(std::vector<Past>& pasts, const Past& now) {
    for (Past& past : pasts)
      if (past.thread == now.thread && past.block == now.block &&
          (past.kind == abi::kRead) == (now.kind == abi::kRead)) {
        past = now;
        return;
      }
    pasts.push_back(now);
  }

  void note(const AccessEvent& event, History& history) {
    Past now{c_.machine->block(),
             event.thread.epoch(),
             event.site,
             static_cast<std::uint16_t>(event.thread.linear),
             static_cast<std::uint16_t>(event.bytes),
             event.kind,
             true};
    if (event.kind == abi::kRead && event.async)
      history.sources.push_back(now);
    if (event.atomic)
      return put(history.atomics, now);
    if (event.kind == abi::kRead)
      return put(history.reads, now);
    history.write = now;
    history.in_flight = event.async;
    history.reads.clear();
    history.atomics.clear();
  }

  const CheckInfo& checkFor(const AccessEvent& event, const Past& past, bool async) const {
    bool both_write = event.kind != abi::kRead && past.kind != abi::kRead;
    if (async)
      return kAsync;
    if (shared_)
      return both_write ? kSharedWW : kSharedRW;
    if (past.block != c_.machine->block())
      return both_write ? kBlocksWW : kBlocksRW;
    return both_write ? kGlobalWW : kGlobalRW;
  }

  ThreadName nameOf(const Past& past) const {
    ThreadName name;
    const Dim3& block = launch_->block;
    const Dim3& grid = launch_->grid;
    name.tid[0] = past.thread % block.x;
    name.tid[1] = past.thread / block.x % block.y;
    name.tid[2] = past.thread / block.x / block.y;
    name.block[0] = past.block % grid.x;
    name.block[1] = past.block / grid.x % grid.y;
    name.block[2] = past.block / grid.x / grid.y;
    return name;
  }

  void report(const AccessEvent& event, const Past& past, bool async) {
    c_.reporter.event_raced = true;
    const CheckInfo& check = checkFor(event, past, async);
    Place place = c_.map.find(event.address);
    std::string element = place.region ? MemoryMap::element(place) : "memory";
    std::string message;
    if (async)
      message = fmt::format("{} is {} while an asynchronous copy {} it is in flight", element,
                            event.kind == abi::kRead ? "read" : "written", past.kind == abi::kRead ? "from" : "to");
    else if (past.block != c_.machine->block())
      message = fmt::format("two blocks touch {} and nothing orders them", element);
    else
      message = fmt::format("two threads touch {} with no barrier between", element);
    std::string earlier =
        async ? fmt::format("issues a copy of {} bytes", past.bytes) : describeAccess(past.kind, past.bytes);
    c_.reporter.report(
        check, message,
        {c_.reporter.location(past.site, nameOf(past), earlier),
         c_.reporter.location(event.site, ThreadName::of(event.thread), describeAccess(event.kind, event.bytes))},
        help(event, past, async));
  }

  std::string help(const AccessEvent& event, const Past& past, bool async) const {
    const auto& sites = c_.machine->sites().sites;
    const SourceStack& a = sites[event.site].stack;
    const SourceStack& b = sites[past.site].stack;
    if (async || past.block != c_.machine->block() || a.empty() || b.empty())
      return {};
    // The lines of the kernel itself: a helper that was inlined is no place for a barrier.
    auto [first, second] = std::minmax(a.back().line, b.back().line);
    if (first == second)
      return fmt::format("a __syncthreads() is needed around line {}", first);
    return fmt::format("a __syncthreads() is needed between lines {} and {}", first, second);
  }

  CheckContext c_;
  const KernelLaunch* launch_ = nullptr;
  bool shared_ = false;
  Clocks clocks_;
  llvm::DenseMap<std::uint64_t, History> global_, shared_history_; // by granule
};

} // namespace

std::unique_ptr<Observer> makeRaceCheck(CheckContext& context) {
  return std::make_unique<Race>(context);
}

} // namespace kverify::simt

// Data races by happens-before: two accesses to one place, one of them a write, not both atomic, and nothing orders
// them.
//
// Sound and complete for the input that was run, whatever the schedule: under barriers, __syncwarp, named barriers and
// fences with atomics the order does not depend on who ran first. Lockstep of a warp, shuffles and votes order nothing.
// volatile is a relaxed atomic access in global memory (PTX ISA, memory consistency model: "volatile operations") and
// an ordinary one in shared memory, where its only use is to trust in lockstep. A cp.async is in flight until its
// thread has waited for it. Per place it keeps the last write, all reads since and all atomics since (FastTrack, PLDI
// 2009).
//
// Of two plain writes the values are compared, bit by bit, once the second was done: threads that write what is there
// already have a check of their own (race.same-value-write). A pair of source lines where some thread pair writes
// something else is never reported as such.
#include <algorithm>
#include <cstring>
#include <map>
#include <set>

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
const CheckInfo kSameValue{kSameValueWrites,
                           "KV1208",
                           "fuzz",
                           "two threads write the same value to one place unordered",
                           "a data race by CUDA's memory model all the same: the compiler may take it for impossible; on "
                           "today's devices the value is what remains",
                           "let one thread write, or use an atomic; --same-value-writes allow (or \"same_value_writes\" "
                           "in the contract) tolerates it",
                           "sound and complete for the inputs that were run, as far as eight writers of each of four "
                           "values of a place are remembered"};
const RegisterCheck registrations[] = {RegisterCheck(kSameValue), RegisterCheck(kSharedWW), RegisterCheck(kSharedRW), RegisterCheck(kGlobalWW),
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
  std::uint16_t interval = 0; ///< of its block; see Scene
  bool valid = false;
};

/// A write that others may not know of, and what it left in the granule.
struct Written {
  Past past;
  std::uint32_t value = 0;
};

struct History {
  Past write;
  std::uint32_t value = 0;      ///< that `write` left, where it is known
  bool value_known = false;
  std::vector<Written> writers; ///< before `write`, and not by the same thread with the same value
  bool in_flight = false; ///< `write` is a cp.async that has not been waited for
  std::vector<Past> reads;
  std::vector<Past> atomics;
  std::vector<Past> sources; ///< asynchronous copies that read here and have not been waited for
};

class Race : public Observer {
public:
  explicit Race(CheckContext& context) : c_(context) {}

  void onLaunch(const KernelLaunch& launch, std::uint32_t index) override {
    c_.reporter.setLaunch(launch_index_);
    settle();
    c_.reporter.setLaunch(index);
    launch_ = &launch;
    launch_index_ = index;
    global_.clear();
    shared_history_.clear();
    clocks_.startLaunch();
  }
  void onBlock(std::uint32_t block, std::span<Thread*> threads) override {
    settle();
    clocks_.startBlock(block, static_cast<std::uint32_t>(threads.size()));
    shared_history_.clear();
  }
  void onMeet(std::span<Thread*> threads, bool whole_block) override {
    settle();
    clocks_.meet(threads, whole_block);
  }
  void onArrive(Thread& thread, std::uint32_t barrier) override {
    settle();
    clocks_.arrive(thread, barrier);
  }
  void onBarrierOpens(std::uint32_t barrier) override { clocks_.open(barrier); }
  void onFence(Thread& thread, abi::Scope scope) override {
    settle();
    clocks_.fence(thread, scope);
  }
  void onStop() override {
    settle();
    reportEqual();
  }

  Next onAccess(const AccessEvent& event) override {
    settle();
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
    pending_.now = nowOf(event);
    if (event.atomic)
      clocks_.atomic(event.thread, event.address, event.kind);
    return Next::Continue;
  }

  void onAsyncDone(Thread& thread, const AsyncCopy& copy) override {
    settle();
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
  /// What a report says of the later access, when that is over.
  struct Now {
    ThreadName name;
    std::uint32_t block = 0;
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    std::uint32_t site = 0;
    abi::Kind kind = abi::kRead;
    std::uint32_t interval = 0;
  };
  /// A plain write that was announced: what it leaves is there at the next event.
  struct Pending {
    struct Place {
      std::uint64_t cell = 0;
      bool differs = false;         ///< from a write whose value is not known
      std::vector<Written> against; ///< writes that nothing orders before it
    };
    Now now;
    std::vector<Place> places;
  };
  struct Equal {
    Now now;
    Past past;
    std::uint64_t cell = 0;
    bool shared = false;
    std::uint32_t launch = 0;
    const KernelLaunch* of = nullptr;
  };
  using Sites = std::pair<std::uint32_t, std::uint32_t>;

  Now nowOf(const AccessEvent& event) const {
    return {ThreadName::of(event.thread), c_.machine->block(), event.address, event.bytes, event.site, event.kind,
            c_.reporter.scene().interval()};
  }

  static bool isPlainWrite(const AccessEvent& event) {
    return event.kind == abi::kWrite && !event.atomic && !event.async;
  }

  History& historyOf(std::uint64_t cell) { return shared_ ? shared_history_[cell] : global_[cell]; }

  /// What the last write left, compared with what others wrote there.
  void settle() {
    const Written *unlike = nullptr, *alike = nullptr;
    std::uint64_t unlike_cell = 0, alike_cell = 0;
    for (Pending::Place& place : pending_.places) {
      History& history = historyOf(place.cell);
      history.value = valueAt(place.cell);
      history.value_known = true;
      for (const Written& one : place.against) {
        bool same = one.value == history.value && !place.differs;
        const Written*& first = same ? alike : unlike;
        if (!first) {
          first = &one;
          (same ? alike_cell : unlike_cell) = place.cell;
        }
      }
    }
    if (unlike) {
      unlike_.insert(std::minmax(unlike->past.site, pending_.now.site));
      report(pending_.now, unlike->past, unlike_cell, false);
    } else if (alike) {
      alike_.emplace(std::minmax(alike->past.site, pending_.now.site),
                     Equal{pending_.now, alike->past, alike_cell, shared_, launch_index_, launch_});
    }
    pending_.places.clear();
  }

  /// Those lines that never wrote anything else.
  void reportEqual() {
    for (const auto& [sites, one] : alike_) {
      if (unlike_.count(sites))
        continue;
      shared_ = one.shared;
      launch_ = one.of;
      c_.reporter.setLaunch(one.launch);
      c_.reporter.scene().conflict(addressOf(one.cell), granule(), nameOf(one.past).id(), one.now.name.id());
      reportAs(kSameValue, one.now, one.past, one.cell, "write one value to", false);
    }
    alike_.clear();
  }

  std::uint64_t granule() const { return std::uint64_t{1} << c_.arena.granuleLog2(); }
  std::uint64_t addressOf(std::uint64_t cell) const { return c_.arena.base() + (cell << c_.arena.granuleLog2()); }

  std::uint32_t valueAt(std::uint64_t cell) const {
    unsigned shift = c_.arena.granuleLog2();
    std::uint32_t value = 0;
    std::memcpy(&value, c_.arena.data(cell << shift), std::size_t{1} << shift);
    return value;
  }

  /// Keeps what was written before, for those who do not know of it.
  static void remember(History& history) {
    constexpr std::size_t most_values = 4, most_writers = 8;
    std::vector<Written>& all = history.writers;
    Written now{history.write, history.value};
    std::set<std::uint32_t> values;
    std::size_t alike = 0;
    for (Written& one : all) {
      values.insert(one.value);
      alike += one.value == now.value;
      if (one.value == now.value && one.past.thread == now.past.thread && one.past.block == now.past.block) {
        one = now;
        return;
      }
    }
    auto drop = [&](auto what) { all.erase(std::find_if(all.begin(), all.end(), what)); };
    if (alike >= most_writers)
      drop([&](const Written& one) { return one.value == now.value; });
    else if (alike == 0 && values.size() >= most_values)
      std::erase_if(all, [value = all.front().value](const Written& one) { return one.value == value; });
    all.push_back(now);
  }

  void expect(const AccessEvent& event, std::uint64_t cell, const History& history, bool races) {
    Pending::Place place;
    place.cell = cell;
    if (races) {
      place.differs = !history.value_known || history.write.kind != abi::kWrite;
      place.against.push_back({history.write, history.value});
    }
    for (const Written& one : history.writers)
      if (unordered(event, one.past))
        place.against.push_back(one);
    pending_.places.push_back(std::move(place));
  }

  void look(const AccessEvent& event, std::uint64_t cell) {
    History& history = historyOf(cell);
    const Past& write = history.write;
    bool races = write.valid && !history.in_flight && unordered(event, write);
    if (write.valid && history.in_flight)
      report(nowOf(event), write, cell, true);
    else if (races && !isPlainWrite(event))
      report(nowOf(event), write, cell, false);
    if (isPlainWrite(event)) {
      expect(event, cell, history, races);
      c_.reporter.event_raced |= races;
    }
    if (!event.atomic)
      checkAll(event, history.atomics, cell);
    if (event.kind != abi::kRead)
      checkAll(event, history.reads, cell);
    if (event.kind != abi::kRead && !history.sources.empty())
      report(nowOf(event), history.sources.front(), cell, true);
    note(event, history);
  }

  void checkAll(const AccessEvent& event, const std::vector<Past>& pasts, std::uint64_t cell) {
    for (const Past& past : pasts)
      if ((event.kind != abi::kRead || past.kind != abi::kRead) && unordered(event, past))
        return report(nowOf(event), past, cell, false);
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
             static_cast<std::uint16_t>(std::min<std::uint32_t>(c_.reporter.scene().interval(), UINT16_MAX)),
             true};
    if (event.kind == abi::kRead && event.async)
      history.sources.push_back(now);
    if (event.atomic)
      return put(history.atomics, now);
    if (event.kind == abi::kRead)
      return put(history.reads, now);
    if (shared_)
      std::erase_if(history.writers, [&](const Written& one) { return clocks_.allKnow(one.past.epoch); });
    if (history.write.valid && history.value_known && !(shared_ && clocks_.allKnow(history.write.epoch)))
      remember(history);
    history.write = now;
    history.value_known = false;
    history.in_flight = event.async;
    history.reads.clear();
    history.atomics.clear();
  }

  const CheckInfo& checkFor(const Now& event, const Past& past, bool async) const {
    bool both_write = event.kind != abi::kRead && past.kind != abi::kRead;
    if (async)
      return kAsync;
    if (shared_)
      return both_write ? kSharedWW : kSharedRW;
    if (past.block != event.block)
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

  void report(const Now& event, const Past& past, std::uint64_t cell, bool async) {
    c_.reporter.event_raced = true;
    c_.reporter.scene().conflict(addressOf(cell), granule(), nameOf(past).id(), event.name.id());
    reportAs(checkFor(event, past, async), event, past, cell, "touch", async);
  }

  /// The two as numbers. Of the earlier one only the place that both touch is known.
  Details detailsOf(const Now& event, const Past& past, bool async) const {
    Details details{.help = help(event, past, async)};
    bool one_block = past.block == event.block;
    if (one_block && past.interval == event.interval && event.interval == c_.reporter.scene().interval())
      details.facts.interval = c_.reporter.scene().openInterval();
    details.drawing = Drawing{event.address, event.bytes, one_block ? Drawing::When::IntervalEnds : Drawing::When::LaunchEnds, {}};
    return details;
  }

  FindingLocation locationOf(const Past& past, std::uint64_t address, bool async) const {
    std::string what = async ? fmt::format("issues a copy of {} bytes", past.bytes) : describeAccess(past.kind, past.bytes);
    FindingLocation here = c_.reporter.location(past.site, nameOf(past), what);
    here.access = c_.reporter.scene().accessTo(address, past.bytes, async ? AccessKind::Copy : accessKind(past.kind));
    here.access->interval = past.interval;
    return here;
  }

  FindingLocation locationOf(const Now& event) const {
    FindingLocation here = c_.reporter.location(event.site, event.name, describeAccess(event.kind, event.bytes));
    here.access = c_.reporter.scene().accessTo(event.address, event.bytes, accessKind(event.kind));
    here.access->interval = event.interval;
    return here;
  }

  void reportAs(const CheckInfo& check, const Now& event, const Past& past, std::uint64_t cell, const char* what,
                bool async) {
    Place place = c_.map.find(event.address);
    std::string element = place.region ? MemoryMap::element(place) : "memory";
    std::string message;
    if (async)
      message = fmt::format("{} is {} while an asynchronous copy {} it is in flight", element,
                            event.kind == abi::kRead ? "read" : "written", past.kind == abi::kRead ? "from" : "to");
    else if (past.block != event.block)
      message = fmt::format("two blocks {} {} and nothing orders them", what, element);
    else
      message = fmt::format("two threads {} {} with no barrier between", what, element);
    std::uint64_t both = std::max(addressOf(cell), event.address);
    c_.reporter.report(check, message, {locationOf(past, both, async), locationOf(event)}, detailsOf(event, past, async));
  }

  std::string help(const Now& event, const Past& past, bool async) const {
    const auto& sites = c_.machine->sites().sites;
    const SourceStack& a = sites[event.site].stack;
    const SourceStack& b = sites[past.site].stack;
    if (async || past.block != event.block || a.empty() || b.empty())
      return {};
    // The lines of the kernel itself: a helper that was inlined is no place for a barrier.
    auto [first, second] = std::minmax(a.back().line, b.back().line);
    if (first == second)
      return fmt::format("a __syncthreads() is needed around line {}", first);
    return fmt::format("a __syncthreads() is needed between lines {} and {}", first, second);
  }

  CheckContext c_;
  const KernelLaunch* launch_ = nullptr;
  std::uint32_t launch_index_ = 0;
  bool shared_ = false;
  Pending pending_;
  std::set<Sites> unlike_;       ///< where a write-write race of different values was seen
  std::map<Sites, Equal> alike_; ///< the first one of equal values
  Clocks clocks_;
  llvm::DenseMap<std::uint64_t, History> global_, shared_history_; // by granule
};

} // namespace

std::unique_ptr<Observer> makeRaceCheck(CheckContext& context) {
  return std::make_unique<Race>(context);
}

} // namespace kverify::simt

#include "simt/machine/machine.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "simt/shadow/run.h"

namespace kverify::simt {
namespace {

// A stride that is no power of two keeps the hot ends of the stacks from sharing cache sets.
constexpr std::uint64_t kStackSkew = 4096 + 192;

thread_local Machine* running = nullptr;

std::uint32_t shifted(std::uint32_t epoch) {
  return epoch << abi::kEpochShift;
}

} // namespace

Machine::Machine(Arena& arena, const SiteTable& sites, std::vector<Observer*> observers, const MachineLimits& limits)
    : arena_(arena), sites_(sites), observers_(std::move(observers)), limits_(limits), steps_left_(limits.steps) {}

Machine::~Machine() = default;

void Machine::threadMain(void* argument) {
  auto* thread = static_cast<Thread*>(argument);
  enterFiber(thread->fiber);
  thread->machine->entry_(thread, thread->machine->params_);
  thread->machine->exitThread(*thread);
}

void Machine::prepareThreads(const KernelLaunch& launch) {
  count_ = static_cast<std::uint32_t>(launch.block.count());
  stack_stride_ = ((limits_.stack_bytes + 4095) & ~std::uint64_t{4095}) + kStackSkew;
  if (capacity_ < count_)
    threads_ = std::make_unique<Thread[]>(capacity_ = count_);
  thread_pointers_.clear();
  collectives_.clear();
  collectives_.resize((count_ + 31) / 32);
  std::uint64_t stacks = arena_.base() + (abi::kStackSlot << abi::kSlotShift) + (1ull << 34);
  for (std::uint32_t i = 0; i < count_; ++i) {
    Thread& thread = threads_[i];
    thread_pointers_.push_back(&thread);
    thread.machine = this;
    thread.fiber.stack_low = stacks + i * stack_stride_;
    thread.fiber.stack_bytes = limits_.stack_bytes;
    thread.stack_limit = thread.fiber.stack_low + kHostStackBytes + limits_.callee_bytes;
    thread.tid[0] = i % launch.block.x;
    thread.tid[1] = i / launch.block.x % launch.block.y;
    thread.tid[2] = i / launch.block.x / launch.block.y;
    thread.ntid[0] = launch.block.x, thread.ntid[1] = launch.block.y, thread.ntid[2] = launch.block.z;
    thread.nctaid[0] = launch.grid.x, thread.nctaid[1] = launch.grid.y, thread.nctaid[2] = launch.grid.z;
    thread.linear = i;
    thread.lane = i & 31;
    thread.warp = i >> 5;
    thread.dynamic_shared = launch.dynamic_shared_bytes;
    thread.arena = arena_.base();
    thread.shadow = arena_.shadow();
    thread.shadow_origin = shadow ? shadow->origin() : 0;
    thread.shadow_state = shadow ? shadow->state() : nullptr;
    thread.coverage = coverage;
  }
}

Thread* Machine::current() {
  auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  std::uint64_t stacks = running->arena_.base() + (abi::kStackSlot << abi::kSlotShift) + (1ull << 34);
  return &running->threads_[(here - stacks) / running->stack_stride_];
}

StopReason Machine::runLaunch(EntryPoint entry, const KernelLaunch& launch, std::uint32_t index, std::uint64_t params) {
  entry_ = entry;
  params_ = reinterpret_cast<const std::uint8_t*>(params);
  launch_index_ = index;
  running = this;
  prepareThreads(launch);
  if (epoch_ > abi::kMaxEpoch / 2)
    renumber();
  launch_start_ = shifted(++epoch_);
  for (Observer* observer : observers_)
    observer->onLaunch(launch, index);
  if (const auto& only = limits_.only_block) {
    runBlock(only->x + std::uint64_t{launch.grid.x} * (only->y + std::uint64_t{launch.grid.y} * only->z), launch);
    return stop_;
  }
  auto blocks = static_cast<std::uint32_t>(launch.grid.count());
  for (std::uint32_t block = 0; block < blocks && stop_ == StopReason::None; ++block)
    runBlock(scheduledBlock(block, blocks), launch);
  return stop_;
}

/// i -> (a i + c) mod blocks is a permutation for every a that has no divisor in common with the number of blocks.
std::uint32_t Machine::scheduledBlock(std::uint32_t i, std::uint32_t blocks) const {
  if (limits_.schedule == 0 || blocks < 2)
    return i;
  std::uint64_t step = limits_.schedule % blocks;
  while (std::gcd(step, std::uint64_t{blocks}) != 1 || (step == 1 && blocks > 2))
    step = (step + 1) % blocks;
  return static_cast<std::uint32_t>((step * i + limits_.schedule / 7 + 1) % blocks);
}

std::uint32_t Machine::firstThread() const {
  const std::uint32_t warps = (count_ + 31) / 32;
  return limits_.schedule == 0 ? 0 : static_cast<std::uint32_t>((limits_.schedule + block_) % warps) * 32;
}

/// Epochs have nearly run out: everything that this launch did so far becomes "an earlier block of this launch".
void Machine::renumber() {
  std::uint32_t host = abi::kHostEpoch, earlier = shifted(2);
  for (auto [offset, bytes] : epoch_ranges_) {
    abi::Cell* cell = &arena_.cell(arena_.base() + offset);
    abi::Cell* end = cell + (bytes >> arena_.granuleLog2()) + 1;
    for (; cell != end; ++cell) {
      auto renew = [&](std::uint32_t& word) {
        if (word < host)
          return;
        std::uint32_t identity = word & abi::kIdentityMask;
        word = (word >= launch_start_ && launch_start_ != 0 ? earlier : host) | identity;
      };
      renew(cell->write);
      renew(cell->read);
    }
  }
  launch_start_ = earlier;
  epoch_ = 2;
}

void Machine::runBlock(std::uint64_t block, const KernelLaunch& launch) {
  if (epoch_ > abi::kMaxEpoch / 2) {
    renumber();
    // What shared memory holds is older than any new epoch only if it is forgotten.
    arena_.release(abi::kSharedSlot << abi::kSlotShift, 0);
    for (const ModuleObject& object : sites_.objects) {
      if (object.where > ModuleObject::Where::DynamicShared)
        continue;
      std::uint64_t bytes =
          object.where == ModuleObject::Where::DynamicShared ? launch.dynamic_shared_bytes : object.bytes;
      arena_.mark(object.offset, bytes >> arena_.granuleLog2() << arena_.granuleLog2(), abi::kUninitialised);
    }
  }
  // What an earlier block had in flight when it ended is nothing that this one has written.
  for (const AsyncCopy& copy : abandoned_)
    markCells(copy.destination, copy.bytes, abi::kUninitialised);
  abandoned_.clear();
  wakeAll();
  block_ = static_cast<std::uint32_t>(block);
  block_start_ = last_barrier_ = shifted(++epoch_);
  barrier_arrived_ = 0;
  if (named_used_)
    for (NamedBarrier& named : named_)
      named = {};
  named_used_ = false;
  for (auto& warp : collectives_)
    for (auto& group : warp)
      group->arrived = 0;
  live_ = count_;
  for (std::uint32_t warp = 0; warp * 32 < count_; ++warp)
    live_lanes_[warp] = count_ - warp * 32 >= 32 ? ~0u : (1u << (count_ - warp * 32)) - 1;
  warp_barrier_.fill(block_start_);
  for (std::uint32_t i = 0; i < count_; ++i) {
    Thread& thread = threads_[i];
    thread.ctaid[0] = static_cast<std::uint32_t>(block % launch.grid.x);
    thread.ctaid[1] = static_cast<std::uint32_t>(block / launch.grid.x % launch.grid.y);
    thread.ctaid[2] = static_cast<std::uint32_t>(block / launch.grid.x / launch.grid.y);
    thread.tag = block_start_ | i;
    thread.block_start = block_start_;
    thread.last_barrier = last_barrier_;
    thread.launch_start = launch_start_;
    thread.async_groups.clear();
    thread.async_open.clear();
    prepareFiber(thread.fiber, &Machine::threadMain, &thread);
  }
  for (Observer* observer : observers_)
    observer->onBlock(block_, thread_pointers_);
  if (limits_.stop && limits_.stop->load(std::memory_order_relaxed)) {
    stop_ = StopReason::Stopped;
    return;
  }
  switchFiber(host_, threads_[firstThread()].fiber);
}

Thread::State Thread::state() const {
  return machine->stateOf(linear);
}

Thread* Machine::nextRunnable(std::uint32_t after) {
  static_assert(static_cast<int>(Thread::State::Runnable) == 0 && sizeof(Thread::State) == 1);
  auto find = [&](std::uint32_t from, std::uint32_t to) -> Thread* {
    const void* found = from < to ? std::memchr(&states_[from], 0, to - from) : nullptr;
    return found ? &threads_[static_cast<std::size_t>(static_cast<const Thread::State*>(found) - states_.data())]
                 : nullptr;
  };
  if (Thread* next = find(after + 1, count_))
    return next;
  return find(0, after + 1);
}

void Machine::switchToNext(Thread& from) {
  Thread* next = nextRunnable(from.linear);
  if (!next)
    next = resolveStall(from);
  if (next != &from)
    switchFiber(from.fiber, next->fiber);
}

void Machine::wait(Thread& thread, Thread::State state, std::uint32_t site) {
  states_[thread.linear] = state;
  thread.wait_site = site;
  switchToNext(thread);
}

void Machine::wake(Thread& thread) {
  states_[thread.linear] = Thread::State::Runnable;
}

std::uint32_t Machine::nextEpoch(Thread& thread) {
  if (++epoch_ >= abi::kMaxEpoch)
    stop(thread, StopReason::EpochLimit, "more than a million synchronisations in one block");
  return shifted(epoch_);
}

void Machine::wakeAll() {
  std::fill_n(states_.begin(), count_, Thread::State::Runnable);
}

void Machine::checkSameBarrier(Thread& thread, std::uint32_t site) {
  if (sites_.sites[site].leaf == sites_.sites[barrier_site_].leaf)
    return;
  convergence({ConvergenceEvent::What::DifferentBarriers, thread, site, barrier_first_, barrier_site_});
  fault(thread);
}

void Machine::barrier(Thread& thread, std::uint32_t site) {
  if (barrier_arrived_++ == 0) {
    barrier_first_ = &thread;
    barrier_site_ = site;
  } else if (site != barrier_site_) {
    checkSameBarrier(thread, site);
  }
  if (barrier_arrived_ == count_) {
    last_barrier_ = nextEpoch(thread);
    barrier_arrived_ = 0;
    ++barriers_;
    wakeAll();
    if (precise()) {
      for (Thread* each : thread_pointers_)
        each->tag = last_barrier_ | each->linear;
      for (Observer* observer : observers_)
        observer->onMeet(thread_pointers_, true);
    }
  } else {
    states_[thread.linear] = Thread::State::Barrier;
    thread.wait_site = site;
    // The usual next one is the neighbour, who is not there yet.
    std::uint32_t next = thread.linear + 1;
    if (next < count_ && states_[next] == Thread::State::Runnable)
      switchFiber(thread.fiber, threads_[next].fiber);
    else
      switchToNext(thread);
  }
  thread.tag = last_barrier_ | thread.linear;
  thread.last_barrier = last_barrier_;
}

std::uint32_t Machine::reducingBarrier(Thread& thread, std::uint32_t operation, bool predicate, std::uint32_t site) {
  if (barrier_arrived_ == 0)
    barrier_popcount_ = 0;
  barrier_popcount_ += predicate;
  barrier(thread, site);
  std::uint32_t votes = barrier_popcount_;
  // Nobody can start the next reducing barrier's count before everyone has read this one: a second barrier, that
  // orders nothing new, holds them together.
  barrier(thread, site);
  if (operation == 0)
    return votes;
  return operation == 1 ? votes == count_ : votes != 0;
}

/// A named barrier counts whole warps: lanes that the block does not have count with the others of the last warp.
std::uint32_t Machine::absentLanes(const NamedBarrier& named) const {
  std::uint32_t partial = count_ % 32, last = count_ / 32, came = 0;
  if (partial == 0)
    return 0;
  for (const auto* threads : {&named.waiting, &named.arrived})
    for (const Thread* each : *threads)
      came += each->warp == last;
  return came == partial ? 32 - partial : 0;
}

void Machine::namedBarrier(Thread& thread, std::uint32_t id, std::uint32_t count, bool waits, std::uint32_t site) {
  NamedBarrier& named = named_[id & 15];
  named_used_ = true;
  if (named.waiting.empty() && named.arrived.empty()) {
    named.count = count;
    named.site = site;
  } else if (named.count != count) {
    convergence({ConvergenceEvent::What::DifferentBarriers, thread, site, nullptr, named.site});
    fault(thread);
  }
  if (waits)
    named.waiting.push_back(&thread);
  else {
    named.arrived.push_back(&thread);
    for (Observer* observer : observers_)
      observer->onArrive(thread, id);
    if (precise())
      thread.tag = nextEpoch(thread) | thread.linear; // what it does after arriving is not handed over
  }
  if (named.waiting.size() + named.arrived.size() + absentLanes(named) < count) {
    if (waits)
      wait(thread, Thread::State::NamedBarrier, site);
    return;
  }
  ++barriers_;
  std::vector<Thread*> met = std::move(named.waiting);
  bool whole_block = met.size() == count_;
  if (whole_block)
    barrier_site_ = named.site;
  named = {};
  std::uint32_t epoch = nextEpoch(thread);
  if (whole_block)
    last_barrier_ = epoch;
  for (Thread* each : met) {
    each->tag = epoch | each->linear;
    if (whole_block)
      each->last_barrier = epoch;
    wake(*each);
  }
  for (Observer* observer : observers_) {
    observer->onBarrierOpens(id);
    observer->onMeet(met, whole_block);
  }
}

namespace {
/// A function of its own: the frame that calls stop() is left for good, and so are the strings in it.
std::string stepLimitText(const SourceStack& stack) {
  std::string where = stack.empty() ? "" : " (last seen in the loop at line " + std::to_string(stack[0].line) + ")";
  return "a thread ran past the step limit" + where;
}
} // namespace

void Machine::fuel(Thread& thread, std::uint32_t steps, std::uint32_t site) {
  if (limits_.stop && limits_.stop->load(std::memory_order_relaxed))
    stop(thread, StopReason::Stopped);
  if (steps_left_ <= steps) {
    stop(thread, StopReason::StepLimit, stepLimitText(sites_.sites[site].stack));
  }
  steps_left_ -= steps;
  // A thread that spins on what another must write lets the others run.
  Thread* next = nextRunnable(thread.linear);
  if (next && next != &thread)
    switchFiber(thread.fiber, next->fiber);
}

void Machine::stop(Thread& thread, StopReason reason, std::string text) {
  stop_ = reason;
  stop_text_ = std::move(text);
  std::string().swap(text);
  switchFiber(thread.fiber, host_);
  __builtin_unreachable();
}

void Machine::fault(Thread& thread) {
  stop(thread, precise() ? StopReason::Fault : StopReason::Doubt);
}

void Machine::convergence(const ConvergenceEvent& event) {
  for (Observer* observer : observers_)
    observer->onConvergence(event);
}

void Machine::exitThread(Thread& thread) {
  abandonCopies(thread);
  states_[thread.linear] = Thread::State::Exited;
  live_lanes_[thread.warp] &= ~(1u << thread.lane);
  --live_;
  if (!collectives_[thread.warp].empty())
    settleCollectives(thread);
  if (live_ == 0) {
    switchFiber(thread.fiber, host_);
  } else {
    Thread* next = nextRunnable(thread.linear);
    if (!next)
      next = resolveStall(thread);
    switchFiber(thread.fiber, next->fiber);
  }
  __builtin_unreachable();
}

std::uint32_t Machine::undefinedValue(std::uint32_t site) {
  if (site != last_undefined_)
    undefined_sites.insert(last_undefined_ = site);
  return limits_.undefined_site == ~0u || limits_.undefined_site == site ? limits_.undefined_value : 0;
}

void Machine::print(std::string_view text) {
  std::size_t room = limits_.printf_bytes > printed_.size() ? limits_.printf_bytes - printed_.size() : 0;
  printed_.append(text.substr(0, room));
  printed_dropped_ += text.size() - std::min(room, text.size());
}

} // namespace kverify::simt

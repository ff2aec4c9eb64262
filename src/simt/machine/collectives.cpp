// Warp collectives, __activemask, stalls and asynchronous copies: the parts of the machine that concern less than a
// block.
#include <algorithm>
#include <bit>
#include <cstring>

#include "simt/machine/machine.h"
#include "simt/shadow/run.h"

namespace kverify::simt {
namespace {

constexpr std::uint32_t kFirstUnaligned = 0x1000; // machine/warp_calls.cpp numbers them

} // namespace

Collective& Machine::findCollective(Thread& thread, std::uint32_t mask, std::uint32_t operation, std::uint32_t site) {
  auto& groups = collectives_[thread.warp];
  Collective* free = nullptr;
  for (auto& group : groups) {
    if (group->arrived == 0)
      free = group.get();
    else if (group->mask == mask && !(group->arrived >> thread.lane & 1))
      return *group;
  }
  if (!free)
    free = groups.emplace_back(std::make_unique<Collective>()).get();
  free->mask = mask;
  free->operation = operation;
  free->site = site;
  return *free;
}

void Machine::collective(Thread& thread, std::uint32_t mask, std::uint32_t operation, CollectiveFunction function,
                         const void* in, void* out, std::uint32_t site, bool orders_memory) {
  if (!(mask >> thread.lane & 1)) {
    convergence({ConvergenceEvent::What::MaskWithoutCaller, thread, site, nullptr, 0, mask});
    fault(thread);
  }
  Collective& group = findCollective(thread, mask, operation, site);
  // shfl, vote and bar.warp.sync wait for "the same qualifiers and the same mask", wherever it is called; mma and
  // ldmatrix are .aligned: one and the same instruction.
  bool aligned = operation < kFirstUnaligned;
  if (group.operation != operation || (aligned && sites_.sites[group.site].leaf != sites_.sites[site].leaf)) {
    std::uint32_t other = static_cast<std::uint32_t>(std::countr_zero(group.arrived));
    convergence({ConvergenceEvent::What::DifferentOperations, thread, site, &threads_[thread.warp * 32 + other],
                 group.sites[other], mask});
    fault(thread);
  }
  group.arrived |= 1u << thread.lane;
  group.in[thread.lane] = in;
  group.out[thread.lane] = out;
  group.sites[thread.lane] = site;
  group.function = function;
  group.orders_memory = orders_memory;
  if (group.arrived == (mask & live_lanes_[thread.warp])) {
    completeCollective(group, thread);
    return;
  }
  wait(thread, Thread::State::Collective, site);
}

void Machine::completeCollective(Collective& group, Thread& last) {
  if (group.function)
    group.function(group.in.data(), group.out.data(), group.arrived);
  if (shadow && group.function && group.operation < kFirstUnaligned && group.arrived == ~0u)
    shadow->warpOperation(group.operation, group.in.data(), group.out.data(), group.sites[last.lane]);
  std::uint32_t warp = last.warp;
  std::uint32_t lanes = group.arrived;
  bool orders_memory = group.orders_memory;
  group.arrived = 0; // free for the next one
  if (lanes != ~0u)
    group.in.fill(nullptr), group.out.fill(nullptr);
  std::vector<Thread*> met;
  for (std::uint32_t rest = lanes; rest; rest &= rest - 1) {
    Thread& thread = threads_[warp * 32 + std::countr_zero(rest)];
    if (states_[thread.linear] == Thread::State::Collective)
      wake(thread);
    if (orders_memory)
      met.push_back(&thread);
  }
  if (!orders_memory)
    return;
  std::uint32_t epoch = nextEpoch(last);
  for (Thread* thread : met)
    thread->tag = epoch | thread->linear;
  // Lanes that have exited have not met anybody: with one gone, this orders only its participants.
  std::uint32_t existing = count_ - warp * 32 >= 32 ? ~0u : (1u << (count_ - warp * 32)) - 1;
  if (lanes == existing)
    warp_barrier_[warp] = epoch;
  for (Observer* observer : observers_)
    observer->onMeet(met, false);
}

void Machine::settleCollectives(Thread& exited) {
  auto& groups = collectives_[exited.warp];
  if (std::all_of(groups.begin(), groups.end(), [](const auto& group) { return group->arrived == 0; }))
    return;
  std::uint32_t live = live_lanes_[exited.warp];
  for (std::size_t i = 0; i < groups.size();) {
    Collective& group = *groups[i];
    if (group.arrived && group.arrived == (group.mask & live)) {
      completeCollective(group, threads_[exited.warp * 32 + std::countr_zero(group.arrived)]);
      i = 0;
    } else {
      ++i;
    }
  }
}

std::uint32_t Machine::activeMask(Thread& thread, std::uint32_t site) {
  // Which lanes are converged is not decided by the language. The lanes that reach this place while the rest of the
  // block can do nothing else are the largest set that hardware could report.
  wait(thread, Thread::State::ActiveMask, site);
  return thread.result;
}

bool Machine::resolveActiveMasks() {
  bool resolved = false;
  for (std::uint32_t warp = 0; warp * 32 < count_; ++warp) {
    std::uint32_t lanes = 0, leaf = 0;
    for (std::uint32_t i = warp * 32; i < std::min(count_, warp * 32 + 32); ++i) {
      if (threads_[i].state() != Thread::State::ActiveMask)
        continue;
      std::uint32_t here = sites_.sites[threads_[i].wait_site].leaf;
      if (lanes == 0)
        leaf = here;
      if (here == leaf)
        lanes |= 1u << (i & 31);
    }
    for (std::uint32_t rest = lanes; rest; rest &= rest - 1) {
      Thread& thread = threads_[warp * 32 + std::countr_zero(rest)];
      thread.result = lanes;
      wake(thread);
    }
    resolved |= lanes != 0;
  }
  return resolved;
}

Thread* Machine::resolveStall(Thread& last) {
  if (resolveActiveMasks())
    return nextRunnable(last.linear);
  reportStall(last);
  fault(last);
}

void Machine::reportStall(Thread& last) {
  for (std::uint32_t warp = 0; warp < collectives_.size(); ++warp) {
    for (auto& group : collectives_[warp]) {
      std::uint32_t missing = group->mask & live_lanes_[warp] & ~group->arrived;
      if (!missing || !group->arrived)
        continue; // nobody waits
      Thread& waiter = threads_[warp * 32 + std::countr_zero(group->arrived)];
      Thread& absent = threads_[warp * 32 + std::countr_zero(missing)];
      convergence(
          {ConvergenceEvent::What::LaneMissing, waiter, waiter.wait_site, &absent, absent.wait_site, group->mask});
      return;
    }
  }
  if (barrier_arrived_ > 0) {
    for (Thread* other : thread_pointers_) {
      if (other->state() == Thread::State::Barrier)
        continue;
      auto what = other->state() == Thread::State::Exited ? ConvergenceEvent::What::ExitedBeforeBarrier
                                                          : ConvergenceEvent::What::Deadlock;
      convergence({what, *barrier_first_, barrier_first_->wait_site, other, other->wait_site});
      return;
    }
  }
  for (Thread* waiter : thread_pointers_) {
    if (waiter->state() == Thread::State::Exited)
      continue;
    Thread* elsewhere = nullptr; // somebody who waits at another place
    for (Thread* other : thread_pointers_)
      if (other->state() != Thread::State::Exited && other->wait_site != waiter->wait_site)
        elsewhere = other;
    convergence({ConvergenceEvent::What::Deadlock, *waiter, waiter->wait_site, elsewhere,
                 elsewhere ? elsewhere->wait_site : 0});
    return;
  }
  convergence({ConvergenceEvent::What::Deadlock, last, last.wait_site});
}

void Machine::asyncCopy(Thread& thread, const AsyncCopy& copy) {
  thread.async_open.push_back(copy);
  markCells(copy.destination, copy.bytes, abi::kAsyncEpoch | abi::kWriteAsync | thread.linear);
  // Being read until it is waited for: to the filter a read that nothing orders.
  for (std::uint64_t at = 0; at < copy.source_bytes; at += 1u << arena_.granuleLog2())
    if (abi::Cell& cell = arena_.cell(copy.source + at); cell.write != abi::kHostReadOnly)
      cell.read = abi::kAsyncEpoch | abi::kReadBlocks;
}

void Machine::markCells(std::uint64_t address, std::uint64_t bytes, std::uint32_t write) {
  for (std::uint64_t at = 0; at < bytes; at += 1u << arena_.granuleLog2())
    arena_.cell(address + at).write = write;
}

void Machine::asyncCommit(Thread& thread) {
  thread.async_groups.push_back(std::move(thread.async_open));
  thread.async_open.clear();
}

void Machine::finishCopy(Thread& thread, const AsyncCopy& copy) {
  auto* to = reinterpret_cast<std::uint8_t*>(copy.destination);
  std::memcpy(to, reinterpret_cast<const void*>(copy.source), copy.source_bytes);
  std::memset(to + copy.source_bytes, 0, copy.bytes - copy.source_bytes);
  if (shadow)
    shadow->copy(copy.destination, copy.source, copy.source_bytes, copy.bytes);
  markCells(copy.destination, copy.bytes, thread.tag);
  for (Observer* observer : observers_)
    observer->onAsyncDone(thread, copy);
}

void Machine::abandonCopies(Thread& thread) {
  // The data arrives some time; nobody can know when, so the places stay "in flight" until the block ends.
  auto deliver = [this](const AsyncCopy& copy) {
    abandoned_.push_back(copy);
    if (shadow)
      shadow->copy(copy.destination, copy.source, copy.source_bytes, copy.bytes);
    auto* to = reinterpret_cast<std::uint8_t*>(copy.destination);
    std::memcpy(to, reinterpret_cast<const void*>(copy.source), copy.source_bytes);
    std::memset(to + copy.source_bytes, 0, copy.bytes - copy.source_bytes);
  };
  for (const auto& group : thread.async_groups)
    std::for_each(group.begin(), group.end(), deliver);
  std::for_each(thread.async_open.begin(), thread.async_open.end(), deliver);
}

void Machine::asyncWait(Thread& thread, std::int32_t pending) {
  bool all = pending < 0;
  std::size_t keep = all ? 0 : static_cast<std::size_t>(pending);
  std::size_t finish = thread.async_groups.size() > keep ? thread.async_groups.size() - keep : 0;
  for (std::size_t i = 0; i < finish; ++i)
    for (const AsyncCopy& copy : thread.async_groups[i])
      finishCopy(thread, copy);
  thread.async_groups.erase(thread.async_groups.begin(),
                            thread.async_groups.begin() + static_cast<std::ptrdiff_t>(finish));
  if (!all)
    return;
  for (const AsyncCopy& copy : thread.async_open)
    finishCopy(thread, copy);
  thread.async_open.clear();
}

} // namespace kverify::simt

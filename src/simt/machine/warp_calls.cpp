// Warp operations over registers: shuffles, votes, matches, reductions. PTX ISA 8.x, sections shfl.sync … redux.sync.
#include <algorithm>
#include <bit>
#include <cstring>

#include "simt/machine/machine.h"
#include "simt/machine/warp_calls.h"
#include "simt/shadow/cell.h"

namespace kverify::simt {
namespace {

struct ShuffleIn {
  std::uint32_t mode, value, source, control;
  const void* cells = nullptr; ///< shadow cells of the value, if the program has them
  std::uint32_t cell_count = 0;
};
struct ShuffleOut {
  std::uint32_t value, in_range, active;
  void* cells = nullptr;
};

/// PTX shfl.sync: `control` holds the clamp in bits 0-4 and the segment mask in bits 8-12.
void shuffle(const void* const in[32], void* const out[32], std::uint32_t mask) {
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    if (!(mask >> lane & 1))
      continue;
    const auto& self = *static_cast<const ShuffleIn*>(in[lane]);
    std::uint32_t source = self.source & 31, clamp = self.control & 31, segment = self.control >> 8 & 31;
    std::int32_t limit = static_cast<std::int32_t>((lane & segment) | (clamp & ~segment));
    std::int32_t low = static_cast<std::int32_t>(lane & segment);
    std::int32_t at = static_cast<std::int32_t>(lane);
    bool valid = false;
    switch (self.mode) {
    case 0: at -= static_cast<std::int32_t>(source), valid = at >= limit; break;
    case 1: at += static_cast<std::int32_t>(source), valid = at <= limit; break;
    case 2: at ^= static_cast<std::int32_t>(source), valid = at <= limit; break;
    default: at = low | static_cast<std::int32_t>(source & ~segment), valid = at <= limit; break;
    }
    if (!valid)
      at = static_cast<std::int32_t>(lane);
    auto& result = *static_cast<ShuffleOut*>(out[lane]);
    result.in_range = valid;
    result.active = mask >> at & 1; // else the value is undefined
    if (!result.active)
      continue;
    const auto& sender = *static_cast<const ShuffleIn*>(in[at]);
    result.value = sender.value;
    if (result.cells && sender.cells)
      std::memcpy(result.cells, sender.cells,
                  std::min(self.cell_count, sender.cell_count) * sizeof(shadow::Cell));
  }
}

struct VoteIn {
  std::uint32_t mode, predicate;
};

void vote(const void* const in[32], void* const out[32], std::uint32_t mask) {
  std::uint32_t ballot = 0;
  for (std::uint32_t rest = mask; rest; rest &= rest - 1) {
    auto lane = static_cast<std::uint32_t>(std::countr_zero(rest));
    if (static_cast<const VoteIn*>(in[lane])->predicate)
      ballot |= 1u << lane;
  }
  for (std::uint32_t rest = mask; rest; rest &= rest - 1) {
    auto lane = static_cast<std::uint32_t>(std::countr_zero(rest));
    std::uint32_t mode = static_cast<const VoteIn*>(in[lane])->mode;
    *static_cast<std::uint32_t*>(out[lane]) = mode == 0   ? ballot == mask
                                              : mode == 1 ? ballot != 0
                                              : mode == 2 ? (ballot == mask || ballot == 0)
                                                          : ballot;
  }
}

struct MatchIn {
  std::uint64_t value;
  std::uint32_t all;
};
struct MatchOut {
  std::uint32_t lanes, predicate;
};

void match(const void* const in[32], void* const out[32], std::uint32_t mask) {
  for (std::uint32_t rest = mask; rest; rest &= rest - 1) {
    auto lane = static_cast<std::uint32_t>(std::countr_zero(rest));
    const auto& self = *static_cast<const MatchIn*>(in[lane]);
    std::uint32_t equal = 0;
    for (std::uint32_t other = 0; other < 32; ++other)
      if ((mask >> other & 1) && static_cast<const MatchIn*>(in[other])->value == self.value)
        equal |= 1u << other;
    auto& result = *static_cast<MatchOut*>(out[lane]);
    result.predicate = equal == mask;
    result.lanes = self.all ? (equal == mask ? mask : 0) : equal;
  }
}

struct ReduceIn {
  std::uint32_t operation, value;
};

std::uint32_t reduceStep(std::uint32_t operation, std::uint32_t a, std::uint32_t b) {
  auto signed_a = static_cast<std::int32_t>(a), signed_b = static_cast<std::int32_t>(b);
  switch (operation) {
  case 0: return a + b;
  case 1: return std::min(a, b);
  case 2: return std::max(a, b);
  case 3: return static_cast<std::uint32_t>(std::min(signed_a, signed_b));
  case 4: return static_cast<std::uint32_t>(std::max(signed_a, signed_b));
  case 5: return a & b;
  case 6: return a | b;
  default: return a ^ b;
  }
}

void reduce(const void* const in[32], void* const out[32], std::uint32_t mask) {
  auto first = static_cast<std::uint32_t>(std::countr_zero(mask));
  const auto& head = *static_cast<const ReduceIn*>(in[first]);
  std::uint32_t total = head.value;
  for (std::uint32_t rest = mask & (mask - 1); rest; rest &= rest - 1)
    total = reduceStep(head.operation, total, static_cast<const ReduceIn*>(in[std::countr_zero(rest)])->value);
  for (std::uint32_t rest = mask; rest; rest &= rest - 1)
    *static_cast<std::uint32_t*>(out[std::countr_zero(rest)]) = total;
}

enum Operation : std::uint32_t {
  kSyncwarp = 0x1000,
  kShuffle = 0x1100,
  kVote = 0x1200,
  kMatch = 0x1300,
  kReduce = 0x1400
};

Thread& threadOf(abi::ThreadContext* context) {
  return *static_cast<Thread*>(context);
}

} // namespace
} // namespace kverify::simt

using namespace kverify::simt;

extern "C" {

void kv_rt_syncwarp(abi::ThreadContext* context, std::uint32_t site, std::uint32_t mask) {
  Thread& thread = threadOf(context);
  thread.machine->collective(thread, mask, kSyncwarp, nullptr, nullptr, nullptr, site, true);
}

std::uint32_t kv_rt_shfl_shadow(abi::ThreadContext* context, std::uint32_t site, std::uint32_t mode, std::uint32_t mask,
                                std::uint32_t value, std::uint32_t source, std::uint32_t control,
                                std::uint8_t* in_range, const void* from, void* to, std::uint32_t cells) {
  Thread& thread = threadOf(context);
  ShuffleIn in{mode, value, source, control, from, cells};
  ShuffleOut out{0, 0, 0, to};
  if (to)
    std::memset(to, 0, cells * sizeof(shadow::Cell));
  thread.machine->collective(thread, mask, kShuffle + mode, &shuffle, &in, &out, site, false);
  if (in_range)
    *in_range = out.in_range != 0;
  if (out.active)
    return out.value;
  // Undefined, and often never used (a tree's last lanes). Whether it matters is found out by running with another
  // value.
  Machine& machine = *thread.machine;
  if (machine.limits().report_undefined && machine.limits().undefined_site == site)
    machine.convergence({ConvergenceEvent::What::ReadsInactiveLane, thread, site, nullptr, 0, mask});
  return machine.undefinedValue(site);
}

std::uint32_t kv_rt_shfl(abi::ThreadContext* context, std::uint32_t site, std::uint32_t mode, std::uint32_t mask,
                         std::uint32_t value, std::uint32_t source, std::uint32_t control, std::uint8_t* in_range) {
  return kv_rt_shfl_shadow(context, site, mode, mask, value, source, control, in_range, nullptr, nullptr, 0);
}

std::uint64_t kv_rt_undefined(abi::ThreadContext* context, std::uint32_t site) {
  Thread& thread = threadOf(context);
  Machine& machine = *thread.machine;
  if (machine.limits().report_undefined && machine.limits().undefined_site == site)
    for (Observer* observer : machine.observers())
      observer->onUndefined(thread, site);
  std::uint64_t word = machine.undefinedValue(site);
  return word << 32 | word;
}

std::uint32_t kv_rt_vote(abi::ThreadContext* context, std::uint32_t site, std::uint32_t mode, std::uint32_t mask,
                         std::uint32_t predicate) {
  Thread& thread = threadOf(context);
  VoteIn in{mode, predicate};
  std::uint32_t out = 0;
  thread.machine->collective(thread, mask, kVote + mode, &vote, &in, &out, site, false);
  return out;
}

std::uint32_t kv_rt_match(abi::ThreadContext* context, std::uint32_t site, std::uint32_t all, std::uint32_t mask,
                          std::uint64_t value, std::uint32_t bits, std::uint8_t* predicate) {
  Thread& thread = threadOf(context);
  MatchIn in{bits == 32 ? value & 0xffffffffu : value, all};
  MatchOut out{};
  thread.machine->collective(thread, mask, kMatch + all, &match, &in, &out, site, false);
  if (predicate)
    *predicate = out.predicate != 0;
  return out.lanes;
}

std::uint32_t kv_rt_redux(abi::ThreadContext* context, std::uint32_t site, std::uint32_t operation, std::uint32_t mask,
                          std::uint32_t value) {
  Thread& thread = threadOf(context);
  ReduceIn in{operation, value};
  std::uint32_t out = 0;
  thread.machine->collective(thread, mask, kReduce + operation, &reduce, &in, &out, site, false);
  return out;
}

std::uint32_t kv_rt_activemask(abi::ThreadContext* context, std::uint32_t site) {
  Thread& thread = threadOf(context);
  return thread.machine->activeMask(thread, site);
}

} // extern "C"

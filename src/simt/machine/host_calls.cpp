#include "simt/machine/host_calls.h"

#include <algorithm>
#include <cstring>

#include "simt/machine/machine.h"
#include "simt/machine/print.h"
#include "simt/machine/slow_path.h"
#include "simt/machine/warp_calls.h"
#include "simt/shadow/host_calls.h"
#include "simt/warp_ops/warp_ops.h"

namespace kverify::simt {
namespace {

Thread& threadOf(abi::ThreadContext* context) {
  return *static_cast<Thread*>(context);
}

/// Tells the observers; what one of them cannot let pass stops the plan.
void observe(Thread& thread, const AccessEvent& event) {
  Machine& machine = *thread.machine;
  ++machine.accesses;
  for (Observer* observer : machine.observers())
    if (observer->onAccess(event) == Next::Fault)
      machine.fault(thread);
}

/// What the cells say after a checked access in the precise engine: only allocation and initialisation are read from
/// them.
void noteWritten(Thread& thread, const AccessEvent& event) {
  if (event.kind == abi::kRead)
    return;
  Arena& arena = thread.machine->arena();
  bool local = (event.address - arena.base()) >> abi::kSlotShift == abi::kStackSlot;
  abi::Cell* last = &arena.cell(event.address + event.bytes - 1);
  for (abi::Cell* cell = &arena.cell(event.address); cell <= last; ++cell)
    cell->write = local ? abi::kHostEpoch : thread.tag;
}

void checkRange(Thread& thread, std::uint64_t address, std::uint64_t bytes, std::uint32_t align, abi::Kind kind,
                std::uint32_t site) {
  if (bytes == 0)
    return;
  Machine& machine = *thread.machine;
  if (!machine.precise()) {
    if (!clearSlowly(thread, address, bytes, align, kind))
      machine.fault(thread);
    return;
  }
  AccessEvent event{thread, address, bytes, align, kind, site};
  observe(thread, event);
  noteWritten(thread, event);
}

/// A run that goes on computes what the hardware does; one that judges nothing but arithmetic has seen enough.
void tellArithmetic(Thread& thread, std::uint32_t site, void (Observer::*told)(Thread&, std::uint32_t)) {
  Machine& machine = *thread.machine;
  for (Observer* observer : machine.observers())
    (observer->*told)(thread, site);
  if (!machine.precise() || machine.limits().only_block)
    machine.fault(thread);
}

} // namespace
} // namespace kverify::simt

using namespace kverify::simt;
using Context = abi::ThreadContext;

extern "C" {

// --- memory ---------------------------------------------------------------------------------------------------------

void kv_host_slow(Context* context, std::uint64_t address, std::uint32_t bytes, std::uint32_t align, std::uint32_t kind,
                  std::uint32_t, std::uint32_t) {
  Thread& thread = threadOf(context);
  if (!clearSlowly(thread, address, bytes, align, kind))
    thread.machine->fault(thread);
}

void kv_host_access(Context* context, std::uint64_t address, std::uint32_t bytes, std::uint32_t align,
                    std::uint32_t kind, std::uint32_t site) {
  Thread& thread = threadOf(context);
  auto full = static_cast<abi::Kind>(kind);
  AccessEvent event{thread, address, bytes, align, abi::plainKind(full), site};
  event.atomic = full >= abi::kAtomic;
  observe(thread, event);
  noteWritten(thread, event);
}

void kv_host_range(Context* context, std::uint64_t address, std::uint64_t bytes, std::uint32_t align,
                   std::uint32_t kind, std::uint32_t site) {
  checkRange(threadOf(context), address, bytes, align, static_cast<abi::Kind>(kind), site);
}

void kv_host_logical(Context* context, std::uint64_t address, std::int64_t index, std::int64_t extent,
                     std::uint32_t bytes, std::uint32_t kind, std::uint32_t site) {
  Thread& thread = threadOf(context);
  Machine& machine = *thread.machine;
  if (!machine.precise())
    machine.fault(thread);
  AccessEvent event{thread, address, bytes, 1, static_cast<abi::Kind>(kind), site};
  for (Observer* observer : machine.observers())
    if (observer->onLogicalIndex(event, index, extent) == Next::Fault)
      machine.fault(thread);
}

void kv_host_local(Context* context, std::uint64_t address, std::uint64_t bytes, std::uint32_t site) {
  Thread& thread = threadOf(context);
  for (Observer* observer : thread.machine->observers())
    observer->onLocal(thread, address, bytes, site);
}

// --- time and ends --------------------------------------------------------------------------------------------------

void kv_host_fuel(Context* context, std::uint32_t steps, std::uint32_t site) {
  Thread& thread = threadOf(context);
  thread.machine->fuel(thread, steps, site);
}

std::uint64_t kv_rt_clock(Context* context, std::uint32_t) {
  // Deterministic: kernels that measure time get a counter that only goes up.
  return threadOf(context).machine->clock += 32;
}

void kv_rt_unsupported(Context* context, std::uint32_t, const char* what) {
  Thread& thread = threadOf(context);
  thread.machine->stop(thread, StopReason::Unsupported, what);
}

void kv_rt_trap(Context* context, std::uint32_t site) {
  Thread& thread = threadOf(context);
  for (Observer* observer : thread.machine->observers())
    observer->onTrap(thread, site, "__trap() is executed");
  thread.machine->fault(thread);
}

void kv_rt_trap_because(Context* context, std::uint32_t site, const char* what) {
  Thread& thread = threadOf(context);
  for (Observer* observer : thread.machine->observers())
    observer->onTrap(thread, site, what);
  thread.machine->fault(thread);
}

void kv_rt_assertfail(Context* context, std::uint32_t site, const char* message, const char*, std::uint32_t,
                      const char*, std::uint64_t) {
  Thread& thread = threadOf(context);
  for (Observer* observer : thread.machine->observers())
    observer->onAssert(thread, site, message);
  thread.machine->fault(thread);
}

void kv_rt_annotation(Context* context, std::uint32_t site, std::uint32_t kind, const char* text) {
  Thread& thread = threadOf(context);
  for (Observer* observer : thread.machine->observers())
    observer->onBroken(thread, site, static_cast<abi::Annotation>(kind), text);
  thread.machine->fault(thread);
}

void kv_rt_divide_by_zero(Context* context, std::uint32_t site) {
  Thread& thread = threadOf(context);
  for (Observer* observer : thread.machine->observers())
    observer->onDivideByZero(thread, site);
  if (!thread.machine->precise())
    thread.machine->fault(thread);
}

void kv_rt_leaves_type(Context* context, std::uint32_t site) {
  tellArithmetic(threadOf(context), site, &Observer::onLeavesType);
}

void kv_rt_bad_shift(Context* context, std::uint32_t site) {
  tellArithmetic(threadOf(context), site, &Observer::onBadShift);
}

void kv_rt_stack_overflow(Context* context, std::uint32_t site) {
  Thread& thread = threadOf(context);
  for (Observer* observer : thread.machine->observers())
    observer->onStackOverflow(thread, site);
  thread.machine->fault(thread);
}

Context* kv_rt_context() {
  return Machine::current();
}

void kv_rt_exit(Context* context, std::uint32_t) {
  Thread& thread = threadOf(context);
  thread.machine->exitThread(thread);
}

std::uint32_t kv_rt_vprintf(Context* context, std::uint32_t, const char* format, const void* arguments) {
  Thread& thread = threadOf(context);
  return printDevice(*thread.machine, format, arguments);
}

// --- synchronisation ------------------------------------------------------------------------------------------------

void kv_rt_barrier(Context* context, std::uint32_t site, std::uint32_t id, std::uint32_t count) {
  Thread& thread = threadOf(context);
  std::uint32_t warps = (thread.machine->threadCount() + 31) / 32;
  bool whole_block = count == ~0u || (count + 31) / 32 == warps;
  if (id == 0 && whole_block)
    thread.machine->barrier(thread, site);
  else
    thread.machine->namedBarrier(thread, id, whole_block ? warps * 32 : count, true, site);
}

void kv_rt_barrier_arrive(Context* context, std::uint32_t site, std::uint32_t id, std::uint32_t count) {
  Thread& thread = threadOf(context);
  thread.machine->namedBarrier(thread, id, count, false, site);
}

std::uint32_t kv_rt_barrier_reduce(Context* context, std::uint32_t site, std::uint32_t, std::uint32_t operation,
                                   std::uint32_t predicate) {
  Thread& thread = threadOf(context);
  return thread.machine->reducingBarrier(thread, operation, predicate != 0, site);
}

void kv_rt_fence(Context* context, std::uint32_t, std::uint32_t scope) {
  Thread& thread = threadOf(context);
  Machine& machine = *thread.machine;
  if (!machine.precise())
    return; // the filter gives no credit for fences
  for (Observer* observer : machine.observers())
    observer->onFence(thread, static_cast<abi::Scope>(scope));
  // What it does from here on is not covered by this fence.
  thread.tag = machine.nextEpoch(thread) | thread.linear;
}

void kv_rt_warp_op(Context* context, std::uint32_t site, std::uint32_t operation, std::uint32_t mask, const void* in,
                   std::uint32_t, void* out, std::uint32_t) {
  Thread& thread = threadOf(context);
  thread.machine->collective(thread, mask, operation, warp_ops::table()[operation].run, in, out, site, false);
}

// --- asynchronous copies --------------------------------------------------------------------------------------------

void kv_rt_async_copy(Context* context, std::uint32_t site, std::uint64_t to, std::uint64_t from, std::uint32_t bytes,
                      std::uint32_t source_bytes) {
  Thread& thread = threadOf(context);
  Machine& machine = *thread.machine;
  source_bytes = std::min(source_bytes, bytes);
  if (machine.precise()) {
    if (source_bytes)
      observe(thread, {thread, from, source_bytes, bytes, abi::kRead, site, true});
    observe(thread, {thread, to, bytes, bytes, abi::kWrite, site, true});
  } else if (source_bytes && !clearSlowly(thread, from, source_bytes, bytes, abi::kRead)) {
    machine.fault(thread);
  } else if (!clearSlowly(thread, to, bytes, bytes, abi::kWrite)) {
    machine.fault(thread);
  }
  machine.asyncCopy(thread, {to, from, bytes, source_bytes, site});
}

void kv_rt_async_commit(Context* context, std::uint32_t) {
  Thread& thread = threadOf(context);
  thread.machine->asyncCommit(thread);
}

void kv_rt_async_wait(Context* context, std::uint32_t, std::int32_t pending) {
  Thread& thread = threadOf(context);
  thread.machine->asyncWait(thread, pending);
}

} // extern "C"

namespace kverify::simt {

const std::vector<std::pair<const char*, void*>>& hostSymbols() {
#define KV_SYMBOL(name)                                                                                                \
  { #name, reinterpret_cast < void*>(&name) }
  static const std::vector<std::pair<const char*, void*>> symbols{
      KV_SYMBOL(kv_host_slow),
      KV_SYMBOL(kv_host_access),
      KV_SYMBOL(kv_host_range),
      KV_SYMBOL(kv_host_logical),
      KV_SYMBOL(kv_host_local),
      KV_SYMBOL(kv_host_fuel),
      KV_SYMBOL(kv_rt_clock),
      KV_SYMBOL(kv_rt_unsupported),
      KV_SYMBOL(kv_rt_trap),
      KV_SYMBOL(kv_rt_assertfail),
      KV_SYMBOL(kv_rt_divide_by_zero),
      KV_SYMBOL(kv_rt_annotation),
      KV_SYMBOL(kv_rt_leaves_type),
      KV_SYMBOL(kv_rt_bad_shift),
      KV_SYMBOL(kv_rt_stack_overflow),
      KV_SYMBOL(kv_rt_trap_because),
      KV_SYMBOL(memcpy),
      KV_SYMBOL(memmove),
      KV_SYMBOL(memset),
      KV_SYMBOL(kv_rt_exit),
      KV_SYMBOL(kv_rt_vprintf),
      KV_SYMBOL(kv_rt_barrier),
      KV_SYMBOL(kv_rt_barrier_arrive),
      KV_SYMBOL(kv_rt_barrier_reduce),
      KV_SYMBOL(kv_rt_fence),
      KV_SYMBOL(kv_rt_warp_op),
      KV_SYMBOL(kv_rt_async_copy),
      KV_SYMBOL(kv_rt_async_commit),
      KV_SYMBOL(kv_rt_async_wait),
      KV_SYMBOL(kv_rt_syncwarp),
      KV_SYMBOL(kv_rt_shfl),
      KV_SYMBOL(kv_rt_shfl_shadow),
      KV_SYMBOL(kv_host_shadow),
      KV_SYMBOL(kv_host_shadow_from),
      KV_SYMBOL(kv_host_shadow_copy),
      KV_SYMBOL(kv_host_shadow_clear),
      KV_SYMBOL(kv_rt_vote),
      KV_SYMBOL(kv_rt_match),
      KV_SYMBOL(kv_rt_redux),
      KV_SYMBOL(kv_rt_activemask),
      KV_SYMBOL(kv_rt_context),
      KV_SYMBOL(kv_rt_undefined),
  };
#undef KV_SYMBOL
  return symbols;
}

} // namespace kverify::simt

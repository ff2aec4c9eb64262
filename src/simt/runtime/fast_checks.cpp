// The fast filter: checks inlined into compiled device code (clang emits this file as bitcode at build time).
//
// It never reports. Whatever it can't clear on the spot goes to kv_slow, which clears it with more knowledge or gives
// the run up, and the precise engine runs the plan again and says exactly what is wrong. So an error here may cost time
// or, if a check passes too much, a missed defect; tests/unit/simt compares both engines on every fixture.
#define KVERIFY_BITCODE_RUNTIME 1
#include "simt/runtime/cell_rules.h"

using namespace kverify::simt::abi;

#define KV_INLINE extern "C" [[gnu::always_inline]] inline __attribute__((used))

extern "C" void kv_host_slow(ThreadContext* thread, std::uint64_t address, std::uint32_t bytes, std::uint32_t align,
                             std::uint32_t kind, std::uint32_t space, std::uint32_t site);
extern "C" void kv_host_fuel(ThreadContext* thread, std::uint32_t steps, std::uint32_t site);

// The cold call must not force its caller to spill.
extern "C" __attribute__((preserve_most, noinline, used)) void kv_slow(ThreadContext* thread, std::uint64_t address,
                                                                       std::uint32_t packed, std::uint32_t site) {
  kv_host_slow(thread, address, packed & 0xffff, 1u << ((packed >> 16) & 0xff), (packed >> 24) & 0xf, packed >> 28,
               site);
}
extern "C" __attribute__((preserve_most, noinline, used)) void kv_fuel(ThreadContext* thread, std::uint32_t steps,
                                                                       std::uint32_t site) {
  kv_host_fuel(thread, steps, site);
}

/// One access of `bytes` (1 … 32) at `address`. Everything but thread and address is a constant at the call.
KV_INLINE void kv_check(ThreadContext* thread, std::uint64_t address, std::uint32_t bytes, std::uint32_t align_log2,
                        std::uint32_t kind, std::uint32_t space, std::uint32_t granule_log2, std::uint32_t site) {
  std::uint64_t offset = address - thread->arena;
  bool clean = offset < kArenaBytes && (address & ((1ull << align_log2) - 1)) == 0 && kind != kAtomic;
  if (space == kGeneric)
    clean = false;
  if (clean) {
    Cell* cell = thread->shadow + (offset >> granule_log2);
    std::uint32_t cells = (bytes + (1u << granule_log2) - 1) >> granule_log2;
    for (std::uint32_t i = 0; i < cells; ++i)
      clean &= checkCell(thread, cell[i], kind, space);
  }
  if (!clean) [[unlikely]]
    kv_slow(thread, address, bytes | align_log2 << 16 | kind << 24 | space << 28, site);
}

/// Marks a local object as allocated and uninitialised (or initialised), or as gone.
KV_INLINE void kv_mark_local(ThreadContext* thread, std::uint64_t address, std::uint64_t bytes, std::uint32_t word,
                             std::uint32_t granule_log2) {
  Cell* cell = thread->shadow + ((address - thread->arena) >> granule_log2);
  std::uint64_t cells = bytes >> granule_log2;
  for (std::uint64_t i = 0; i < cells; ++i)
    cell[i].write = word;
}

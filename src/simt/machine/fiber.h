#pragma once
// Stack switching. One CUDA thread is one fiber; a switch saves the six callee-saved registers and the stack pointer.
#include <cstddef>
#include <cstdint>

namespace kverify::simt {

/// A suspended execution. `stack_pointer` is only valid while it is suspended.
struct Fiber {
  void* stack_pointer = nullptr;
  std::uintptr_t stack_low = 0; ///< lowest address of its stack (0 for the host thread's own)
  std::size_t stack_bytes = 0;
  void* sanitizer_stack = nullptr;
};

#if defined(__SANITIZE_ADDRESS__)
void switchFiber(Fiber& from, Fiber& to);
#else
extern "C" void kverifySwitchStack(void** save, void* load);
/// Suspends `from` (the one that runs) and resumes `to`. Returns when somebody switches back to `from`.
inline void switchFiber(Fiber& from, Fiber& to) {
  kverifySwitchStack(&from.stack_pointer, to.stack_pointer);
}
#endif

/// The first thing a fiber's entry function must call (tells AddressSanitizer where it is).
void enterFiber(Fiber& self);

/// Prepares `fiber` to run entry(argument) on its stack at the first switch to it. `entry` must never return.
void prepareFiber(Fiber& fiber, void (*entry)(void*), void* argument);

} // namespace kverify::simt

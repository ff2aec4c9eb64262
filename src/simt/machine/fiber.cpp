#include "simt/machine/fiber.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(__x86_64__)
#error "the executor's fibers are written for x86-64"
#endif

extern "C" void kverifySwitchStack(void** save, void* load);
extern "C" void kverifyStartFiber();

// System V x86-64: rbx, rbp, r12-r15 belong to the callee. MXCSR and the x87 control word never change here.
asm(R"(
.text
.globl kverifySwitchStack
.hidden kverifySwitchStack
.type kverifySwitchStack, @function
.p2align 5
kverifySwitchStack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size kverifySwitchStack, .-kverifySwitchStack
.globl kverifyStartFiber
.hidden kverifyStartFiber
.type kverifyStartFiber, @function
kverifyStartFiber:
  movq %r12, %rdi
  callq *%rbx
  ud2
.size kverifyStartFiber, .-kverifyStartFiber
)");

namespace kverify::simt {
namespace {

#if defined(__SANITIZE_ADDRESS__)
thread_local Fiber* previous = nullptr;

void finishSwitch(Fiber& self) {
  const void* bottom = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(self.sanitizer_stack, &bottom, &size);
  if (previous && previous->stack_low == 0) { // the host thread's own stack, learnt on first leaving it
    previous->stack_low = reinterpret_cast<std::uintptr_t>(bottom);
    previous->stack_bytes = size;
  }
}
#endif

} // namespace

void enterFiber([[maybe_unused]] Fiber& self) {
#if defined(__SANITIZE_ADDRESS__)
  finishSwitch(self);
#endif
}

#if defined(__SANITIZE_ADDRESS__)
void switchFiber(Fiber& from, Fiber& to) {
  previous = &from;
  __sanitizer_start_switch_fiber(&from.sanitizer_stack, reinterpret_cast<void*>(to.stack_low), to.stack_bytes);
  kverifySwitchStack(&from.stack_pointer, to.stack_pointer);
  finishSwitch(from);
}
#endif

void prepareFiber(Fiber& fiber, void (*entry)(void*), void* argument) {
#if defined(__SANITIZE_ADDRESS__)
  // Frames of a fiber that was left for good never marked their memory as free again.
  __asan_unpoison_memory_region(reinterpret_cast<void*>(fiber.stack_low), fiber.stack_bytes);
#endif
  // What kverifySwitchStack pops (r15 r14 r13 r12 rbx rbp), the address it returns to, and a zero return address so
  // that a debugger's backtrace ends here. rsp is 16-byte aligned at the call in kverifyStartFiber.
  auto* top = reinterpret_cast<std::uint64_t*>((fiber.stack_low + fiber.stack_bytes) & ~std::uintptr_t{63});
  *--top = 0;
  *--top = 0;
  *--top = reinterpret_cast<std::uint64_t>(&kverifyStartFiber);
  *--top = 0;                                         // rbp
  *--top = reinterpret_cast<std::uint64_t>(entry);    // rbx
  *--top = reinterpret_cast<std::uint64_t>(argument); // r12
  *--top = 0;
  *--top = 0;
  *--top = 0;
  fiber.stack_pointer = top;
  fiber.sanitizer_stack = nullptr;
}

} // namespace kverify::simt

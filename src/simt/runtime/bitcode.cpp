#include "simt/runtime/bitcode.h"

extern "C" const char kverify_runtime_begin[];
extern "C" const char kverify_runtime_end[];
asm(".section .rodata\n"
    ".globl kverify_runtime_begin\n.globl kverify_runtime_end\n"
    ".p2align 4\n"
    "kverify_runtime_begin:\n"
    ".incbin \"" KVERIFY_RUNTIME_BC "\"\n"
    "kverify_runtime_end:\n"
    ".previous\n");

namespace kverify::simt {

std::string_view runtimeBitcode() {
  return {kverify_runtime_begin, static_cast<std::size_t>(kverify_runtime_end - kverify_runtime_begin)};
}

} // namespace kverify::simt

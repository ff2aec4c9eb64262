#include "simt/runtime/bitcode.h"

#define KV_EMBED(name, file)                                                                                           \
  extern "C" const char kverify_##name##_begin[];                                                                      \
  extern "C" const char kverify_##name##_end[];                                                                        \
  asm(".section .rodata\n"                                                                                             \
      ".globl kverify_" #name "_begin\n.globl kverify_" #name "_end\n"                                                 \
      ".p2align 4\n"                                                                                                   \
      "kverify_" #name "_begin:\n"                                                                                     \
      ".incbin \"" file "\"\n"                                                                                         \
      "kverify_" #name "_end:\n"                                                                                       \
      ".previous\n")

KV_EMBED(runtime, KVERIFY_RUNTIME_BC);
KV_EMBED(shadow_field, KVERIFY_FIELD_BC);
KV_EMBED(shadow_double_double, KVERIFY_DOUBLE_DOUBLE_BC);
KV_EMBED(shadow_interval, KVERIFY_INTERVAL_BC);

#define KV_EMBEDDED(name)                                                                                              \
  std::string_view {                                                                                                   \
    kverify_##name##_begin, static_cast < std::size_t>(kverify_##name##_end - kverify_##name##_begin)                  \
  }

namespace kverify::simt {

std::string_view runtimeBitcode() {
  return KV_EMBEDDED(runtime);
}

std::string_view shadowBitcode(ShadowDomain domain) {
  switch (domain) {
  case ShadowDomain::Field: return KV_EMBEDDED(shadow_field);
  case ShadowDomain::DoubleDouble: return KV_EMBEDDED(shadow_double_double);
  case ShadowDomain::Interval: return KV_EMBEDDED(shadow_interval);
  case ShadowDomain::None: break;
  }
  return {};
}

} // namespace kverify::simt

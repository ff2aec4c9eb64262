#pragma once
// What a kernel expects, promises and keeps, in the kernel itself:
//
//   kv_requires(n % 4 == 0);          // of the launch: assumed by proofs, looked at by runs (requires.broken)
//   for (int i = 0; kv_invariant(kept <= i), i < n; ++i) {  // proved inductive, then a fact (invariant.broken)
//     kv_assert(kept < n);            // proved (assert.failed)
//     ...
//   }
//
// In front of a loop's condition an invariant also holds when the loop is left; as the body's first statement it holds
// where the body runs. All three are expressions of type void. Only kverify evaluates them: for nvcc, and in host code,
// the condition must compile and nothing is left of it. So it should have no effects; what it loads, it loads in
// kverify's eyes.
#if defined(__KVERIFY__)
extern "C" {
__attribute__((host)) __attribute__((device)) void __kv_requires(bool holds, const char* text);
__attribute__((host)) __attribute__((device)) void __kv_assert(bool holds, const char* text);
__attribute__((host)) __attribute__((device)) void __kv_invariant(bool holds, const char* text);
}
#define kv_requires(...) (__kv_requires(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__))
#define kv_assert(...) (__kv_assert(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__))
#define kv_invariant(...) (__kv_invariant(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__))
#else
#define kv_requires(...) (static_cast<void>(sizeof(static_cast<bool>(__VA_ARGS__))))
#define kv_assert(...) (static_cast<void>(sizeof(static_cast<bool>(__VA_ARGS__))))
#define kv_invariant(...) (static_cast<void>(sizeof(static_cast<bool>(__VA_ARGS__))))
#endif

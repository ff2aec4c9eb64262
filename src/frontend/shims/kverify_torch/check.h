// TORCH_CHECK and its kin. On a run, a check that does not hold ends the wrapper, with the text it would have thrown.
#pragma once
#pragma GCC system_header
#include <exception>

#include "host_hooks.h"

namespace c10 {

class Error : public std::exception {
public:
  explicit Error(std::string message = {}) : message_(std::move(message)) {}
  template <class Location> Error(const Location&, std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  const char* what_without_backtrace() const noexcept { return message_.c_str(); }
  const std::string& msg() const { return message_; }

private:
  std::string message_;
};
struct IndexError : Error { using Error::Error; };
struct ValueError : Error { using Error::Error; };
struct TypeError : Error { using Error::Error; };
struct NotImplementedError : Error { using Error::Error; };
struct CUDAError : Error { using Error::Error; };

} // namespace c10

// Statements that need no semicolon after them, as PyTorch's are.
#define KVERIFY_CHECK(text, condition, ...)                                                                            \
  if (!static_cast<bool>(condition)) {                                                                                 \
    ::kverify_torch::check(false, __FILE__, __LINE__, text __VA_OPT__(, ) __VA_ARGS__);                                \
  }
#define TORCH_CHECK(condition, ...) KVERIFY_CHECK(#condition, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_WITH(error, condition, ...) KVERIFY_CHECK(#condition, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_INDEX TORCH_CHECK
#define TORCH_CHECK_VALUE TORCH_CHECK
#define TORCH_CHECK_TYPE TORCH_CHECK
#define TORCH_CHECK_LINALG TORCH_CHECK
#define TORCH_CHECK_NOT_IMPLEMENTED TORCH_CHECK
#define TORCH_CHECK_ARG(condition, argument, ...) TORCH_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_EQ(a, b) KVERIFY_CHECK(#a " == " #b, (a) == (b))
#define TORCH_CHECK_NE(a, b) KVERIFY_CHECK(#a " != " #b, (a) != (b))
#define TORCH_CHECK_LT(a, b) KVERIFY_CHECK(#a " < " #b, (a) < (b))
#define TORCH_CHECK_LE(a, b) KVERIFY_CHECK(#a " <= " #b, (a) <= (b))
#define TORCH_CHECK_GT(a, b) KVERIFY_CHECK(#a " > " #b, (a) > (b))
#define TORCH_CHECK_GE(a, b) KVERIFY_CHECK(#a " >= " #b, (a) >= (b))
#define TORCH_CHECK_NOTNULL(a) (a)
#define TORCH_INTERNAL_ASSERT(condition, ...) KVERIFY_CHECK(#condition, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_INTERNAL_ASSERT_DEBUG_ONLY(condition, ...) KVERIFY_CHECK(#condition, condition __VA_OPT__(, ) __VA_ARGS__)
#define AT_ASSERT(condition, ...) KVERIFY_CHECK(#condition, condition __VA_OPT__(, ) __VA_ARGS__)
#define AT_ASSERTM(condition, ...) KVERIFY_CHECK(#condition, condition __VA_OPT__(, ) __VA_ARGS__)
#define AT_CHECK(condition, ...) KVERIFY_CHECK(#condition, condition __VA_OPT__(, ) __VA_ARGS__)
#define AT_ERROR(...) KVERIFY_CHECK("AT_ERROR", false __VA_OPT__(, ) __VA_ARGS__)
#define C10_THROW_ERROR(type, message) KVERIFY_CHECK(#type, false, message)
#define TORCH_WARN(...) ((void)0)
#define TORCH_WARN_ONCE(...) ((void)0)
#define AT_WARN(...) ((void)0)
#define TORCH_API
#define TORCH_CUDA_CU_API
#define TORCH_CUDA_CPP_API
#define C10_API
#define C10_EXPORT
#define C10_CUDA_API
#define C10_LIKELY(e) (__builtin_expect(static_cast<bool>(e), 1))
#define C10_UNLIKELY(e) (__builtin_expect(static_cast<bool>(e), 0))
#define C10_ALWAYS_INLINE __attribute__((__always_inline__)) inline
#define C10_NOINLINE __attribute__((noinline))
#define C10_RESTRICT __restrict
#define C10_UNUSED [[maybe_unused]]
#define C10_NODISCARD [[nodiscard]]
#define C10_LAUNCH_BOUNDS_0 __launch_bounds__(256, 4)
#define C10_LAUNCH_BOUNDS_1(threads) __launch_bounds__(threads)
#define C10_LAUNCH_BOUNDS_2(threads, blocks) __launch_bounds__(threads, blocks)
#define C10_WARP_SIZE 32

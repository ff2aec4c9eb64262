// What cuda::memcpy_async does, whatever it is tied to: each thread copies its part, by cp.async where the addresses' common
// alignment allows.
#pragma once
#pragma GCC system_header
#include "../cuda_runtime.h"
#include "../kverify/async_copy.h"

namespace cuda {

template <size_t alignment> struct aligned_size_t {
  static constexpr size_t align = alignment;
  size_t value;
  __host__ __device__ constexpr explicit aligned_size_t(size_t size) : value(size) {}
  __host__ __device__ constexpr operator size_t() const { return value; }
};

namespace kv {
KV_HOST_DEVICE constexpr size_t bytesOf(size_t size) { return size; }
KV_DEVICE void copyAsync(size_t rank, size_t threads, void* to, const void* from, size_t bytes) {
  unsigned both = (unsigned)(size_t)to | (unsigned)(size_t)from | (unsigned)bytes;
  size_t chunk = (both & 15) == 0 ? 16 : (both & 7) == 0 ? 8 : (both & 3) == 0 ? 4 : 1;
  const bool to_shared = __nvvm_isspacep_shared(to) && __nvvm_isspacep_global(from);
  for (size_t at = rank * chunk; at < bytes; at += threads * chunk) {
    if (chunk == 1 || !to_shared) __builtin_memcpy((char*)to + at, (const char*)from + at, chunk == 1 ? 1 : chunk == 4 ? 4 : chunk == 8 ? 8 : 16);
    else kverify_copy_async((char*)to + at, (const char*)from + at, chunk, chunk);
  }
}
}  // namespace kv

}  // namespace cuda

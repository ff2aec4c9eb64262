// cuda::std, cuda::atomic, barriers and pipelines of libcu++.
#include <cooperative_groups.h>
#include <cuda/atomic>
#include <cuda/barrier>
#include <cuda/functional>
#include <cuda/pipeline>
#include <cuda/std/array>
#include <cuda/std/atomic>
#include <cuda/std/cstdint>
#include <cuda/std/limits>
#include <cuda/std/optional>
#include <cuda/std/tuple>
#include <cuda/std/type_traits>
#include <cuda/std/utility>

__global__ void values(int* i, float* f, double* d) {
  i += 16 * threadIdx.x;
  cuda::std::array<int, 4> four{1, 2, 3, (int)threadIdx.x};
  cuda::std::tuple<int, float> pair(four[3], 2.5f);
  cuda::std::pair<int, int> two(7, four[1]);
  cuda::std::optional<int> some = threadIdx.x % 2 ? cuda::std::optional<int>(3) : cuda::std::nullopt;
  i[0] = cuda::std::get<0>(pair) + two.first * two.second + (int)four.size();
  i[1] = some.value_or(-1) + (some.has_value() ? *some : 0);
  int a = 1, b = 2;
  cuda::std::swap(a, b);
  i[2] = 10 * a + b + cuda::std::exchange(a, 9) + a;
  i[3] = cuda::std::numeric_limits<int>::max() / 2 - cuda::std::numeric_limits<short>::min();
  f[threadIdx.x] = cuda::std::numeric_limits<float>::epsilon() + cuda::std::numeric_limits<float>::max() * 0.5f;
  d[threadIdx.x] = cuda::std::numeric_limits<double>::lowest();
  i[4] = cuda::std::is_same_v<cuda::std::remove_cvref_t<const int&>, int> + 2 * cuda::std::is_floating_point_v<float>;
  i[5] = cuda::maximum<>{}(a, b) * 100 + cuda::minimum<>{}(a, b);
  i[6] = (int)sizeof(cuda::std::int64_t) + (int)cuda::std::uint8_t(300);
}

__global__ void atomics(int* i, unsigned* u, float* f, unsigned long long* l) {
  __shared__ int s;
  if (threadIdx.x == 0) s = 0;
  __syncthreads();
  cuda::atomic_ref<int, cuda::thread_scope_device> sum(i[0]);
  sum.fetch_add(3);
  cuda::atomic_ref<int, cuda::thread_scope_block> shared(s);
  shared.fetch_add((int)threadIdx.x, cuda::memory_order_relaxed);
  cuda::atomic_ref<unsigned, cuda::thread_scope_device> bits(u[0]);
  bits.fetch_or(1u << (threadIdx.x % 31));
  cuda::atomic_ref<float, cuda::thread_scope_system> most(f[0]);
  most.fetch_max((float)threadIdx.x);
  cuda::atomic_ref<unsigned long long> wide(l[0]);
  wide++;
  cuda::atomic_ref<int> least(i[1]);
  least.fetch_min(5 - (int)threadIdx.x);
  __syncthreads();
  if (threadIdx.x == 0) {
    i[2] = shared.load();
    i[3] = sum.exchange(77);
    int expected = 77;
    i[4] = sum.compare_exchange_strong(expected, 5) ? 1 : 0;
    i[5] = sum.compare_exchange_strong(expected, 6) ? 1 : expected;
  }
}

__global__ void copies(const float* from, float* to) {
  __shared__ __align__(16) float s[512];
  auto block = cooperative_groups::this_thread_block();
  auto pipe = cuda::make_pipeline();
  for (int stage = 0; stage < 2; ++stage) {
    pipe.producer_acquire();
    cuda::memcpy_async(&s[4 * threadIdx.x + 256 * stage], &from[4 * threadIdx.x + 256 * stage], cuda::aligned_size_t<16>(16), pipe);
    pipe.producer_commit();
  }
  pipe.consumer_wait();
  __syncthreads();
  to[threadIdx.x] = s[255 - threadIdx.x];
  pipe.consumer_release();
  pipe.consumer_wait();
  __syncthreads();
  to[64 + threadIdx.x] = s[511 - threadIdx.x];
  pipe.consumer_release();
}

// c10::cuda and at::cuda: streams, guards, launch checks, device properties, the generator's state for dropout, and the
// few device functions of ATen that kernels call.
#pragma once
#pragma GCC system_header
#include "tensor.h"

namespace c10 {

class Stream {
public:
  Stream() = default;
  Device device() const { return Device(DeviceType::CUDA, 0); }
};

namespace cuda {

class CUDAStream {
public:
  explicit CUDAStream(cudaStream_t stream = nullptr, DeviceIndex device = 0) : stream_(stream), device_(device) {}
  CUDAStream(Stream) : CUDAStream() {}
  operator cudaStream_t() const { return stream_; }
  cudaStream_t stream() const { return stream_; }
  Stream unwrap() const { return {}; }
  DeviceIndex device_index() const { return device_; }
  Device device() const { return Device(DeviceType::CUDA, device_); }
  void synchronize() const {}
  bool query() const { return true; }
  int priority() const { return 0; }
  friend bool operator==(const CUDAStream& a, const CUDAStream& b) { return a.stream_ == b.stream_; }
  friend bool operator!=(const CUDAStream& a, const CUDAStream& b) { return !(a == b); }

private:
  cudaStream_t stream_;
  DeviceIndex device_;
};
CUDAStream getCurrentCUDAStream(DeviceIndex device = -1);
CUDAStream getDefaultCUDAStream(DeviceIndex device = -1);
CUDAStream getStreamFromPool(bool high_priority = false, DeviceIndex device = -1);
CUDAStream getStreamFromExternal(cudaStream_t stream, DeviceIndex device);
inline CUDAStream getCurrentCUDAStream(DeviceIndex) { return CUDAStream(); }
inline CUDAStream getDefaultCUDAStream(DeviceIndex) { return CUDAStream(); }
inline CUDAStream getStreamFromPool(bool, DeviceIndex) { return CUDAStream(); }
inline CUDAStream getStreamFromExternal(cudaStream_t stream, DeviceIndex device) { return CUDAStream(stream, device); }
inline void setCurrentCUDAStream(CUDAStream) {}

struct CUDAGuard {
  explicit CUDAGuard(DeviceIndex index) : device_(DeviceType::CUDA, index) {}
  explicit CUDAGuard(Device device) : device_(device) {}
  CUDAGuard(const CUDAGuard&) = delete;
  CUDAGuard& operator=(const CUDAGuard&) = delete;
  void set_device(Device device) { device_ = device; }
  void set_index(DeviceIndex index) { device_ = Device(DeviceType::CUDA, index); }
  void reset_device(Device device) { device_ = device; }
  Device current_device() const { return device_; }
  Device original_device() const { return device_; }

private:
  Device device_;
};
struct OptionalCUDAGuard {
  OptionalCUDAGuard() = default;
  explicit OptionalCUDAGuard(std::optional<Device>) {}
  explicit OptionalCUDAGuard(std::optional<DeviceIndex>) {}
  explicit OptionalCUDAGuard(Device) {}
  explicit OptionalCUDAGuard(DeviceIndex) {}
  void set_device(Device) {}
  void set_index(DeviceIndex) {}
  void reset_device(Device) {}
  void reset() {}
};
struct CUDAStreamGuard {
  explicit CUDAStreamGuard(CUDAStream stream) : stream_(stream) {}
  explicit CUDAStreamGuard(Stream) {}
  CUDAStream current_stream() const { return stream_; }
  CUDAStream original_stream() const { return stream_; }
  void reset_stream(CUDAStream stream) { stream_ = stream; }

private:
  CUDAStream stream_;
};
inline DeviceIndex current_device() { return 0; }
inline DeviceIndex device_count() { return 1; }
inline void set_device(DeviceIndex) {}
inline void device_synchronize() {}
inline bool is_available() { return true; }

namespace CUDACachingAllocator {
inline void emptyCache() {}
inline void recordStream(const void*, CUDAStream) {}
inline void* raw_alloc(std::size_t bytes) { return kverify_host_allocate(bytes, 0, 1, 0); }
inline void raw_delete(void*) {}
} // namespace CUDACachingAllocator

} // namespace cuda

using DeviceGuard = cuda::CUDAGuard;
using OptionalDeviceGuard = cuda::OptionalCUDAGuard;
} // namespace c10

namespace at {
using DeviceGuard = c10::cuda::CUDAGuard;
using OptionalDeviceGuard = c10::cuda::OptionalCUDAGuard;
inline std::optional<Device> device_of(const Tensor& tensor) {
  return tensor.defined() ? std::optional<Device>(tensor.device()) : std::nullopt;
}

/// Where the random numbers of one launch begin, as Philox takes it.
struct PhiloxCudaState {
  PhiloxCudaState() = default;
  PhiloxCudaState(std::uint64_t seed, std::uint64_t offset) {
    seed_.val = seed;
    offset_.val = offset;
  }
  union Payload {
    std::uint64_t val;
    std::int64_t* ptr;
  };
  Payload seed_{0}, offset_{0};
  std::uint32_t offset_intragraph_ = 0;
  bool captured_ = false;
};
class CUDAGeneratorImpl {
public:
  PhiloxCudaState philox_cuda_state(std::uint64_t) { return {}; }
  std::pair<std::uint64_t, std::uint64_t> philox_engine_inputs(std::uint64_t) { return {0, 0}; }
  struct Mutex {
    void lock() {}
    void unlock() {}
  } mutex_;
};
template <class T> T* get_generator_or_default(const std::optional<Generator>&, const Generator&) {
  static T generator;
  return &generator;
}
template <class T> T* check_generator(std::optional<Generator>) {
  static T generator;
  return &generator;
}

namespace cuda {
using namespace c10::cuda;
using at::CUDAGeneratorImpl;
namespace detail {
inline const Generator& getDefaultCUDAGenerator(DeviceIndex = -1) {
  static Generator generator;
  return generator;
}
inline Generator createCUDAGenerator(DeviceIndex = -1) { return {}; }
} // namespace detail
namespace philox {
C10_HOST_DEVICE inline std::tuple<std::uint64_t, std::uint64_t> unpack(PhiloxCudaState state) {
  if (state.captured_)
    return {static_cast<std::uint64_t>(*state.seed_.ptr),
            static_cast<std::uint64_t>(*state.offset_.ptr + state.offset_intragraph_)};
  return {state.seed_.val, state.offset_.val};
}
} // namespace philox
inline cudaDeviceProp* getCurrentDeviceProperties() {
  static cudaDeviceProp properties = [] {
    cudaDeviceProp all{};
    cudaGetDeviceProperties(&all, 0);
    return all;
  }();
  return &properties;
}
inline cudaDeviceProp* getDeviceProperties(DeviceIndex) { return getCurrentDeviceProperties(); }
inline int warp_size() { return 32; }
inline std::int64_t getNumGPUs() { return 1; }
template <class T> C10_HOST_DEVICE T ATenCeilDiv(T a, T b) { return (a + b - 1) / b; }
template <class T> C10_HOST_DEVICE T ceil_div(T a, T b) { return (a + b - 1) / b; }
typedef struct cublasContext* cublasHandle_kv;
inline cublasHandle_kv getCurrentCUDABlasHandle() { return nullptr; }
} // namespace cuda
} // namespace at

#define C10_CUDA_CHECK(expression)                                                                                     \
  do {                                                                                                                 \
    const cudaError_t kverify_error = expression;                                                                      \
    ::kverify_torch::check(kverify_error == cudaSuccess, __FILE__, __LINE__, #expression);                             \
  } while (0)
#define C10_CUDA_KERNEL_LAUNCH_CHECK() C10_CUDA_CHECK(cudaGetLastError())
#define C10_CUDA_CHECK_WARN(expression) C10_CUDA_CHECK(expression)
#define C10_CUDA_IGNORE_ERROR(expression) (void)(expression)
#define C10_CUDA_ERROR_HANDLED(expression) (expression)
#define TORCH_CUDA_CHECK C10_CUDA_CHECK
#define AT_CUDA_CHECK(expression) C10_CUDA_CHECK(expression)
#define THCudaCheck(expression) C10_CUDA_CHECK(expression)
#define TORCH_CUDABLAS_CHECK(expression) (void)(expression)
#define TORCH_DSA_KERNEL_ARGS
#define TORCH_USE_CUDA_DSA
#define CUDA_KERNEL_ASSERT(condition) assert(condition)
#define CUDA_KERNEL_LOOP_TYPE(i, n, index_type)                                                                        \
  std::int64_t _i_n_d_e_x = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;                          \
  for (index_type i = _i_n_d_e_x; _i_n_d_e_x < (n); _i_n_d_e_x += blockDim.x * gridDim.x, i = _i_n_d_e_x)
#define CUDA_KERNEL_LOOP(i, n) CUDA_KERNEL_LOOP_TYPE(i, n, int)
namespace at::cuda::detail {
constexpr int CUDA_NUM_THREADS = 1024;
inline int GET_BLOCKS(std::int64_t n, std::int64_t threads = CUDA_NUM_THREADS) {
  return static_cast<int>((n - 1) / threads + 1);
}
} // namespace at::cuda::detail

// Shuffles under ATen's names.
template <class T> __device__ __forceinline__ T WARP_SHFL(T value, int lane, int width = 32, unsigned mask = ~0u) {
  return __shfl_sync(mask, value, lane, width);
}
template <class T> __device__ __forceinline__ T WARP_SHFL_XOR(T value, int with, int width = 32, unsigned mask = ~0u) {
  return __shfl_xor_sync(mask, value, with, width);
}
template <class T> __device__ __forceinline__ T WARP_SHFL_UP(T value, unsigned by, int width = 32, unsigned mask = ~0u) {
  return __shfl_up_sync(mask, value, by, width);
}
template <class T> __device__ __forceinline__ T WARP_SHFL_DOWN(T value, unsigned by, int width = 32, unsigned mask = ~0u) {
  return __shfl_down_sync(mask, value, by, width);
}
__device__ __forceinline__ unsigned WARP_BALLOT(int predicate, unsigned mask = ~0u) {
  return __ballot_sync(mask, predicate);
}
__device__ __forceinline__ unsigned WARP_ACTIVE_MASK() { return __activemask(); }

template <class T> __device__ __forceinline__ T gpuAtomicAdd(T* address, T value) { return atomicAdd(address, value); }
__device__ __forceinline__ c10::Half gpuAtomicAdd(c10::Half* address, c10::Half value) {
  return atomicAdd(reinterpret_cast<__half*>(address), static_cast<__half>(value));
}
__device__ __forceinline__ c10::BFloat16 gpuAtomicAdd(c10::BFloat16* address, c10::BFloat16 value) {
  return atomicAdd(reinterpret_cast<__nv_bfloat16*>(address), static_cast<__nv_bfloat16>(value));
}
template <class T> __device__ __forceinline__ void gpuAtomicAddNoReturn(T* address, T value) {
  gpuAtomicAdd(address, value);
}
__device__ __forceinline__ c10::Half atomicAdd(c10::Half* address, c10::Half value) { return gpuAtomicAdd(address, value); }
__device__ __forceinline__ c10::BFloat16 atomicAdd(c10::BFloat16* address, c10::BFloat16 value) {
  return gpuAtomicAdd(address, value);
}
template <class T> __device__ __forceinline__ T ldg(const T* address) { return __ldg(address); }

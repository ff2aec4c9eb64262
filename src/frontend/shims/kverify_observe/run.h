// Behind a file whose host code is run on the CPU: where the arguments of its entries come from, and the CUDA runtime's
// typed functions. The extern "C" functions are the run's own (src/frontend/observe).
#pragma once
#pragma GCC system_header
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

extern "C" {
/// Rank, or -1 for an optional tensor that is not there.
int kverify_given_tensor(unsigned parameter, int* scalar_type, std::int64_t* sizes);
std::int64_t kverify_given_integer(unsigned parameter, unsigned part);
/// Numbers of a list.
unsigned kverify_given_count(unsigned parameter);
double kverify_given_real(unsigned parameter);
void* kverify_given_pointer(unsigned parameter);
/// Kinds: 0 = host memory, 1 = device memory, 2 = managed.
void* kverify_host_memory(std::uint64_t bytes, int kind);
int kverify_device_attribute(int attribute);
[[noreturn]] void kverify_host_unsupported(const char* name);
}

namespace kverify_observe {

template <class T, class = void> struct Given {
  static T at(unsigned) { kverify_host_unsupported("a parameter of a type that no value is made for"); }
};
template <class T> struct Given<T, std::enable_if_t<std::is_integral_v<T>>> {
  static T at(unsigned parameter) { return static_cast<T>(kverify_given_integer(parameter, 0)); }
};
template <class T> struct Given<T, std::enable_if_t<std::is_floating_point_v<T>>> {
  static T at(unsigned parameter) { return static_cast<T>(kverify_given_real(parameter)); }
};
template <class T> struct Given<T*, std::enable_if_t<!std::is_function_v<T>>> {
  static T* at(unsigned parameter) { return static_cast<T*>(kverify_given_pointer(parameter)); }
};
template <class T> struct Given<std::vector<T>, std::enable_if_t<std::is_integral_v<T>>> {
  static std::vector<T> at(unsigned parameter) {
    std::vector<T> list;
    for (unsigned i = 0; i < kverify_given_count(parameter); ++i)
      list.push_back(static_cast<T>(kverify_given_integer(parameter, i)));
    return list;
  }
};
template <class T, std::size_t N> struct Given<std::array<T, N>, std::enable_if_t<std::is_integral_v<T>>> {
  static std::array<T, N> at(unsigned parameter) {
    std::array<T, N> list;
    for (unsigned i = 0; i < N; ++i)
      list[i] = static_cast<T>(kverify_given_integer(parameter, i));
    return list;
  }
};
template <class... T> struct Given<std::tuple<T...>, std::enable_if_t<(std::is_integral_v<T> && ...)>> {
  static std::tuple<T...> at(unsigned parameter) {
    unsigned part = 0;
    return std::tuple<T...>{static_cast<T>(kverify_given_integer(parameter, part++))...};
  }
};
template <class A, class B> struct Given<std::pair<A, B>, std::enable_if_t<std::is_integral_v<A> && std::is_integral_v<B>>> {
  static std::pair<A, B> at(unsigned parameter) {
    return {static_cast<A>(kverify_given_integer(parameter, 0)), static_cast<B>(kverify_given_integer(parameter, 1))};
  }
};

#if defined(KVERIFY_TORCH_SHIMS)
template <> struct Given<at::Tensor, void> {
  static at::Tensor at(unsigned parameter) {
    int type = 0;
    std::int64_t sizes[16] = {};
    int rank = kverify_given_tensor(parameter, &type, sizes);
    if (rank < 0)
      return {};
    return kverify_torch::given(static_cast<c10::ScalarType>(type), {sizes, sizes + rank}, kverify_given_pointer(parameter));
  }
};
template <> struct Given<std::optional<at::Tensor>, void> {
  static std::optional<at::Tensor> at(unsigned parameter) {
    at::Tensor tensor = Given<at::Tensor>::at(parameter);
    return tensor.defined() ? std::optional<at::Tensor>(tensor) : std::nullopt;
  }
};
template <> struct Given<c10::ArrayRef<std::int64_t>, void> {
  static c10::ArrayRef<std::int64_t> at(unsigned parameter) {
    static std::deque<std::vector<std::int64_t>> kept; // what it refers to lives as long as the process
    return kept.emplace_back(Given<std::vector<std::int64_t>>::at(parameter));
  }
};
template <> struct Given<c10::Scalar, void> {
  static c10::Scalar at(unsigned parameter) { return kverify_given_real(parameter); }
};
#endif

template <class R, class... P, std::size_t... I> void call(R (*entry)(P...), std::index_sequence<I...>) {
  std::tuple<std::remove_cv_t<std::remove_reference_t<P>>...> given{
      Given<std::remove_cv_t<std::remove_reference_t<P>>>::at(static_cast<unsigned>(I))...};
  (void)entry(static_cast<P>(std::get<I>(given))...);
  (void)given;
}
template <class R, class... P> void call(R (*entry)(P...)) { call(entry, std::index_sequence_for<P...>()); }

} // namespace kverify_observe

template <class T> cudaError_t cudaMalloc(T** pointer, size_t bytes) {
  *pointer = static_cast<T*>(kverify_host_memory(bytes, 1));
  return cudaSuccess;
}
template <class T> cudaError_t cudaMallocAsync(T** pointer, size_t bytes, cudaStream_t) { return cudaMalloc(pointer, bytes); }
template <class T> cudaError_t cudaMallocHost(T** pointer, size_t bytes, unsigned) {
  *pointer = static_cast<T*>(kverify_host_memory(bytes, 0));
  return cudaSuccess;
}
template <class T> cudaError_t cudaHostAlloc(T** pointer, size_t bytes, unsigned) { return cudaMallocHost(pointer, bytes, 0u); }
template <class T> cudaError_t cudaMallocManaged(T** pointer, size_t bytes, unsigned) {
  *pointer = static_cast<T*>(kverify_host_memory(bytes, 2));
  return cudaSuccess;
}
template <class T> cudaError_t cudaHostGetDevicePointer(T**, void*, unsigned) {
  kverify_host_unsupported("cudaHostGetDevicePointer");
}
template <class T> cudaError_t cudaFuncSetAttribute(T*, cudaFuncAttribute, int) { return cudaSuccess; }
template <class T> cudaError_t cudaFuncSetCacheConfig(T*, cudaFuncCache) { return cudaSuccess; }
template <class T> cudaError_t cudaFuncGetAttributes(cudaFuncAttributes*, T*) { kverify_host_unsupported("cudaFuncGetAttributes"); }
template <class T> cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int*, T, int, size_t) {
  kverify_host_unsupported("cudaOccupancyMaxActiveBlocksPerMultiprocessor");
}
template <class T> cudaError_t cudaOccupancyMaxPotentialBlockSize(int*, int*, T, size_t, int) {
  kverify_host_unsupported("cudaOccupancyMaxPotentialBlockSize");
}
template <class T> cudaError_t cudaMemcpyToSymbol(T&, const void*, size_t, size_t, cudaMemcpyKind) {
  kverify_host_unsupported("cudaMemcpyToSymbol"); // what kernels read there would have to be kept
}
template <class T> cudaError_t cudaMemcpyFromSymbol(void*, T&, size_t, size_t, cudaMemcpyKind) {
  kverify_host_unsupported("cudaMemcpyFromSymbol");
}
template <class T> cudaError_t cudaGetSymbolAddress(void**, T&) { kverify_host_unsupported("cudaGetSymbolAddress"); }
template <class T>
cudaError_t cudaLaunchKernel(T* kernel, dim3 grid, dim3 block, void** arguments, size_t shared, cudaStream_t stream) {
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments, shared, stream);
}
template <class T>
cudaError_t cudaLaunchCooperativeKernel(T* kernel, dim3 grid, dim3 block, void** arguments, size_t shared, cudaStream_t stream) {
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments, shared, stream);
}
template <class... P, class... A>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(P...), A&&... arguments) {
  std::tuple<P...> values{std::forward<A>(arguments)...};
  return std::apply(
      [&](auto&... value) {
        void* addresses[] = {const_cast<void*>(static_cast<const void*>(&value))..., nullptr};
        return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), config->gridDim, config->blockDim, addresses,
                                config->dynamicSmemBytes, config->stream);
      },
      values);
}
extern "C" __attribute__((weak)) cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  *value = kverify_device_attribute(attribute);
  return cudaSuccess;
}
extern "C" __attribute__((weak)) cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  properties->warpSize = kverify_device_attribute(cudaDevAttrWarpSize);
  properties->maxThreadsPerBlock = kverify_device_attribute(cudaDevAttrMaxThreadsPerBlock);
  properties->maxThreadsDim[0] = properties->maxThreadsDim[1] = properties->maxThreadsPerBlock;
  properties->maxThreadsDim[2] = kverify_device_attribute(cudaDevAttrMaxBlockDimZ);
  properties->maxGridSize[0] = kverify_device_attribute(cudaDevAttrMaxGridDimX);
  properties->maxGridSize[1] = properties->maxGridSize[2] = kverify_device_attribute(cudaDevAttrMaxGridDimY);
  properties->multiProcessorCount = kverify_device_attribute(cudaDevAttrMultiProcessorCount);
  properties->maxThreadsPerMultiProcessor = kverify_device_attribute(cudaDevAttrMaxThreadsPerMultiProcessor);
  properties->sharedMemPerBlock = static_cast<size_t>(kverify_device_attribute(cudaDevAttrMaxSharedMemoryPerBlock));
  properties->sharedMemPerBlockOptin = static_cast<size_t>(kverify_device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
  properties->regsPerBlock = kverify_device_attribute(cudaDevAttrMaxRegistersPerBlock);
  properties->major = kverify_device_attribute(cudaDevAttrComputeCapabilityMajor);
  properties->minor = kverify_device_attribute(cudaDevAttrComputeCapabilityMinor);
  return cudaSuccess;
}

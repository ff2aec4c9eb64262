#pragma once
// A stand-in for PyTorch's C++ headers, so that the host code around a kernel parses: names and shapes of the
// interface only, nothing behind them. For static_corpus.py; a program that is to run needs the real ones.
#include <cuda_runtime.h>

#include <algorithm>
#include <cassert>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace c10 {

enum class ScalarType { Byte, Char, Short, Int, Long, Half, Float, Double, Bool, BFloat16 };
enum class DeviceType { CPU, CUDA };

struct Half {
  operator float() const;
  Half(float = 0);
};
struct BFloat16 {
  operator float() const;
  BFloat16(float = 0);
};

template <class T> struct optional {
  optional(...);
  bool has_value() const;
  const T& value() const;
  explicit operator bool() const;
  const T& operator*() const;
  const T* operator->() const;
};

struct Device {
  Device(DeviceType = DeviceType::CUDA, int = 0);
  bool is_cuda() const;
  bool is_cpu() const;
  DeviceType type() const;
  int index() const;
  bool operator==(const Device&) const;
  bool operator!=(const Device&) const;
};

template <class T> struct ArrayRef {
  ArrayRef();
  ArrayRef(std::initializer_list<T>);
  ArrayRef(const std::vector<T>&);
  ArrayRef(const T&);
  std::size_t size() const;
  const T& operator[](std::size_t) const;
  std::vector<T> vec() const;
  const T* begin() const;
  const T* end() const;
  const T* data() const;
  bool operator==(const ArrayRef&) const;
  bool operator!=(const ArrayRef&) const;
};
using IntArrayRef = ArrayRef<std::int64_t>;

struct TensorOptions {
  TensorOptions();
  TensorOptions(ScalarType);
  TensorOptions(DeviceType);
  TensorOptions(Device);
  TensorOptions dtype(ScalarType) const;
  ScalarType dtype() const;
  TensorOptions device(Device) const;
  TensorOptions device(DeviceType, int = 0) const;
  Device device() const;
  TensorOptions requires_grad(bool) const;
  TensorOptions memory_format(int) const;
};

std::ostream& operator<<(std::ostream&, const TensorOptions&);
std::ostream& operator<<(std::ostream&, ScalarType);
template <class T> std::ostream& operator<<(std::ostream&, const ArrayRef<T>&);

} // namespace c10

namespace at {

using namespace c10;
constexpr ScalarType kByte = ScalarType::Byte, kUInt8 = ScalarType::Byte, kInt8 = ScalarType::Char, kChar = ScalarType::Char, kShort = ScalarType::Short,
                     kInt = ScalarType::Int, kInt32 = ScalarType::Int, kLong = ScalarType::Long,
                     kInt64 = ScalarType::Long, kHalf = ScalarType::Half, kFloat16 = ScalarType::Half,
                     kFloat = ScalarType::Float, kFloat32 = ScalarType::Float, kDouble = ScalarType::Double,
                     kFloat64 = ScalarType::Double, kBool = ScalarType::Bool, kBFloat16 = ScalarType::BFloat16;
constexpr DeviceType kCPU = DeviceType::CPU, kCUDA = DeviceType::CUDA;
enum class MemoryFormat { Contiguous, ChannelsLast };

struct Scalar {
  template <class T> Scalar(T);
  float toFloat() const;
  double toDouble() const;
};

struct Tensor;
struct Generator {};

template <class T, int N> struct PackedTensorAccessor {
  __host__ __device__ PackedTensorAccessor<T, N - 1> operator[](std::int64_t) const;
  __host__ __device__ int size(int) const;
};
template <class T> struct PackedTensorAccessor<T, 0> {
  __host__ __device__ operator T&() const;
  __host__ __device__ T& operator=(T) const;
};
template <class T> struct RestrictPtrTraits {
  using PtrType = T* __restrict__;
};

struct Tensor {
  template <class T> T* data_ptr() const;
  void* data_ptr() const;
  template <class T> T* mutable_data_ptr() const;
  template <class T> const T* const_data_ptr() const;
  template <class T> T* data() const;
  template <class T> T item() const;
  Scalar item() const;
  std::int64_t size(std::int64_t) const;
  std::int64_t stride(std::int64_t) const;
  IntArrayRef sizes() const;
  IntArrayRef strides() const;
  std::int64_t numel() const;
  std::int64_t dim() const;
  std::int64_t ndimension() const;
  std::int64_t element_size() const;
  TensorOptions options() const;
  Device device() const;
  int get_device() const;
  ScalarType scalar_type() const;
  ScalarType dtype() const;
  ScalarType type() const;
  bool is_cuda() const;
  bool is_contiguous() const;
  bool defined() const;
  bool requires_grad() const;
  bool sizes_equal(const Tensor&) const;
  template <class T, int N, template <class> class Traits = RestrictPtrTraits, class Index = int>
  PackedTensorAccessor<T, N> packed_accessor32() const;
  template <class T, int N, template <class> class Traits = RestrictPtrTraits, class Index = std::int64_t>
  PackedTensorAccessor<T, N> packed_accessor64() const;
  template <class... A> Tensor to(A&&...) const;
  template <class... A> Tensor view(A&&...) const;
  Tensor view(std::initializer_list<std::int64_t>) const;
  template <class... A> Tensor reshape(A&&...) const;
  Tensor reshape(std::initializer_list<std::int64_t>) const;
  template <class... A> Tensor expand(A&&...) const;
  Tensor expand(std::initializer_list<std::int64_t>) const;
  template <class... A> Tensor permute(A&&...) const;
  Tensor permute(std::initializer_list<std::int64_t>) const;
  template <class... A> Tensor index(A&&...) const;
#define KVERIFY_STUB_METHOD(NAME) template <class... A> Tensor NAME(A&&...) const
  KVERIFY_STUB_METHOD(contiguous);
  KVERIFY_STUB_METHOD(clone);
  KVERIFY_STUB_METHOD(detach);
  KVERIFY_STUB_METHOD(cuda);
  KVERIFY_STUB_METHOD(cpu);
  KVERIFY_STUB_METHOD(view_as);
  KVERIFY_STUB_METHOD(transpose);
  KVERIFY_STUB_METHOD(t);
  KVERIFY_STUB_METHOD(flatten);
  KVERIFY_STUB_METHOD(squeeze);
  KVERIFY_STUB_METHOD(unsqueeze);
  KVERIFY_STUB_METHOD(select);
  KVERIFY_STUB_METHOD(slice);
  KVERIFY_STUB_METHOD(narrow);
  KVERIFY_STUB_METHOD(mean);
  KVERIFY_STUB_METHOD(sum);
  KVERIFY_STUB_METHOD(var);
  Tensor mean(std::initializer_list<std::int64_t>, bool = false) const;
  Tensor sum(std::initializer_list<std::int64_t>, bool = false) const;
  Tensor var(std::initializer_list<std::int64_t>, bool = false, bool = false) const;
  Tensor index(std::initializer_list<std::int64_t>) const;
  KVERIFY_STUB_METHOD(std);
  KVERIFY_STUB_METHOD(max);
  KVERIFY_STUB_METHOD(min);
  KVERIFY_STUB_METHOD(abs);
  KVERIFY_STUB_METHOD(sqrt);
  KVERIFY_STUB_METHOD(rsqrt);
  KVERIFY_STUB_METHOD(exp);
  KVERIFY_STUB_METHOD(log);
  KVERIFY_STUB_METHOD(pow);
  KVERIFY_STUB_METHOD(norm);
  KVERIFY_STUB_METHOD(softmax);
  KVERIFY_STUB_METHOD(mm);
  KVERIFY_STUB_METHOD(bmm);
  KVERIFY_STUB_METHOD(matmul);
  KVERIFY_STUB_METHOD(add);
  KVERIFY_STUB_METHOD(sub);
  KVERIFY_STUB_METHOD(mul);
  KVERIFY_STUB_METHOD(div);
  KVERIFY_STUB_METHOD(add_);
  KVERIFY_STUB_METHOD(sub_);
  KVERIFY_STUB_METHOD(mul_);
  KVERIFY_STUB_METHOD(div_);
  KVERIFY_STUB_METHOD(copy_);
  KVERIFY_STUB_METHOD(fill_);
  KVERIFY_STUB_METHOD(zero_);
#undef KVERIFY_STUB_METHOD
  Tensor operator[](std::int64_t) const;
  Tensor& operator+=(const Tensor&);
  Tensor& operator*=(const Tensor&);
  Tensor& operator/=(const Tensor&);
};
template <class A> Tensor operator+(const Tensor&, const A&);
template <class A> Tensor operator-(const Tensor&, const A&);
template <class A> Tensor operator*(const Tensor&, const A&);
template <class A> Tensor operator/(const Tensor&, const A&);
template <class A, std::enable_if_t<std::is_arithmetic_v<A>, int> = 0> Tensor operator+(A, const Tensor&);
template <class A, std::enable_if_t<std::is_arithmetic_v<A>, int> = 0> Tensor operator-(A, const Tensor&);
template <class A, std::enable_if_t<std::is_arithmetic_v<A>, int> = 0> Tensor operator*(A, const Tensor&);
template <class A, std::enable_if_t<std::is_arithmetic_v<A>, int> = 0> Tensor operator/(A, const Tensor&);

#define KVERIFY_STUB_FACTORY(NAME)                                                                                     \
  template <class... A> Tensor NAME(std::initializer_list<std::int64_t>, A&&...);                                      \
  template <class... A> Tensor NAME(IntArrayRef, A&&...)
#define KVERIFY_STUB_FUNCTION(NAME) template <class... A> Tensor NAME(const A&...)
KVERIFY_STUB_FACTORY(zeros);
KVERIFY_STUB_FACTORY(ones);
KVERIFY_STUB_FACTORY(empty);
KVERIFY_STUB_FACTORY(full);
KVERIFY_STUB_FACTORY(randn);
KVERIFY_STUB_FUNCTION(zeros_like);
KVERIFY_STUB_FUNCTION(ones_like);
KVERIFY_STUB_FUNCTION(empty_like);
KVERIFY_STUB_FUNCTION(full_like);
KVERIFY_STUB_FUNCTION(arange);
KVERIFY_STUB_FUNCTION(mean);
KVERIFY_STUB_FUNCTION(sum);
KVERIFY_STUB_FUNCTION(var);
KVERIFY_STUB_FUNCTION(sqrt);
KVERIFY_STUB_FUNCTION(exp);
KVERIFY_STUB_FUNCTION(softmax);
KVERIFY_STUB_FUNCTION(softmax_out);
KVERIFY_STUB_FUNCTION(abs);
KVERIFY_STUB_FUNCTION(max);
KVERIFY_STUB_FUNCTION(log_softmax);
KVERIFY_STUB_FUNCTION(logsumexp);
KVERIFY_STUB_FUNCTION(layer_norm);
KVERIFY_STUB_FUNCTION(relu);
KVERIFY_STUB_FUNCTION(mm);
KVERIFY_STUB_FUNCTION(bmm);
KVERIFY_STUB_FUNCTION(addmm);
KVERIFY_STUB_FUNCTION(matmul);
KVERIFY_STUB_FUNCTION(linear);
KVERIFY_STUB_FUNCTION(einsum);
KVERIFY_STUB_FUNCTION(conv2d);
KVERIFY_STUB_FUNCTION(conv3d);
KVERIFY_STUB_FUNCTION(scaled_dot_product_attention);
KVERIFY_STUB_FUNCTION(add);
KVERIFY_STUB_FUNCTION(mul);
#undef KVERIFY_STUB_FACTORY
#undef KVERIFY_STUB_FUNCTION
Tensor cat(std::initializer_list<Tensor>, std::int64_t = 0);
Tensor cat(const std::vector<Tensor>&, std::int64_t = 0);

} // namespace at

namespace torch {
using namespace at;
inline TensorOptions dtype(ScalarType type) {
  return TensorOptions(type);
}
inline TensorOptions device(DeviceType type) {
  return TensorOptions(type);
}
inline TensorOptions device(Device on) {
  return TensorOptions(on);
}
} // namespace torch

namespace c10::cuda {
struct CUDAStream {
  operator cudaStream_t() const;
  cudaStream_t stream() const;
};
struct CUDAGuard {
  CUDAGuard(int);
  CUDAGuard(Device);
};
CUDAStream getCurrentCUDAStream(int = -1);
CUDAStream getStreamFromPool(bool = false, int = -1);
} // namespace c10::cuda
namespace at::cuda {
using c10::cuda::CUDAGuard;
using c10::cuda::CUDAStream;
using c10::cuda::getCurrentCUDAStream;
using c10::cuda::getStreamFromPool;
using OptionalCUDAGuard = c10::cuda::CUDAGuard;
} // namespace at::cuda
inline void kverifyStubCheck(bool) {
}
template <class... A> void kverifyStubCheck(bool, const A&...) {
}

#define TORCH_CHECK(...) kverifyStubCheck(__VA_ARGS__)
#define TORCH_CHECK_EQ(a, b) kverifyStubCheck((a) == (b))
#define TORCH_INTERNAL_ASSERT(...) kverifyStubCheck(__VA_ARGS__)
#define AT_ASSERTM(...) kverifyStubCheck(__VA_ARGS__)
#define AT_ASSERT(...) kverifyStubCheck(__VA_ARGS__)
#define AT_ERROR(...) kverifyStubCheck(false, __VA_ARGS__)
#define AT_CUDA_CHECK(...) (void)(__VA_ARGS__)
#define C10_CUDA_CHECK(...) (void)(__VA_ARGS__)
#define C10_CUDA_KERNEL_LAUNCH_CHECK() (void)cudaGetLastError()
#define AT_DISPATCH_FLOATING_TYPES(TYPE, NAME, ...)                                                                    \
  [&] {                                                                                                                \
    using scalar_t = float;                                                                                            \
    kverifyStubCheck(true, TYPE, NAME);                                                                                \
    return __VA_ARGS__();                                                                                              \
  }()
#define AT_DISPATCH_FLOATING_TYPES_AND_HALF AT_DISPATCH_FLOATING_TYPES
#define AT_DISPATCH_ALL_TYPES AT_DISPATCH_FLOATING_TYPES
#define PYBIND11_MODULE(NAME, M)                                                                                       \
  struct kverify_stub_module {                                                                                         \
    template <class... A> void def(const A&...);                                                                       \
    const char* doc();                                                                                                 \
  };                                                                                                                   \
  [[maybe_unused]] static void kverifyStubModule(kverify_stub_module& M)

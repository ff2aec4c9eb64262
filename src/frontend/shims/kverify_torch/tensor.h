// at::Tensor. Shape, strides, views and storage are real, so that a host wrapper can run; what PyTorch's own kernels
// would compute has the right shape and elements that nobody knows (kverify_host_computed).
#pragma once
#pragma GCC system_header
#include "accessor.h"
#include "storage.h"

namespace at {

using namespace c10;
class Tensor;
struct Generator {
  bool defined() const { return false; }
};
using TensorList = c10::ArrayRef<Tensor>;
namespace indexing {
struct TensorIndex;
}

class TensorBase {};

} // namespace at

namespace kverify_torch {
at::Tensor allocate(Sizes sizes, const c10::TensorOptions& options, bool zeroed);
at::Tensor computed(const char* operation, Sizes sizes, const c10::TensorOptions& options);
void overwritten(const char* operation, const at::Tensor& in_place);
} // namespace kverify_torch

namespace at {

/// What Tensor::type() gives: printed, compared, and handed to dispatch macros.
class DeprecatedTypeProperties {
public:
  DeprecatedTypeProperties(ScalarType type, bool cuda) : type_(type), cuda_(cuda) {}
  ScalarType scalarType() const { return type_; }
  bool is_cuda() const { return cuda_; }
  bool is_sparse() const { return false; }
  std::string toString() const { return c10::toString(type_); }
  operator ScalarType() const { return type_; }

private:
  ScalarType type_;
  bool cuda_;
};

class Tensor : public TensorBase {
public:
  Tensor() = default;
  explicit Tensor(kverify_torch::TensorState state)
      : state_(std::move(state)) {}

  bool defined() const { return static_cast<bool>(state_); }
  std::int64_t dim() const { return static_cast<std::int64_t>(state().sizes.size()); }
  std::int64_t ndimension() const { return dim(); }
  std::int64_t size(std::int64_t i) const { return state().sizes[at(i)]; }
  std::int64_t stride(std::int64_t i) const { return state().strides[at(i)]; }
  IntArrayRef sizes() const { return state().sizes; }
  IntArrayRef strides() const { return state().strides; }
  IntArrayRef sym_sizes() const { return sizes(); }
  std::int64_t sym_size(std::int64_t i) const { return size(i); }
  std::int64_t numel() const { return kverify_torch::product(state().sizes); }
  std::int64_t sym_numel() const { return numel(); }
  std::int64_t storage_offset() const { return state().offset; }
  std::size_t nbytes() const { return static_cast<std::size_t>(numel()) * itemsize(); }
  std::size_t itemsize() const { return elementSize(state().type); }
  std::int64_t element_size() const { return static_cast<std::int64_t>(itemsize()); }
  bool has_storage() const { return defined(); }

  ScalarType scalar_type() const { return state().type; }
  TypeMeta dtype() const { return state().type; }
  DeprecatedTypeProperties type() const { return {state().type, is_cuda()}; }
  Device device() const { return state().device; }
  DeviceIndex get_device() const { return device().index(); }
  Layout layout() const { return Layout::Strided; }
  TensorOptions options() const { return TensorOptions(state().type).device(state().device); }
  bool is_cuda() const { return device().is_cuda(); }
  bool is_cpu() const { return device().is_cpu(); }
  bool is_meta() const { return false; }
  bool is_sparse() const { return false; }
  bool is_quantized() const { return false; }
  bool is_floating_point() const { return isFloatingType(scalar_type()); }
  bool is_complex() const { return isComplexType(scalar_type()); }
  bool is_pinned() const { return false; }
  bool is_same(const Tensor& other) const { return state_ == other.state_; }
  bool requires_grad() const { return state().requires_grad; }
  Tensor& requires_grad_(bool requires = true) { return set_requires_grad(requires); }
  Tensor& set_requires_grad(bool requires) {
    state_->requires_grad = requires;
    return *this;
  }
  Tensor grad() const { return {}; }
  bool is_contiguous(MemoryFormat = MemoryFormat::Contiguous) const {
    const auto &sizes = state().sizes, &strides = state().strides;
    std::int64_t step = 1;
    for (std::size_t i = sizes.size(); i-- > 0;) {
      if (sizes[i] != 1 && strides[i] != step)
        return numel() == 0;
      step *= sizes[i];
    }
    return true;
  }
  bool is_non_overlapping_and_dense() const { return is_contiguous(); }
  MemoryFormat suggest_memory_format(bool = false) const { return MemoryFormat::Contiguous; }
  void reset() { state_.reset(); }

  void* data_ptr() const {
    return !state().storage ? nullptr
                            : static_cast<char*>(state().storage->data) +
                                  static_cast<std::size_t>(state().offset) * itemsize();
  }
  void* mutable_data_ptr() const { return data_ptr(); }
  const void* const_data_ptr() const { return data_ptr(); }
  template <class T> T* data_ptr() const {
    kverify_torch::check(CppTypeToScalarType<std::remove_const_t<T>>::value == scalar_type(), "shim", 0,
                         "data_ptr of the tensor's own type", "expected scalar type ",
                         CppTypeToScalarType<std::remove_const_t<T>>::value, " but found ", scalar_type());
    return static_cast<T*>(data_ptr());
  }
  template <class T> T* mutable_data_ptr() const { return data_ptr<T>(); }
  template <class T> const T* const_data_ptr() const { return data_ptr<T>(); }
  template <class T> T* data() const { return data_ptr<T>(); }
  Scalar item() const { return kverify_torch::unsupported<Scalar>("item"); }
  template <class T> T item() const { return kverify_torch::unsupported<T>("item"); }

  template <class T, std::size_t dims> TensorAccessor<T, dims> accessor() const& {
    expectDims(dims);
    return {data_ptr<T>(), state().sizes.data(), state().strides.data()};
  }
  template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits>
  PackedTensorAccessor32<T, dims, Traits> packed_accessor32() const& {
    return packed<PackedTensorAccessor32<T, dims, Traits>, T>(dims);
  }
  template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits>
  PackedTensorAccessor64<T, dims, Traits> packed_accessor64() const& {
    return packed<PackedTensorAccessor64<T, dims, Traits>, T>(dims);
  }
  template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits, class Index = std::int64_t>
  GenericPackedTensorAccessor<T, dims, Traits, Index> generic_packed_accessor() const& {
    return packed<GenericPackedTensorAccessor<T, dims, Traits, Index>, T>(dims);
  }
  template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits, class Index = std::int64_t>
  GenericPackedTensorAccessor<T, dims, Traits, Index> packed_accessor() const& {
    return packed<GenericPackedTensorAccessor<T, dims, Traits, Index>, T>(dims);
  }

#include "tensor_views.inc"
#include "tensor_methods.inc"

  const kverify_torch::TensorState& state() const {
    kverify_torch::check(defined(), "shim", 0, "a tensor that is defined");
    return *state_;
  }

private:
  std::size_t at(std::int64_t i) const { return static_cast<std::size_t>(kverify_torch::wrap(i, dim())); }
  void expectDims(std::size_t dims) const {
    kverify_torch::check(dim() == static_cast<std::int64_t>(dims), "shim", 0, "an accessor of as many dimensions");
  }
  template <class A, class T> A packed(std::size_t dims) const {
    expectDims(dims);
    return A(data_ptr<T>(), state().sizes.data(), state().strides.data());
  }
  Tensor viewed(kverify_torch::Sizes sizes, kverify_torch::Sizes strides, std::int64_t offset) const {
    kverify_torch::TensorState changed = state();
    changed.sizes = std::move(sizes);
    changed.strides = std::move(strides);
    changed.offset = offset;
    return Tensor(std::move(changed));
  }

  kverify_torch::Shared<kverify_torch::TensorState> state_;
};

#if defined(KVERIFY_RICH_PRELUDE)
inline std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return tensor.defined() ? out << '[' << tensor.scalar_type() << tensor.sizes() << ']' : out << "[undefined]";
}
#endif

} // namespace at

namespace kverify_torch {

inline at::Tensor allocate(Sizes sizes, const c10::TensorOptions& options, bool zeroed) {
  TensorState state;
  state.type = options.dtype().toScalarType();
  state.device = options.device().is_cuda() && !options.device().has_index() ? c10::Device(c10::DeviceType::CUDA, 0)
                                                                              : options.device();
  state.strides = contiguousStrides(sizes);
  state.sizes = std::move(sizes);
  state.storage = Shared<Storage>(Storage{});
  for (std::int64_t size : state.sizes)
    check(size >= 0, "shim", 0, "no negative size", "a tensor with a negative dimension ", size);
  state.storage->bytes = static_cast<std::uint64_t>(product(state.sizes)) * c10::elementSize(state.type);
  state.storage->data =
      kverify_host_allocate(state.storage->bytes, static_cast<int>(state.type), state.device.is_cuda(), zeroed);
  return at::Tensor(std::move(state));
}

/// A contiguous tensor of the caller's, on the device.
inline at::Tensor given(c10::ScalarType type, Sizes sizes, void* data) {
  TensorState state;
  state.type = type;
  state.device = c10::Device(c10::DeviceType::CUDA, 0);
  state.strides = contiguousStrides(sizes);
  state.sizes = std::move(sizes);
  state.storage = Shared<Storage>(Storage{data, static_cast<std::uint64_t>(product(state.sizes)) * c10::elementSize(type)});
  return at::Tensor(std::move(state));
}

/// What PyTorch's own kernel would have filled.
inline at::Tensor computed(const char* operation, Sizes sizes, const c10::TensorOptions& options) {
  at::Tensor result = allocate(std::move(sizes), options, false);
  kverify_host_computed(operation, result.data_ptr(), result.nbytes());
  return result;
}
inline void overwritten(const char* operation, const at::Tensor& in_place) {
  kverify_host_computed(operation, in_place.data_ptr(), in_place.nbytes());
}

} // namespace kverify_torch

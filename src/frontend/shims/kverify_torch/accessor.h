// Accessors: a tensor's address, sizes and strides, indexed one dimension at a time; the packed ones travel to kernels.
#pragma once
#pragma GCC system_header
#include "scalar_type.h"

namespace at {

template <class T> struct DefaultPtrTraits {
  using PtrType = T*;
};
template <class T> struct RestrictPtrTraits {
  using PtrType = T* __restrict__;
};

/// Sizes and strides lie elsewhere.
template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits, class Index = std::int64_t>
class TensorAccessorBase {
public:
  using PtrType = typename Traits<T>::PtrType;
  C10_HOST_DEVICE TensorAccessorBase(PtrType data, const Index* sizes, const Index* strides)
      : data_(data), sizes_(sizes), strides_(strides) {}
  C10_HOST_DEVICE Index stride(Index i) const { return strides_[i]; }
  C10_HOST_DEVICE Index size(Index i) const { return sizes_[i]; }
  C10_HOST_DEVICE PtrType data() { return data_; }
  C10_HOST_DEVICE const PtrType data() const { return data_; }

protected:
  PtrType data_;
  const Index* sizes_;
  const Index* strides_;
};

template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits, class Index = std::int64_t>
class TensorAccessor : public TensorAccessorBase<T, dims, Traits, Index> {
public:
  using PtrType = typename Traits<T>::PtrType;
  C10_HOST_DEVICE TensorAccessor(PtrType data, const Index* sizes, const Index* strides)
      : TensorAccessorBase<T, dims, Traits, Index>(data, sizes, strides) {}
  C10_HOST_DEVICE TensorAccessor<T, dims - 1, Traits, Index> operator[](Index i) {
    return {this->data_ + this->strides_[0] * i, this->sizes_ + 1, this->strides_ + 1};
  }
  C10_HOST_DEVICE const TensorAccessor<T, dims - 1, Traits, Index> operator[](Index i) const {
    return {this->data_ + this->strides_[0] * i, this->sizes_ + 1, this->strides_ + 1};
  }
};
template <class T, template <class> class Traits, class Index>
class TensorAccessor<T, 1, Traits, Index> : public TensorAccessorBase<T, 1, Traits, Index> {
public:
  using PtrType = typename Traits<T>::PtrType;
  C10_HOST_DEVICE TensorAccessor(PtrType data, const Index* sizes, const Index* strides)
      : TensorAccessorBase<T, 1, Traits, Index>(data, sizes, strides) {}
  C10_HOST_DEVICE T& operator[](Index i) { return this->data_[this->strides_[0] * i]; }
  C10_HOST_DEVICE const T& operator[](Index i) const { return this->data_[this->strides_[0] * i]; }
};

/// Sizes and strides are copied into it.
template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits, class Index = std::int64_t>
class GenericPackedTensorAccessorBase {
public:
  using PtrType = typename Traits<T>::PtrType;
  template <class From> C10_HOST GenericPackedTensorAccessorBase(PtrType data, const From* sizes, const From* strides)
      : data_(data) {
    for (std::size_t i = 0; i < dims; ++i) {
      sizes_[i] = static_cast<Index>(sizes[i]);
      strides_[i] = static_cast<Index>(strides[i]);
    }
  }
  C10_HOST_DEVICE Index stride(Index i) const { return strides_[i]; }
  C10_HOST_DEVICE Index size(Index i) const { return sizes_[i]; }
  C10_HOST_DEVICE PtrType data() { return data_; }
  C10_HOST_DEVICE const PtrType data() const { return data_; }

protected:
  PtrType data_;
  Index sizes_[dims];
  Index strides_[dims];
};

template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits, class Index = std::int64_t>
class GenericPackedTensorAccessor : public GenericPackedTensorAccessorBase<T, dims, Traits, Index> {
public:
  using GenericPackedTensorAccessorBase<T, dims, Traits, Index>::GenericPackedTensorAccessorBase;
  C10_HOST_DEVICE TensorAccessor<T, dims - 1, Traits, Index> operator[](Index i) {
    return {this->data_ + this->strides_[0] * i, this->sizes_ + 1, this->strides_ + 1};
  }
  C10_HOST_DEVICE const TensorAccessor<T, dims - 1, Traits, Index> operator[](Index i) const {
    return {this->data_ + this->strides_[0] * i, this->sizes_ + 1, this->strides_ + 1};
  }
};
template <class T, template <class> class Traits, class Index>
class GenericPackedTensorAccessor<T, 1, Traits, Index> : public GenericPackedTensorAccessorBase<T, 1, Traits, Index> {
public:
  using GenericPackedTensorAccessorBase<T, 1, Traits, Index>::GenericPackedTensorAccessorBase;
  C10_HOST_DEVICE T& operator[](Index i) { return this->data_[this->strides_[0] * i]; }
  C10_HOST_DEVICE const T& operator[](Index i) const { return this->data_[this->strides_[0] * i]; }
};

template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits>
using PackedTensorAccessor32 = GenericPackedTensorAccessor<T, dims, Traits, std::int32_t>;
template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits>
using PackedTensorAccessor64 = GenericPackedTensorAccessor<T, dims, Traits, std::int64_t>;
template <class T, std::size_t dims, template <class> class Traits = DefaultPtrTraits, class Index = std::int64_t>
using PackedTensorAccessor = GenericPackedTensorAccessor<T, dims, Traits, Index>;

/// What sums of T are kept in on the device (and, without `cuda`, on the host).
template <class T, bool cuda> struct AccumulateType {
  using type = T;
};
template <> struct AccumulateType<c10::Half, true> { using type = float; };
template <> struct AccumulateType<c10::BFloat16, true> { using type = float; };
template <> struct AccumulateType<std::int8_t, true> { using type = std::int64_t; };
template <> struct AccumulateType<std::uint8_t, true> { using type = std::int64_t; };
template <> struct AccumulateType<std::int16_t, true> { using type = std::int64_t; };
template <> struct AccumulateType<std::int32_t, true> { using type = std::int64_t; };
template <> struct AccumulateType<c10::Half, false> { using type = float; };
template <> struct AccumulateType<c10::BFloat16, false> { using type = float; };
template <> struct AccumulateType<float, false> { using type = double; };
template <class T, bool cuda> using acc_type = typename AccumulateType<T, cuda>::type;
template <class T> struct OpMathType { using type = T; };
template <> struct OpMathType<c10::Half> { using type = float; };
template <> struct OpMathType<c10::BFloat16> { using type = float; };
template <class T> using opmath_type = typename OpMathType<T>::type;

} // namespace at

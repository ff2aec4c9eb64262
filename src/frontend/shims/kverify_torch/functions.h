// at:: and torch:: functions: factories, and the operations that wrappers of kernels call.
#pragma once
#pragma GCC system_header
#include "tensor.h"

namespace at {

namespace indexing {
enum class EllipsisIndexType { Ellipsis };
constexpr EllipsisIndexType Ellipsis = EllipsisIndexType::Ellipsis;
constexpr std::nullopt_t None = std::nullopt;
struct Slice {
  Slice(std::optional<std::int64_t> start = std::nullopt, std::optional<std::int64_t> stop = std::nullopt,
        std::optional<std::int64_t> step = std::nullopt)
      : start(start), stop(stop), step(step) {}
  std::optional<std::int64_t> start, stop, step;
};
struct TensorIndex {
  TensorIndex(std::nullopt_t) : kind(Kind::None) {}
  TensorIndex(EllipsisIndexType) : kind(Kind::Ellipsis) {}
  TensorIndex(const char*) : kind(Kind::Ellipsis) {}
  TensorIndex(bool) : kind(Kind::Boolean) {}
  template <class T, class = std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>>
  TensorIndex(T index) : kind(Kind::Integer), integer(static_cast<std::int64_t>(index)) {}
  TensorIndex(Slice slice) : kind(Kind::Slice), slice(slice) {}
  TensorIndex(Tensor tensor) : kind(Kind::Tensor), tensor(std::move(tensor)) {}
  enum class Kind { None, Ellipsis, Boolean, Integer, Slice, Tensor } kind;
  std::int64_t integer = 0;
  Slice slice;
  Tensor tensor;
};
} // namespace indexing

inline Tensor Tensor::index(ArrayRef<indexing::TensorIndex> indices) const {
  using Kind = indexing::TensorIndex::Kind;
  Tensor result = *this;
  std::int64_t which = 0;
  for (const indexing::TensorIndex& one : indices) {
    if (one.kind == Kind::Integer)
      result = result.select(which, one.integer);
    else if (one.kind == Kind::Slice)
      result = result.slice(which++, one.slice.start, one.slice.stop, one.slice.step.value_or(1));
    else if (one.kind == Kind::None)
      result = result.unsqueeze(which++);
    else if (one.kind == Kind::Ellipsis)
      which = result.dim() - static_cast<std::int64_t>(indices.end() - &one - 1);
    else
      return kverify_torch::unsupported<Tensor>("index by a tensor");
  }
  return result;
}
inline Tensor Tensor::index(std::initializer_list<indexing::TensorIndex> indices) const {
  return index(ArrayRef<indexing::TensorIndex>(indices));
}
inline Tensor& Tensor::index_put_(std::initializer_list<indexing::TensorIndex>, const Tensor&) {
  return changed("index_put_");
}
inline Tensor& Tensor::index_put_(std::initializer_list<indexing::TensorIndex>, const Scalar&) {
  return changed("index_put_");
}

// --- factories
#define KVERIFY_FACTORY(name, zeroed)                                                                                  \
  inline Tensor name(IntArrayRef sizes, const TensorOptions& options = {}, std::optional<MemoryFormat> = std::nullopt) \
  { return kverify_torch::allocate(sizes.vec(), options, zeroed); }                                                    \
  inline Tensor name##_like(const Tensor& other, const TensorOptions& options = {},                                    \
                            std::optional<MemoryFormat> = std::nullopt) {                                              \
    return kverify_torch::allocate(other.sizes().vec(), other.options().merge_in(options), zeroed);                    \
  }
KVERIFY_FACTORY(empty, false)
KVERIFY_FACTORY(zeros, true)
#undef KVERIFY_FACTORY
#define KVERIFY_FACTORY(name)                                                                                          \
  inline Tensor name(IntArrayRef sizes, const TensorOptions& options = {}) {                                           \
    return kverify_torch::computed(#name, sizes.vec(), options);                                                       \
  }                                                                                                                    \
  inline Tensor name##_like(const Tensor& other, const TensorOptions& options = {},                                    \
                            std::optional<MemoryFormat> = std::nullopt) {                                              \
    return kverify_torch::computed(#name, other.sizes().vec(), other.options().merge_in(options));                     \
  }
KVERIFY_FACTORY(ones) KVERIFY_FACTORY(rand) KVERIFY_FACTORY(randn)
#undef KVERIFY_FACTORY
inline Tensor full(IntArrayRef sizes, const Scalar& value, const TensorOptions& options = {}) {
  ScalarType natural = value.isFloatingPoint() ? ScalarType::Float : value.type();
  return kverify_torch::computed("full", sizes.vec(), options.has_dtype() ? options : options.dtype(natural));
}
inline Tensor full_like(const Tensor& other, const Scalar&, const TensorOptions& options = {}) {
  return kverify_torch::computed("full", other.sizes().vec(), other.options().merge_in(options));
}
inline Tensor empty_strided(IntArrayRef sizes, IntArrayRef strides, const TensorOptions& options = {}) {
  std::int64_t last = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    last += (sizes[i] - 1) * strides[i];
  return kverify_torch::allocate({last}, options, false).as_strided(sizes, strides);
}
inline Tensor arange(const Scalar& end, const TensorOptions& options = {}) {
  ScalarType natural = end.isFloatingPoint() ? ScalarType::Float : ScalarType::Long;
  return kverify_torch::computed("arange", {end.toLong()}, options.has_dtype() ? options : options.dtype(natural));
}
inline Tensor arange(const Scalar& start, const Scalar& end, const TensorOptions& options = {}) {
  ScalarType natural = end.isFloatingPoint() ? ScalarType::Float : ScalarType::Long;
  return kverify_torch::computed("arange", {end.toLong() - start.toLong()},
                                 options.has_dtype() ? options : options.dtype(natural));
}
inline Tensor linspace(const Scalar&, const Scalar&, std::int64_t steps, const TensorOptions& options = {}) {
  return kverify_torch::computed("linspace", {steps}, options);
}
inline Tensor eye(std::int64_t n, const TensorOptions& options = {}) {
  return kverify_torch::computed("eye", {n, n}, options);
}
inline Tensor randint(std::int64_t, std::int64_t, IntArrayRef sizes, const TensorOptions& options = {}) {
  return kverify_torch::computed("randint", sizes.vec(), options);
}
inline Tensor randperm(std::int64_t n, const TensorOptions& options = {}) {
  return kverify_torch::computed("randperm", {n}, options.dtype(ScalarType::Long));
}
template <class T> Tensor tensor(const std::vector<T>& values, const TensorOptions& options = {}) {
  return kverify_torch::computed("tensor", {static_cast<std::int64_t>(values.size())},
                                 options.has_dtype() ? options : options.dtype(CppTypeToScalarType<T>::value));
}
template <class T> Tensor tensor(std::initializer_list<T> values, const TensorOptions& options = {}) {
  return tensor(std::vector<T>(values), options);
}
template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
Tensor tensor(T, const TensorOptions& options = {}) {
  return kverify_torch::computed("tensor", {}, options.has_dtype() ? options : options.dtype(CppTypeToScalarType<T>::value));
}
template <class Free> Tensor from_blob(void*, IntArrayRef sizes, Free&&, const TensorOptions& options) {
  return kverify_torch::computed("from_blob", sizes.vec(), options);
}
inline Tensor from_blob(void*, IntArrayRef sizes, const TensorOptions& options = {}) {
  return kverify_torch::computed("from_blob", sizes.vec(), options);
}
inline Tensor scalar_tensor(const Scalar&, const TensorOptions& options = {}) {
  return kverify_torch::computed("scalar_tensor", {}, options);
}
inline Tensor cat(TensorList parts, std::int64_t which = 0) {
  auto sizes = parts.at(0).sizes().vec();
  auto place = static_cast<std::size_t>(kverify_torch::wrap(which, parts[0].dim()));
  sizes[place] = 0;
  for (const Tensor& part : parts)
    sizes[place] += part.size(which);
  return kverify_torch::computed("cat", sizes, parts[0].options());
}
inline Tensor concat(TensorList parts, std::int64_t which = 0) { return cat(parts, which); }
inline Tensor stack(TensorList parts, std::int64_t which = 0) {
  Tensor one = parts.at(0).unsqueeze(which);
  auto sizes = one.sizes().vec();
  sizes[static_cast<std::size_t>(kverify_torch::wrap(which, one.dim()))] = static_cast<std::int64_t>(parts.size());
  return kverify_torch::computed("stack", sizes, one.options());
}

// --- functions that are methods too
#define KVERIFY_AS_FUNCTION(name)                                                                                      \
  template <class... A> auto name(const Tensor& self, A&&... rest) -> decltype(self.name(std::forward<A>(rest)...)) {  \
    return self.name(std::forward<A>(rest)...);                                                                        \
  }
KVERIFY_AS_FUNCTION(abs) KVERIFY_AS_FUNCTION(neg) KVERIFY_AS_FUNCTION(exp) KVERIFY_AS_FUNCTION(log)
KVERIFY_AS_FUNCTION(log2) KVERIFY_AS_FUNCTION(log1p) KVERIFY_AS_FUNCTION(sqrt) KVERIFY_AS_FUNCTION(rsqrt)
KVERIFY_AS_FUNCTION(square) KVERIFY_AS_FUNCTION(reciprocal) KVERIFY_AS_FUNCTION(sin) KVERIFY_AS_FUNCTION(cos)
KVERIFY_AS_FUNCTION(tanh) KVERIFY_AS_FUNCTION(sigmoid) KVERIFY_AS_FUNCTION(relu) KVERIFY_AS_FUNCTION(silu)
KVERIFY_AS_FUNCTION(erf) KVERIFY_AS_FUNCTION(floor) KVERIFY_AS_FUNCTION(ceil) KVERIFY_AS_FUNCTION(round)
KVERIFY_AS_FUNCTION(sign) KVERIFY_AS_FUNCTION(isnan) KVERIFY_AS_FUNCTION(isinf) KVERIFY_AS_FUNCTION(clone)
KVERIFY_AS_FUNCTION(add) KVERIFY_AS_FUNCTION(sub) KVERIFY_AS_FUNCTION(mul) KVERIFY_AS_FUNCTION(div)
KVERIFY_AS_FUNCTION(pow) KVERIFY_AS_FUNCTION(maximum) KVERIFY_AS_FUNCTION(minimum) KVERIFY_AS_FUNCTION(eq)
KVERIFY_AS_FUNCTION(ne) KVERIFY_AS_FUNCTION(lt) KVERIFY_AS_FUNCTION(le) KVERIFY_AS_FUNCTION(gt)
KVERIFY_AS_FUNCTION(ge) KVERIFY_AS_FUNCTION(clamp) KVERIFY_AS_FUNCTION(clamp_min) KVERIFY_AS_FUNCTION(softmax)
KVERIFY_AS_FUNCTION(log_softmax) KVERIFY_AS_FUNCTION(cumsum) KVERIFY_AS_FUNCTION(argmax) KVERIFY_AS_FUNCTION(argmin)
KVERIFY_AS_FUNCTION(max) KVERIFY_AS_FUNCTION(min) KVERIFY_AS_FUNCTION(sort) KVERIFY_AS_FUNCTION(argsort)
KVERIFY_AS_FUNCTION(topk) KVERIFY_AS_FUNCTION(matmul) KVERIFY_AS_FUNCTION(mm) KVERIFY_AS_FUNCTION(bmm)
KVERIFY_AS_FUNCTION(mv) KVERIFY_AS_FUNCTION(dot) KVERIFY_AS_FUNCTION(addmm) KVERIFY_AS_FUNCTION(index_select)
KVERIFY_AS_FUNCTION(gather) KVERIFY_AS_FUNCTION(transpose) KVERIFY_AS_FUNCTION(flatten) KVERIFY_AS_FUNCTION(squeeze)
KVERIFY_AS_FUNCTION(unsqueeze) KVERIFY_AS_FUNCTION(triu) KVERIFY_AS_FUNCTION(tril) KVERIFY_AS_FUNCTION(split)
KVERIFY_AS_FUNCTION(chunk) KVERIFY_AS_FUNCTION(unbind) KVERIFY_AS_FUNCTION(allclose) KVERIFY_AS_FUNCTION(equal)
KVERIFY_AS_FUNCTION(repeat_interleave) KVERIFY_AS_FUNCTION(masked_fill) KVERIFY_AS_FUNCTION(t)
KVERIFY_AS_FUNCTION(nonzero)
#undef KVERIFY_AS_FUNCTION
// Those that are called with dimensions in braces, which no template takes.
#define KVERIFY_REDUCTION(name)                                                                                        \
  inline Tensor name(const Tensor& self, std::optional<ScalarType> type = std::nullopt) { return self.name(type); }    \
  inline Tensor name(const Tensor& self, OptionalIntArrayRef dims, bool keep = false,                                  \
                     std::optional<ScalarType> type = std::nullopt) {                                                  \
    return self.name(dims, keep, type);                                                                                \
  }                                                                                                                    \
  inline Tensor name(const Tensor& self, std::int64_t which, bool keep = false) { return self.name(which, keep); }     \
  inline Tensor name(const Tensor& self, std::initializer_list<std::int64_t> dims, bool keep = false,                  \
                     std::optional<ScalarType> type = std::nullopt) {                                                  \
    return self.name(dims, keep, type);                                                                                \
  }
KVERIFY_REDUCTION(sum) KVERIFY_REDUCTION(mean) KVERIFY_REDUCTION(prod) KVERIFY_REDUCTION(amax)
KVERIFY_REDUCTION(amin) KVERIFY_REDUCTION(logsumexp) KVERIFY_REDUCTION(any) KVERIFY_REDUCTION(all)
#undef KVERIFY_REDUCTION
#define KVERIFY_SPREAD(name)                                                                                           \
  inline Tensor name(const Tensor& self, bool unbiased = true) { return self.name(unbiased); }                         \
  inline Tensor name(const Tensor& self, OptionalIntArrayRef dims, bool unbiased, bool keep = false) {                 \
    return self.name(dims, unbiased, keep);                                                                            \
  }                                                                                                                    \
  inline Tensor name(const Tensor& self, std::initializer_list<std::int64_t> dims, bool unbiased = true,               \
                     bool keep = false) {                                                                              \
    return self.name(dims, unbiased, keep);                                                                            \
  }
KVERIFY_SPREAD(var) KVERIFY_SPREAD(std)
#undef KVERIFY_SPREAD
inline Tensor norm(const Tensor& self, const Scalar& p = 2) { return self.norm(p); }
inline Tensor norm(const Tensor& self, const Scalar& p, IntArrayRef dims, bool keep = false) {
  return self.norm(p, dims, keep);
}
inline Tensor reshape(const Tensor& self, IntArrayRef sizes) { return self.reshape(sizes); }
inline Tensor permute(const Tensor& self, IntArrayRef order) { return self.permute(order); }
inline Tensor where(const Tensor& which, const Tensor& a, const Tensor& b) { return a.with("where", b).with("where", which); }
inline Tensor flip(const Tensor& self, IntArrayRef dims) { return self.flip(dims); }

// --- what stays unknown: names that type-check, whose shape nothing here works out
#define KVERIFY_OPAQUE(name)                                                                                           \
  template <class... A> Tensor name(const Tensor&, const A&...) { return kverify_torch::unsupported<Tensor>(#name); }   \
  template <class... A> Tensor name(const Tensor&, IntArrayRef, const A&...) { /* name(x, {1, 1}) */                   \
    return kverify_torch::unsupported<Tensor>(#name);                                                                  \
  }
KVERIFY_OPAQUE(mish) KVERIFY_OPAQUE(adaptive_avg_pool1d) KVERIFY_OPAQUE(adaptive_avg_pool3d) KVERIFY_OPAQUE(adaptive_max_pool1d)
KVERIFY_OPAQUE(linear) KVERIFY_OPAQUE(layer_norm) KVERIFY_OPAQUE(group_norm) KVERIFY_OPAQUE(batch_norm)
KVERIFY_OPAQUE(embedding) KVERIFY_OPAQUE(dropout) KVERIFY_OPAQUE(baddbmm) KVERIFY_OPAQUE(outer) KVERIFY_OPAQUE(kron)
KVERIFY_OPAQUE(scaled_dot_product_attention) KVERIFY_OPAQUE(leaky_relu) KVERIFY_OPAQUE(gelu) KVERIFY_OPAQUE(elu)
KVERIFY_OPAQUE(hardtanh) KVERIFY_OPAQUE(softplus) KVERIFY_OPAQUE(mse_loss) KVERIFY_OPAQUE(cross_entropy)
KVERIFY_OPAQUE(softmax_out) KVERIFY_OPAQUE(mm_out) KVERIFY_OPAQUE(matmul_out) KVERIFY_OPAQUE(adaptive_avg_pool2d)
KVERIFY_OPAQUE(bincount) KVERIFY_OPAQUE(histc) KVERIFY_OPAQUE(searchsorted) KVERIFY_OPAQUE(cdist)
#undef KVERIFY_OPAQUE
#define KVERIFY_CONVOLUTION(name)                                                                                      \
  inline Tensor name(const Tensor&, const Tensor&, const std::optional<Tensor>& = {}, IntArrayRef = 1, IntArrayRef = 0, \
                     IntArrayRef = 1, std::int64_t = 1) {                                                              \
    return kverify_torch::unsupported<Tensor>(#name);                                                                  \
  }                                                                                                                    \
  inline Tensor name(const Tensor&, const Tensor&, const std::optional<Tensor>&, IntArrayRef, const char*) {           \
    return kverify_torch::unsupported<Tensor>(#name);                                                                  \
  }
KVERIFY_CONVOLUTION(conv1d) KVERIFY_CONVOLUTION(conv2d) KVERIFY_CONVOLUTION(conv3d)
KVERIFY_CONVOLUTION(conv_transpose1d) KVERIFY_CONVOLUTION(conv_transpose2d) KVERIFY_CONVOLUTION(conv_transpose3d)
#undef KVERIFY_CONVOLUTION
inline Tensor convolution(const Tensor&, const Tensor&, const std::optional<Tensor>&, IntArrayRef, IntArrayRef, IntArrayRef, bool,
                          IntArrayRef, std::int64_t) {
  return kverify_torch::unsupported<Tensor>("convolution");
}
/// -1 is the last of `rank` dimensions.
inline std::int64_t maybe_wrap_dim(std::int64_t dim, std::int64_t rank) { return dim < 0 ? dim + rank : dim; }
#define KVERIFY_POOL(name)                                                                                             \
  inline Tensor name(const Tensor&, IntArrayRef, IntArrayRef = {}, IntArrayRef = 0, IntArrayRef = 1, bool = false) {   \
    return kverify_torch::unsupported<Tensor>(#name);                                                                  \
  }
KVERIFY_POOL(max_pool1d) KVERIFY_POOL(max_pool2d) KVERIFY_POOL(max_pool3d) KVERIFY_POOL(avg_pool1d)
KVERIFY_POOL(avg_pool2d) KVERIFY_POOL(avg_pool3d)
#undef KVERIFY_POOL
template <class... A> Tensor einsum(const std::string&, const A&...) { return kverify_torch::unsupported<Tensor>("einsum"); }
inline Tensor einsum(const std::string&, TensorList) { return kverify_torch::unsupported<Tensor>("einsum"); }
inline Tensor pad(const Tensor&, IntArrayRef, const std::string& = "constant", std::optional<double> = {}) {
  return kverify_torch::unsupported<Tensor>("pad");
}
inline Tensor constant_pad_nd(const Tensor&, IntArrayRef, const Scalar& = 0) {
  return kverify_torch::unsupported<Tensor>("constant_pad_nd");
}
inline ScalarType result_type(const Tensor& a, const Tensor& b) { return promoteTypes(a.scalar_type(), b.scalar_type()); }
template <class T> T ceil_div(T a, T b) { return (a + b - 1) / b; }
inline void manual_seed(std::uint64_t) {}

} // namespace at

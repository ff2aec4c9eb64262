// torch:: is at:: and more: variables, guards, and the little of autograd and nn that extensions name.
#pragma once
#pragma GCC system_header
#include "binding.h"
#include "cuda.h"
#include "functions.h"

namespace at {
constexpr ScalarType kUInt8 = kByte, kInt8 = kChar, kInt16 = kShort, kInt32 = kInt, kInt64 = kLong, kFloat16 = kHalf,
                     kFloat32 = kFloat, kFloat64 = kDouble;
namespace native {
using at::ceil_div;
}
/// What reductions in kernels begin with. Infinite bounds are floating-point types' alone.
template <class T> struct numeric_limits {
  static C10_HOST_DEVICE constexpr T lowest() { return std::numeric_limits<T>::lowest(); }
  static C10_HOST_DEVICE constexpr T max() { return std::numeric_limits<T>::max(); }
  static C10_HOST_DEVICE constexpr T lower_bound() {
    return std::numeric_limits<T>::has_infinity ? static_cast<T>(-std::numeric_limits<T>::infinity()) : lowest();
  }
  static C10_HOST_DEVICE constexpr T upper_bound() {
    return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : max();
  }
};
struct AutoDispatchBelowAutograd {
  AutoDispatchBelowAutograd() {}
};
struct NoGradGuard {
  NoGradGuard() {}
};
struct Context {
  bool allowTF32CuBLAS() const { return true; }
  bool deterministicAlgorithms() const { return false; }
  bool hasCUDA() const { return true; }
  void lazyInitCUDA() {}
};
inline Context& globalContext() {
  static Context context;
  return context;
}
inline bool hasCUDA() { return true; }
} // namespace at

namespace c10 {
template <class T> using List = std::vector<T>;
} // namespace c10

namespace torch {
using namespace at;
using at::std;
using at::NoGradGuard;
using Dtype = at::ScalarType;
using c10::IntArrayRef;
namespace cuda {
inline bool is_available() { return true; }
inline std::size_t device_count() { return 1; }
inline void synchronize(std::int64_t = -1) {}
} // namespace cuda
namespace indexing = at::indexing;
namespace headeronly {
using c10::BFloat16;
using c10::Half;
using c10::ScalarType;
} // namespace headeronly
class CustomClassHolder {};

namespace autograd {
using Variable = at::Tensor;
using variable_list = std::vector<at::Tensor>;
using tensor_list = variable_list;
class AutogradContext {
public:
  void save_for_backward(variable_list saved) { saved_ = std::move(saved); }
  variable_list get_saved_variables() const { return saved_; }
  void mark_non_differentiable(const variable_list&) {}
  void mark_dirty(const variable_list&) {}
  bool needs_input_grad(std::size_t) const { return true; }
  struct Value {
    template <class T> Value& operator=(const T&) { return *this; }
    std::int64_t toInt() const { return kverify_torch::unsupported<std::int64_t>("saved_data"); }
    double toDouble() const { return kverify_torch::unsupported<double>("saved_data"); }
    bool toBool() const { return kverify_torch::unsupported<bool>("saved_data"); }
    at::Tensor toTensor() const { return kverify_torch::unsupported<at::Tensor>("saved_data"); }
  };
  struct Saved {
    Value& operator[](const std::string&) { return one_; }
    Value one_;
  } saved_data;

private:
  variable_list saved_;
};
/// A function with a backward pass: `apply` runs the forward one.
template <class F> struct Function {
  template <class... A> static auto apply(A&&... arguments) {
    AutogradContext context;
    return F::forward(&context, std::forward<A>(arguments)...);
  }
};
} // namespace autograd

namespace nn {
class Module {
public:
  virtual ~Module() = default;
  template <class... A> at::Tensor register_parameter(const std::string&, at::Tensor tensor, const A&...) { return tensor; }
  template <class... A> at::Tensor register_buffer(const std::string&, at::Tensor tensor, const A&...) { return tensor; }
};
namespace functional {
using namespace at;
struct PadFuncOptions {
  template <class... A> PadFuncOptions(const A&...) {}
  PadFuncOptions(std::initializer_list<std::int64_t>) {}
};
inline at::Tensor pad(const at::Tensor&, const PadFuncOptions&) { return kverify_torch::unsupported<at::Tensor>("pad"); }
} // namespace functional
namespace init {}
} // namespace nn
namespace jit {}
namespace special {
inline at::Tensor erf(const at::Tensor& self) { return self.erf(); }
} // namespace special
using Module = nn::Module;
} // namespace torch

// Where and how a tensor lies: Device, Layout, MemoryFormat, TensorOptions; and Scalar, a number of any type.
#pragma once
#pragma GCC system_header
#include <string>

#include "array_ref.h"
#include "check.h"
#include "scalar_type.h"

namespace c10 {

enum class DeviceType : std::int8_t { CPU = 0, CUDA = 1, HIP = 6, XPU = 12, Meta = 14 };
constexpr DeviceType kCPU = DeviceType::CPU, kCUDA = DeviceType::CUDA, kMeta = DeviceType::Meta;
using DeviceIndex = std::int8_t;

inline const char* nameOf(DeviceType type) {
  return type == DeviceType::CPU ? "cpu" : type == DeviceType::CUDA ? "cuda" : "other";
}

struct Device {
  using Type = DeviceType;
  Device(DeviceType type, DeviceIndex index = -1) : type_(type), index_(index) {}
  Device(const std::string& name)
      : type_(name.rfind("cuda", 0) == 0 ? DeviceType::CUDA : DeviceType::CPU),
        index_(name.find(':') == std::string::npos
                   ? DeviceIndex(-1)
                   : static_cast<DeviceIndex>(std::stoi(name.substr(name.find(':') + 1)))) {}
  Device(const char* name) : Device(std::string(name)) {}
  DeviceType type() const { return type_; }
  DeviceIndex index() const { return index_; }
  bool has_index() const { return index_ >= 0; }
  void set_index(DeviceIndex index) { index_ = index; }
  bool is_cuda() const { return type_ == DeviceType::CUDA; }
  bool is_cpu() const { return type_ == DeviceType::CPU; }
  std::string str() const { return nameOf(type_) + (has_index() ? ":" + std::to_string(index_) : std::string()); }
  friend bool operator==(const Device& a, const Device& b) { return a.type_ == b.type_ && a.index_ == b.index_; }
  friend bool operator!=(const Device& a, const Device& b) { return !(a == b); }

private:
  DeviceType type_;
  DeviceIndex index_;
};

enum class Layout : std::int8_t { Strided, Sparse, SparseCsr, NumOptions };
constexpr Layout kStrided = Layout::Strided, kSparse = Layout::Sparse;
enum class MemoryFormat : std::int8_t { Contiguous, Preserve, ChannelsLast, ChannelsLast3d };

/// A number of any type.
class Scalar {
public:
  Scalar() : Scalar(std::int64_t{0}) {}
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  Scalar(T value)
      : real_(static_cast<double>(value)), whole_(static_cast<std::int64_t>(value)),
        kind_(std::is_same_v<T, bool> ? 0 : std::is_integral_v<T> ? 1 : 2) {}
  Scalar(Half value) : Scalar(static_cast<float>(value)) {}
  Scalar(BFloat16 value) : Scalar(static_cast<float>(value)) {}
  template <class T> T to() const { return kind_ == 2 ? static_cast<T>(real_) : static_cast<T>(whole_); }
  float toFloat() const { return to<float>(); }
  double toDouble() const { return to<double>(); }
  int toInt() const { return to<int>(); }
  std::int64_t toLong() const { return to<std::int64_t>(); }
  bool toBool() const { return kind_ == 2 ? real_ != 0 : whole_ != 0; }
  Half toHalf() const { return to<float>(); }
  bool isFloatingPoint() const { return kind_ == 2; }
  bool isIntegral(bool includeBool = false) const { return kind_ == 1 || (includeBool && kind_ == 0); }
  bool isBoolean() const { return kind_ == 0; }
  ScalarType type() const {
    return kind_ == 2 ? ScalarType::Double : kind_ == 1 ? ScalarType::Long : ScalarType::Bool;
  }
  explicit operator float() const { return toFloat(); }
  explicit operator double() const { return toDouble(); }

private:
  double real_;
  std::int64_t whole_;
  int kind_; // 0 bool, 1 integer, 2 real
};

/// What a factory is asked for; each part may be left out.
class TensorOptions {
public:
  TensorOptions() = default;
  TensorOptions(ScalarType type) : type_(type) {}
  TensorOptions(TypeMeta type) : type_(type.toScalarType()) {}
  TensorOptions(Device device) : device_(device) {}
  TensorOptions(DeviceType device) : device_(device) {}
  TensorOptions(Layout) {}
  TensorOptions(MemoryFormat) {}
  TensorOptions dtype(std::optional<ScalarType> type) const { return with([&](auto& o) { o.type_ = type; }); }
  TensorOptions dtype(ScalarType type) const { return with([&](auto& o) { o.type_ = type; }); }
  TensorOptions dtype(TypeMeta type) const { return dtype(type.toScalarType()); }
  template <class T> TensorOptions& dtype() {
    type_ = CppTypeToScalarType<T>::value;
    return *this;
  }
  TensorOptions device(std::optional<Device> device) const { return with([&](auto& o) { o.device_ = device; }); }
  TensorOptions device(Device device) const { return with([&](auto& o) { o.device_ = device; }); }
  TensorOptions device(DeviceType type, DeviceIndex index = -1) const { return device(Device(type, index)); }
  TensorOptions device_index(DeviceIndex index) const { return device(Device(DeviceType::CUDA, index)); }
  TensorOptions layout(Layout) const { return *this; }
  TensorOptions requires_grad(bool requires = true) const { return with([&](auto& o) { o.grad_ = requires; }); }
  TensorOptions pinned_memory(bool = true) const { return *this; }
  TensorOptions memory_format(MemoryFormat) const { return *this; }
  TypeMeta dtype() const { return type_.value_or(ScalarType::Float); }
  Device device() const { return device_.value_or(Device(DeviceType::CPU)); }
  Layout layout() const { return Layout::Strided; }
  bool requires_grad() const { return grad_; }
  bool pinned_memory() const { return false; }
  bool has_dtype() const { return type_.has_value(); }
  bool has_device() const { return device_.has_value(); }
  /// These, and what `other` says beside them.
  TensorOptions merge_in(const TensorOptions& other) const {
    return with([&](auto& o) {
      if (other.type_)
        o.type_ = other.type_;
      if (other.device_)
        o.device_ = other.device_;
    });
  }

private:
  template <class Change> TensorOptions with(Change change) const {
    TensorOptions changed = *this;
    change(changed);
    return changed;
  }
  std::optional<ScalarType> type_;
  std::optional<Device> device_;
  bool grad_ = false;
};

inline TensorOptions dtype(ScalarType type) { return TensorOptions(type); }
inline TensorOptions dtype(TypeMeta type) { return TensorOptions(type); }
template <class T> TensorOptions dtype() { return TensorOptions(CppTypeToScalarType<T>::value); }
inline TensorOptions device(Device device) { return TensorOptions(device); }
inline TensorOptions device_index(DeviceIndex index) { return TensorOptions(Device(DeviceType::CUDA, index)); }
inline TensorOptions layout(Layout layout) { return TensorOptions(layout); }
inline TensorOptions requires_grad(bool requires = true) { return TensorOptions().requires_grad(requires); }

#if defined(KVERIFY_RICH_PRELUDE)
inline std::ostream& operator<<(std::ostream& out, DeviceType type) { return out << nameOf(type); }
inline std::ostream& operator<<(std::ostream& out, const Device& device) { return out << device.str(); }
inline std::ostream& operator<<(std::ostream& out, const TensorOptions& options) {
  return out << "TensorOptions(dtype=" << options.dtype() << ", device=" << options.device() << ')';
}
#endif

} // namespace c10

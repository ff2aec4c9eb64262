// Element types: c10::ScalarType, its names (kFloat …), sizes, and the C++ type of each.
#pragma once
#pragma GCC system_header
#include <cstdint>
#include <type_traits>

#include "complex.h"
#include "float8.h"
#include "half.h"

namespace c10 {

// Name, enumerator's C++ type; numbers are PyTorch's.
#define KVERIFY_SCALAR_TYPES(X)                                                                                        \
  X(Byte, std::uint8_t, 0) X(Char, std::int8_t, 1) X(Short, std::int16_t, 2) X(Int, std::int32_t, 3)                   \
  X(Long, std::int64_t, 4) X(Half, c10::Half, 5) X(Float, float, 6) X(Double, double, 7)                               \
  X(ComplexFloat, c10::complex<float>, 9) X(ComplexDouble, c10::complex<double>, 10) X(Bool, bool, 11)                 \
  X(BFloat16, c10::BFloat16, 15) X(Float8_e5m2, c10::Float8_e5m2, 23) X(Float8_e4m3fn, c10::Float8_e4m3fn, 24)         \
  X(UInt16, std::uint16_t, 27) X(UInt32, std::uint32_t, 28) X(UInt64, std::uint64_t, 29)

enum class ScalarType : std::int8_t {
#define X(name, type, number) name = number,
  KVERIFY_SCALAR_TYPES(X)
#undef X
  ComplexHalf = 8, QInt8 = 12, QUInt8 = 13, QInt32 = 14, Undefined = 44, NumOptions
};

#define X(name, type, number) constexpr ScalarType k##name = ScalarType::name;
KVERIFY_SCALAR_TYPES(X)
#undef X

inline const char* toString(ScalarType type) {
  switch (type) {
#define X(name, type, number)                                                                                          \
  case ScalarType::name: return #name;
    KVERIFY_SCALAR_TYPES(X)
#undef X
  default: return "Undefined";
  }
}
#if defined(KVERIFY_RICH_PRELUDE)
inline std::ostream& operator<<(std::ostream& out, ScalarType type) { return out << toString(type); }
#endif

inline std::size_t elementSize(ScalarType type) {
  switch (type) {
#define X(name, type, number)                                                                                          \
  case ScalarType::name: return sizeof(type);
    KVERIFY_SCALAR_TYPES(X)
#undef X
  default: return 0;
  }
}

template <class T> struct CppTypeToScalarType;
#define X(name, type, number)                                                                                          \
  template <> struct CppTypeToScalarType<type> : std::integral_constant<ScalarType, ScalarType::name> {};
KVERIFY_SCALAR_TYPES(X)
#undef X
// The other spelling of a 64-bit integer names the same elements.
template <> struct CppTypeToScalarType<long long> : std::integral_constant<ScalarType, ScalarType::Long> {};
template <class T> struct CppTypeToScalarType<const T> : CppTypeToScalarType<T> {};

namespace impl {
template <ScalarType> struct ScalarTypeToCPPType;
#define X(name, T, number)                                                                                             \
  template <> struct ScalarTypeToCPPType<ScalarType::name> {                                                           \
    using type = T;                                                                                                    \
    static type t;                                                                                                     \
  };
KVERIFY_SCALAR_TYPES(X)
#undef X
template <ScalarType type> using ScalarTypeToCPPTypeT = typename ScalarTypeToCPPType<type>::type;
} // namespace impl

inline bool isFloatingType(ScalarType type) {
  return type == ScalarType::Half || type == ScalarType::Float || type == ScalarType::Double ||
         type == ScalarType::BFloat16 || type == ScalarType::Float8_e4m3fn || type == ScalarType::Float8_e5m2;
}
inline bool isReducedFloatingType(ScalarType type) {
  return type == ScalarType::Half || type == ScalarType::BFloat16 || type == ScalarType::Float8_e4m3fn ||
         type == ScalarType::Float8_e5m2;
}
inline bool isComplexType(ScalarType type) {
  return type == ScalarType::ComplexFloat || type == ScalarType::ComplexDouble || type == ScalarType::ComplexHalf;
}
inline bool isIntegralType(ScalarType type, bool includeBool = false) {
  return (includeBool && type == ScalarType::Bool) ||
         (!isFloatingType(type) && !isComplexType(type) && type != ScalarType::Bool);
}

/// The type of a result of both: floating over integral, then the wider; Half with BFloat16 is Float.
inline ScalarType promoteTypes(ScalarType a, ScalarType b) {
  auto rank = [](ScalarType type) { return isComplexType(type) ? 3 : isFloatingType(type) ? 2 : type == ScalarType::Bool ? 0 : 1; };
  if (a == b)
    return a;
  if (rank(a) != rank(b))
    return rank(a) > rank(b) ? a : b;
  if (elementSize(a) != elementSize(b))
    return elementSize(a) > elementSize(b) ? a : b;
  return isFloatingType(a) ? ScalarType::Float : ScalarType::Short;
}

} // namespace c10

namespace caffe2 {

/// What Tensor::dtype() gives: a type that is compared with a ScalarType.
class TypeMeta {
public:
  TypeMeta() = default;
  TypeMeta(c10::ScalarType type) : type_(type) {}
  template <class T> static TypeMeta Make() { return c10::CppTypeToScalarType<T>::value; }
  c10::ScalarType toScalarType() const { return type_; }
  std::size_t itemsize() const { return c10::elementSize(type_); }
  const char* name() const { return c10::toString(type_); }
  template <class T> bool Match() const { return type_ == c10::CppTypeToScalarType<T>::value; }
  operator c10::ScalarType() const { return type_; }
  friend bool operator==(const TypeMeta& a, const TypeMeta& b) { return a.type_ == b.type_; }
  friend bool operator!=(const TypeMeta& a, const TypeMeta& b) { return a.type_ != b.type_; }
  friend bool operator==(const TypeMeta& a, c10::ScalarType b) { return a.type_ == b; }
  friend bool operator!=(const TypeMeta& a, c10::ScalarType b) { return a.type_ != b; }
  friend bool operator==(c10::ScalarType a, const TypeMeta& b) { return a == b.type_; }
  friend bool operator!=(c10::ScalarType a, const TypeMeta& b) { return a != b.type_; }
#if defined(KVERIFY_RICH_PRELUDE)
  friend std::ostream& operator<<(std::ostream& out, const TypeMeta& type) { return out << type.name(); }
#endif

private:
  c10::ScalarType type_ = c10::ScalarType::Undefined;
};

} // namespace caffe2

namespace c10 {
using caffe2::TypeMeta;
inline ScalarType typeMetaToScalarType(TypeMeta type) { return type.toScalarType(); }
inline TypeMeta scalarTypeToTypeMeta(ScalarType type) { return type; }
} // namespace c10

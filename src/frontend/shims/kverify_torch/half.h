// c10::Half and c10::BFloat16: 16 bits in memory, arithmetic by way of float, on host and device.
#pragma once
#pragma GCC system_header
#include <cstdint>
#include <limits>
#include <type_traits>
#if defined(KVERIFY_RICH_PRELUDE)
#include <ostream>
#endif

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#ifndef C10_HOST_DEVICE
#define C10_HOST_DEVICE __host__ __device__
#define C10_DEVICE __device__
#define C10_HOST __host__
#endif

namespace c10 {

#define KVERIFY_SMALL_FLOAT(Name, raw, Cuda)                                                                           \
  struct alignas(2) Name {                                                                                             \
    unsigned short x;                                                                                                  \
    struct from_bits_t {};                                                                                             \
    C10_HOST_DEVICE static constexpr from_bits_t from_bits() { return from_bits_t(); }                                 \
    Name() = default;                                                                                                  \
    constexpr C10_HOST_DEVICE Name(unsigned short bits, from_bits_t) : x(bits) {}                                      \
    C10_HOST_DEVICE Name(float value) : x(__builtin_bit_cast(unsigned short, (raw)value)) {}                           \
    C10_HOST_DEVICE operator float() const { return (float)__builtin_bit_cast(raw, x); }                               \
    C10_HOST_DEVICE Name(const Cuda& value) : x(__builtin_bit_cast(unsigned short, value)) {}                          \
    C10_HOST_DEVICE operator Cuda() const { return __builtin_bit_cast(Cuda, x); }                                      \
  };                                                                                                                   \
  KVERIFY_SMALL_FLOAT_OPERATORS(Name)
#if defined(KVERIFY_RICH_PRELUDE)
#define KVERIFY_SMALL_FLOAT_PRINTED(Name)                                                                              \
  inline std::ostream& operator<<(std::ostream& out, const Name& value) { return out << (float)value; }
#else
#define KVERIFY_SMALL_FLOAT_PRINTED(Name)
#endif

// As c10 has them: with its own kind, with float and double, and with integers.
#define KVERIFY_SMALL_FLOAT_OPERATOR(Name, op)                                                                         \
  inline C10_HOST_DEVICE Name operator op(const Name& a, const Name& b) { return (float)a op (float)b; }               \
  inline C10_HOST_DEVICE float operator op(Name a, float b) { return (float)a op b; }                                  \
  inline C10_HOST_DEVICE float operator op(float a, Name b) { return a op (float)b; }                                  \
  inline C10_HOST_DEVICE double operator op(Name a, double b) { return (double)(float)a op b; }                        \
  inline C10_HOST_DEVICE double operator op(double a, Name b) { return a op (double)(float)b; }                        \
  inline C10_HOST_DEVICE Name operator op(Name a, int b) { return a op (Name)(float)b; }                               \
  inline C10_HOST_DEVICE Name operator op(int a, Name b) { return (Name)(float)a op b; }                               \
  inline C10_HOST_DEVICE Name operator op(Name a, std::int64_t b) { return a op (Name)(float)b; }                      \
  inline C10_HOST_DEVICE Name operator op(std::int64_t a, Name b) { return (Name)(float)a op b; }                      \
  inline C10_HOST_DEVICE Name& operator op##=(Name & a, const Name& b) { return a = a op b; }                          \
  inline C10_HOST_DEVICE float& operator op##=(float& a, const Name& b) { return a = a op (float)b; }
// PyTorch compares them as floats; said for every pair of types, since there is a way to __half, too, which compares as well.
#define KVERIFY_SMALL_FLOAT_COMPARISON(Name, op)                                                                       \
  inline C10_HOST_DEVICE bool operator op(const Name& a, const Name& b) { return (float)a op (float)b; }               \
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>                                                \
  inline C10_HOST_DEVICE bool operator op(const Name& a, T b) { return (float)a op b; }                                \
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>                                                \
  inline C10_HOST_DEVICE bool operator op(T a, const Name& b) { return a op (float)b; }
#define KVERIFY_SMALL_FLOAT_OPERATORS(Name)                                                                            \
  KVERIFY_SMALL_FLOAT_OPERATOR(Name, +)                                                                                \
  KVERIFY_SMALL_FLOAT_OPERATOR(Name, -)                                                                                \
  KVERIFY_SMALL_FLOAT_OPERATOR(Name, *)                                                                                \
  KVERIFY_SMALL_FLOAT_OPERATOR(Name, /)                                                                                \
  KVERIFY_SMALL_FLOAT_COMPARISON(Name, <)                                                                              \
  KVERIFY_SMALL_FLOAT_COMPARISON(Name, <=)                                                                             \
  KVERIFY_SMALL_FLOAT_COMPARISON(Name, >)                                                                              \
  KVERIFY_SMALL_FLOAT_COMPARISON(Name, >=)                                                                             \
  KVERIFY_SMALL_FLOAT_COMPARISON(Name, ==)                                                                             \
  KVERIFY_SMALL_FLOAT_COMPARISON(Name, !=)                                                                             \
  inline C10_HOST_DEVICE Name operator-(const Name& a) { return -(float)a; }

KVERIFY_SMALL_FLOAT(Half, _Float16, __half)
KVERIFY_SMALL_FLOAT(BFloat16, __bf16, __nv_bfloat16)
KVERIFY_SMALL_FLOAT_PRINTED(Half) KVERIFY_SMALL_FLOAT_PRINTED(BFloat16)
#undef KVERIFY_SMALL_FLOAT

} // namespace c10

namespace std {
#define KVERIFY_SMALL_LIMITS(T, digits_, digits10_, max10, min_exp, min_exp10, max_exp, max_exp10, least, low, most,   \
                             eps, inf, quiet, tiny)                                                                    \
  template <> class numeric_limits<T> {                                                                                \
  public:                                                                                                              \
    static constexpr bool is_specialized = true, is_signed = true, is_integer = false, is_exact = false;               \
    static constexpr bool has_infinity = true, has_quiet_NaN = true, has_signaling_NaN = true, is_iec559 = true;       \
    static constexpr bool is_bounded = true, is_modulo = false, traps = false, tinyness_before = false;                \
    static constexpr int digits = digits_, digits10 = digits10_, max_digits10 = max10, radix = 2;                      \
    static constexpr int min_exponent = min_exp, min_exponent10 = min_exp10, max_exponent = max_exp;                   \
    static constexpr int max_exponent10 = max_exp10;                                                                   \
    static constexpr T bits(unsigned short b) { return T(b, T::from_bits()); }                                         \
    static constexpr T min() { return bits(least); }                                                                   \
    static constexpr T lowest() { return bits(low); }                                                                  \
    static constexpr T max() { return bits(most); }                                                                    \
    static constexpr T epsilon() { return bits(eps); }                                                                 \
    static constexpr T infinity() { return bits(inf); }                                                                \
    static constexpr T quiet_NaN() { return bits(quiet); }                                                             \
    static constexpr T denorm_min() { return bits(tiny); }                                                             \
  };
KVERIFY_SMALL_LIMITS(c10::Half, 11, 3, 5, -13, -4, 16, 4, 0x0400, 0xfbff, 0x7bff, 0x1400, 0x7c00, 0x7e00, 0x0001)
KVERIFY_SMALL_LIMITS(c10::BFloat16, 8, 2, 4, -125, -37, 128, 38, 0x0080, 0xff7f, 0x7f7f, 0x3c00, 0x7f80, 0x7fc0, 0x0001)
#undef KVERIFY_SMALL_LIMITS
} // namespace std

// c10's eight-bit floats: E4M3 without infinities and E5M2, each converted through the toolkit's own types.
#pragma once
#pragma GCC system_header
#include <cstdint>

#include <cuda_fp8.h>

#include "half.h"

namespace c10 {

#define KVERIFY_FLOAT8(Name, kind)                                                                                     \
  struct alignas(1) Name {                                                                                             \
    std::uint8_t x;                                                                                                    \
    struct from_bits_t {};                                                                                             \
    C10_HOST_DEVICE static constexpr from_bits_t from_bits() { return from_bits_t(); }                                 \
    Name() = default;                                                                                                  \
    constexpr C10_HOST_DEVICE Name(std::uint8_t bits, from_bits_t) : x(bits) {}                                        \
    C10_HOST_DEVICE Name(float value) : x(__nv_cvt_float_to_fp8(value, __NV_NOSAT, kind)) {}                           \
    C10_HOST_DEVICE operator float() const { return __half2float(__half(__nv_cvt_fp8_to_halfraw(x, kind))); }          \
  };                                                                                                                   \
  KVERIFY_SMALL_FLOAT_OPERATORS(Name)

KVERIFY_FLOAT8(Float8_e4m3fn, __NV_E4M3)
KVERIFY_FLOAT8(Float8_e5m2, __NV_E5M2)
KVERIFY_SMALL_FLOAT_PRINTED(Float8_e4m3fn) KVERIFY_SMALL_FLOAT_PRINTED(Float8_e5m2)
#undef KVERIFY_FLOAT8

} // namespace c10

#pragma once
// The one flag word that every floating-point helper of the device runtime takes. A helper is named kv_<op>_<type>;
// f16 and bf16 travel as the low 16 bits of a uint32_t. The flags are constants at every call, so they fold away.
#include <cstdint>

namespace kverify::simt::math {

enum Flag : std::uint32_t {
  kNearestEven = 0, ///< .rn, .rni
  kTowardZero = 1,  ///< .rz, .rzi
  kDown = 2,        ///< .rm, .rmi
  kUp = 3,          ///< .rp, .rpi
  kNearestAway = 4, ///< .rna
  kRoundingMask = 7,
  kFlush = 1 << 3,          ///< .ftz: subnormal inputs and results become zeros of their sign
  kSaturate = 1 << 4,       ///< .sat: clamp to [0, 1], NaN to 0
  kRelu = 1 << 5,           ///< .relu: negative to 0, NaN to canonical NaN
  kNanWins = 1 << 6,        ///< .NaN: a NaN operand makes min and max NaN
  kXorSign = 1 << 7,        ///< .xorsign.abs
  kSaturateFinite = 1 << 8, ///< .satfinite: overflow gives the largest finite value
  kApprox = 1 << 9,         ///< .approx and .full
  kFromDouble = 1 << 10,    ///< float to integer: the source was f64 (rules for NaN)
};

} // namespace kverify::simt::math

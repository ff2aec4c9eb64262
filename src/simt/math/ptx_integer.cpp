// Integer instructions of the device runtime whose rules do not fit in a line of IR (PTX ISA 8.x, section 9.7.1).
#include "simt/math/device.h"

namespace {

template <class U>
constexpr std::uint32_t kBits = sizeof(U) * 8;

/// bfe: `length` bits from `start`, sign-extended from the last one taken (or the sign bit past the end).
template <class U, bool Signed>
U extract(U a, std::uint32_t start, std::uint32_t length) {
  start &= 0xff, length &= 0xff;
  const std::uint32_t most = kBits<U> - 1;
  bool sign = false;
  if (Signed && length != 0)
    sign = a >> (start + length - 1 < most ? start + length - 1 : most) & 1;
  U out = sign ? ~U{0} : U{0};
  for (std::uint32_t i = 0; i < length && i <= most && start + i <= most; ++i) {
    out = (out & ~(U{1} << i)) | ((a >> (start + i) & 1) << i);
  }
  return out;
}

template <class U>
U insert(U a, U b, std::uint32_t start, std::uint32_t length) {
  start &= 0xff, length &= 0xff;
  if (start >= kBits<U> || length == 0)
    return b;
  const U mask = (length >= kBits<U> ? ~U{0} : (U{1} << length) - 1) << start;
  return (b & ~mask) | ((a << start) & mask);
}

template <class U, bool Signed>
std::uint32_t findLeading(U a, bool shift_amount) {
  if (Signed && (a >> (kBits<U> - 1)))
    a = ~a;
  if (a == 0)
    return ~0u;
  const auto zeros = static_cast<std::uint32_t>(std::countl_zero(a));
  return shift_amount ? zeros : kBits<U> - 1 - zeros;
}

/// Byte `selector` of b:a; with bit 3 its sign over all eight bits.
std::uint32_t pick(std::uint64_t both, std::uint32_t selector) {
  const auto byte = static_cast<std::uint32_t>(both >> (8 * (selector & 7)) & 0xff);
  return selector & 8 ? (byte & 0x80 ? 0xff : 0) : byte;
}

template <class F>
std::uint32_t permute(std::uint32_t a, std::uint32_t b, F selector) {
  const std::uint64_t both = static_cast<std::uint64_t>(b) << 32 | a;
  std::uint32_t out = 0;
  for (std::uint32_t i = 0; i < 4; ++i)
    out |= pick(both, selector(i)) << (8 * i);
  return out;
}

} // namespace

KV_DEVICE std::uint32_t kv_bfe_u32(std::uint32_t a, std::uint32_t s, std::uint32_t n) {
  return extract<std::uint32_t, false>(a, s, n);
}
KV_DEVICE std::uint32_t kv_bfe_s32(std::uint32_t a, std::uint32_t s, std::uint32_t n) {
  return extract<std::uint32_t, true>(a, s, n);
}
KV_DEVICE std::uint64_t kv_bfe_u64(std::uint64_t a, std::uint32_t s, std::uint32_t n) {
  return extract<std::uint64_t, false>(a, s, n);
}
KV_DEVICE std::uint64_t kv_bfe_s64(std::uint64_t a, std::uint32_t s, std::uint32_t n) {
  return extract<std::uint64_t, true>(a, s, n);
}
KV_DEVICE std::uint32_t kv_bfi_b32(std::uint32_t a, std::uint32_t b, std::uint32_t s, std::uint32_t n) {
  return insert(a, b, s, n);
}
KV_DEVICE std::uint64_t kv_bfi_b64(std::uint64_t a, std::uint64_t b, std::uint32_t s, std::uint32_t n) {
  return insert(a, b, s, n);
}

#define KV_BFIND(U, T, SIGNED)                                                                                         \
  KV_DEVICE std::uint32_t kv_bfind_##T(U a) {                                                                          \
    return findLeading<U, SIGNED>(a, false);                                                                           \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_bfind_shiftamt_##T(U a) {                                                                 \
    return findLeading<U, SIGNED>(a, true);                                                                            \
  }
KV_BFIND(std::uint32_t, u32, false)
KV_BFIND(std::uint32_t, s32, true)
KV_BFIND(std::uint64_t, u64, false)
KV_BFIND(std::uint64_t, s64, true)

/// Find n-th set bit (PTX ISA, fns): the offset-th one from base upwards, or downwards for a negative offset, base
/// itself counted; 0 asks for base only. All ones where there is none.
KV_DEVICE std::uint32_t kv_fns_b32(std::uint32_t mask, std::uint32_t base, std::uint32_t offset) {
  const auto n = static_cast<std::int32_t>(offset);
  const std::int64_t step = n < 0 ? -1 : 1;
  std::int64_t left = n == 0 ? 1 : step * std::int64_t{n};
  for (std::int64_t at = base; at >= 0 && at < 32; at += step) {
    if ((mask >> at & 1) && --left == 0)
      return static_cast<std::uint32_t>(at);
    if (n == 0)
      break;
  }
  return ~0u;
}

KV_DEVICE std::uint32_t kv_prmt_b32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return permute(a, b, [c](std::uint32_t i) { return c >> (4 * i); });
}
KV_DEVICE std::uint32_t kv_prmt_f4e_b32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return permute(a, b, [c](std::uint32_t i) { return ((c & 3) + i) & 7; });
}
KV_DEVICE std::uint32_t kv_prmt_b4e_b32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return permute(a, b, [c](std::uint32_t i) { return ((c & 3) - i) & 7; });
}
KV_DEVICE std::uint32_t kv_prmt_rc8_b32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return permute(a, b, [c](std::uint32_t) { return c & 3; });
}
KV_DEVICE std::uint32_t kv_prmt_ecl_b32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return permute(a, b, [c](std::uint32_t i) { return i > (c & 3) ? i : c & 3; });
}
KV_DEVICE std::uint32_t kv_prmt_ecr_b32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return permute(a, b, [c](std::uint32_t i) { return i < (c & 3) ? i : c & 3; });
}
KV_DEVICE std::uint32_t kv_prmt_rc16_b32(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return permute(a, b, [c](std::uint32_t i) { return 2 * (c & 1) + (i & 1); });
}

#define KV_SAD(T, U)                                                                                                   \
  KV_DEVICE U kv_sad_##T(U a, U b, U c) {                                                                              \
    return static_cast<U>(c + (a < b ? b - a : a - b));                                                                \
  }
KV_SAD(u32, std::uint32_t)
KV_SAD(u64, std::uint64_t)
KV_DEVICE std::uint32_t kv_sad_s32(std::int32_t a, std::int32_t b, std::uint32_t c) {
  return c + (a < b ? static_cast<std::uint32_t>(b) - static_cast<std::uint32_t>(a)
                    : static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}
KV_DEVICE std::uint64_t kv_sad_s64(std::int64_t a, std::int64_t b, std::uint64_t c) {
  return c + (a < b ? static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a)
                    : static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

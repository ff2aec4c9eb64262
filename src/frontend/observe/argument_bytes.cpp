#include "frontend/observe/argument_bytes.h"

#include <algorithm>
#include <cstring>

#include "core/half.h"

namespace kverify::frontend::observe {

namespace {

template <class T> T readAs(const std::uint8_t* bytes) {
  T value{};
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

} // namespace

std::uint64_t addressIn(const std::uint8_t* bytes) {
  return readAs<std::uint64_t>(bytes);
}

std::int64_t integerIn(const KernelParam& param, const std::uint8_t* bytes) {
  std::int64_t value = 0;
  std::memcpy(&value, bytes, std::min<std::size_t>(param.size, sizeof value));
  unsigned unused = param.size < 8 ? 64 - 8 * param.size : 0;
  return param.is_signed ? static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << unused) >> unused : value;
}

std::optional<double> realIn(const KernelParam& param, const std::uint8_t* bytes) {
  switch (param.size) {
  case 2: {
    auto bits = readAs<std::uint16_t>(bytes);
    return param.is_bfloat16 ? doubleFromBfloat16(bits) : doubleFromHalf(bits);
  }
  case 4: return readAs<float>(bytes);
  case 8: return readAs<double>(bytes);
  default: return std::nullopt;
  }
}

std::optional<std::size_t> memoryAt(const Observation& seen, std::uint64_t address) {
  auto found = std::find_if(seen.memory.begin(), seen.memory.end(), [&](const Memory& one) {
    return address >= seen.base + one.address && address <= seen.base + one.address + one.bytes;
  });
  return found == seen.memory.end() ? std::nullopt : std::optional<std::size_t>(static_cast<std::size_t>(found - seen.memory.begin()));
}

} // namespace kverify::frontend::observe

#include "frontend/observe/argument_bytes.h"

#include <algorithm>
#include <cstring>

namespace kverify::frontend::observe {

std::uint64_t addressIn(const std::uint8_t* bytes) {
  std::uint64_t address = 0;
  std::memcpy(&address, bytes, sizeof address);
  return address;
}

std::int64_t integerIn(const KernelParam& param, const std::uint8_t* bytes) {
  std::int64_t value = 0;
  std::memcpy(&value, bytes, std::min<std::size_t>(param.size, sizeof value));
  unsigned unused = param.size < 8 ? 64 - 8 * param.size : 0;
  return param.is_signed ? static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << unused) >> unused : value;
}

std::optional<double> realIn(const KernelParam& param, const std::uint8_t* bytes) {
  if (param.size == 8) {
    double value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }
  float value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return param.size == 4 ? std::optional<double>(value) : std::nullopt;
}

std::optional<std::size_t> memoryAt(const Observation& seen, std::uint64_t address) {
  auto found = std::find_if(seen.memory.begin(), seen.memory.end(), [&](const Memory& one) {
    return address >= seen.base + one.address && address <= seen.base + one.address + one.bytes;
  });
  return found == seen.memory.end() ? std::nullopt : std::optional<std::size_t>(static_cast<std::size_t>(found - seen.memory.begin()));
}

} // namespace kverify::frontend::observe

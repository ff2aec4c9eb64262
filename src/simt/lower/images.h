#pragma once
// What a variable holds before the first launch.
#include <cstdint>
#include <vector>

namespace llvm {
class Constant;
class GlobalVariable;
} // namespace llvm

namespace kverify::simt::lower {

/// First contents, with null wherever the address of another variable belongs.
struct Image {
  struct Address {
    std::uint64_t offset = 0; ///< in the variable
    const llvm::GlobalVariable* target = nullptr;
    std::int64_t addend = 0; ///< bytes from the target's start
  };
  llvm::Constant* contents = nullptr; ///< null: none
  std::vector<Address> addresses;
  bool understood = true; ///< false: addresses are used in some other way than as a plain pointer
};

Image imageOf(const llvm::GlobalVariable& global);

} // namespace kverify::simt::lower

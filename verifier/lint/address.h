#pragma once
// Addresses as sums: which array, and what is added to it, apart by what depends on the thread.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <llvm/IR/DataLayout.h>

#include "verifier/lint/uniform.h"

namespace kverify::verifier::lint {

/// base + bytes + sum of coefficient * atom. An atom is whatever is no sum and no product with a constant.
struct Address {
  const llvm::Value* base = nullptr; ///< a variable, a parameter, or what could not be followed
  std::int64_t bytes = 0;
  std::map<const llvm::Value*, std::int64_t> terms;
};

Address addressOf(const llvm::Value& pointer, const llvm::DataLayout& layout);

/// Takes equal expressions for one: the same operations on the same values, and counters of loops that start alike and
/// step alike. Such counters are equal in equal iterations, which is what the uses of a loop twice over mean.
class SameValues {
public:
  /// The first value that was asked for and is the same.
  const llvm::Value* firstOf(const llvm::Value* value);

private:
  std::string keyOf(const llvm::Value* value, int depth);
  std::map<std::string, const llvm::Value*> first_;
};

/// An integer as such a sum; `base` is null, unless a pointer was made an integer.
Address sumOf(const llvm::Value& integer, const llvm::DataLayout& layout);

/// The terms whose atoms depend on the thread (or, `!varying`, those that do not).
std::map<const llvm::Value*, std::int64_t> termsOf(const Address& address, const Uniformity& uniform, bool varying);

/// The shared variable behind it, or null.
const llvm::Value* sharedArray(const Address& address);

} // namespace kverify::verifier::lint

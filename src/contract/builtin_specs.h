#pragma once
// The texts of specs/*.json, put into the program by the build.
#include <span>
#include <string_view>

namespace kverify::contract {

struct BuiltinSpec {
  std::string_view name; ///< the file's name without ".json"
  std::string_view text;
};

std::span<const BuiltinSpec> builtinSpecs();

} // namespace kverify::contract

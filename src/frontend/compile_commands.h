#pragma once
// Flags for a file from the compile_commands.json beside or above it.
#include <string>
#include <vector>

#include "kverify/error.h"

namespace kverify::frontend {

/// What a Python file that loads `path` says, and what compile_commands.json says about `path`: -I, -isystem, -iquote, -include, -D, -U and -std, with relative
/// folders made absolute. Empty when there is no such file on the way to the root, or no entry for `path` in it.
/// Errors: Input, for a compile_commands.json that is not one.
Expected<std::vector<std::string>> flagsFromCompileCommands(const std::string& path);

} // namespace kverify::frontend

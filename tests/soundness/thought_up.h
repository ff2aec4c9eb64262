#pragma once
// Kernels from a file that people write by hand (thought_up.kernels).
#include <string>
#include <vector>

#include "kverify/error.h"
#include "tests/soundness/kernel.h"

namespace kverify::soundness {

struct ThoughtUp {
  std::string name;
  const Profile* profile = nullptr;
  std::string source;
};

/// Errors: Input (no such file, text before the first '== name').
Expected<std::vector<ThoughtUp>> readThoughtUp(const std::string& path);

} // namespace kverify::soundness

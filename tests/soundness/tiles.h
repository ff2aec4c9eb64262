#pragma once
// Random kernels about what was written before it is read.
#include "tests/soundness/kernel.h"

namespace kverify::soundness {

std::vector<Node> tileBody(std::uint64_t seed, const Profile& profile);

} // namespace kverify::soundness

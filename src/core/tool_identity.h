#pragma once
// Which program this is, down to its libraries: what a proof of another one says is not known to be true of this one.
#include <string>

namespace kverify {

/// Hash of the build ids of this program and of every library it has loaded when this is first called: another build,
/// another solver or another LLVM gives another one. Empty where a part of the program has no build id: then no proof may
/// be kept.
std::string toolIdentity();

} // namespace kverify

#pragma once
// The file system as a sandboxed process sees it: all of it read-only but for some folders, a temporary folder and a
// /proc of its own. For a process in a mount namespace of its own, with the right to mount there.
#include <string>

#include "sandbox/policy.h"

namespace kverify::sandbox {

/// Makes the view that `wanted` asks for; what could be done is set in `reached`. Never half a view: where the writable
/// folders could not be made writable again, the process must not go on (false).
bool makeView(const Policy& policy, const Layers& wanted, Layers& reached);

} // namespace kverify::sandbox

#pragma once
// Landlock: the kernel refuses this process, and all that it starts, to write outside some folders. Needs no privilege.
#include <string>
#include <vector>

namespace kverify::sandbox {

/// Version of the kernel's Landlock, 0 where it has none or it is switched off.
int landlockVersion();

/// From here on files are written, made and removed below `folders` only (and /dev/null); TCP is refused too where the
/// kernel knows how. Reading is not restricted. Needs no_new_privs. False, with errno, where it could not be done.
bool confineWrites(const std::vector<std::string>& folders);

} // namespace kverify::sandbox

#pragma once
// File descriptors and the words of a command, as system calls want them.
#include <string>
#include <string_view>
#include <vector>

namespace kverify {

/// Writes all of it, in as many calls as that takes. False: errno says why.
bool writeAll(int fd, std::string_view text);

/// For execve() and posix_spawn(): pointers into `words`, then null.
std::vector<char*> pointersTo(std::vector<std::string>& words);

} // namespace kverify

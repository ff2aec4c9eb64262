#pragma once
// A job's processes as /proc shows them: how much memory they hold together, and their end. The memory limit is a watch
// and not a limit of the kernel's: the executor reserves terabytes of address space that it never touches, and cgroups
// are seldom ours to make. What grows between two looks is not seen in time; the kernel's own OOM killer takes these
// processes first (limits.h).
#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace kverify::sandbox {

/// The process and everything that it started and that still runs, however deep.
std::vector<pid_t> treeOf(pid_t root);

/// Memory of one process that is its own: anonymous, shared and swapped pages, without those of mapped files. 0 where
/// the process is gone.
std::uint64_t ownMemory(pid_t pid);

struct TreeUse {
  std::uint64_t memory_bytes = 0;
  std::size_t processes = 0;
};

TreeUse useOf(pid_t root);

/// Ends the tree below `root` (not root itself), also what starts processes faster than one can look, within a second or
/// so. For where no process namespace does it. `root` must take orphans (PR_SET_CHILD_SUBREAPER); where it is this
/// process, they are waited for here.
void killBelow(pid_t root);

} // namespace kverify::sandbox

#pragma once
// What a process gives up for good: privileges, file descriptors, the environment's secrets, and resources.
#include <vector>

#include "sandbox/policy.h"

namespace kverify::sandbox {

/// No new privileges through set-user-id programs: what Landlock and seccomp ask of the unprivileged.
bool forbidNewPrivileges();

/// Drops every capability but, of root, the one to use folders that belong to others (CAP_DAC_OVERRIDE): a container's
/// root often audits a folder that its host's user owns. Where it may write is for the other layers.
bool dropCapabilities(bool keep_file_access);

/// Sizes of files, number of descriptors, no core dumps. Not memory: the executor reserves terabytes that it never
/// touches, so that no limit of the address space or of data can be told from them; see process_tree.h.
void limitResources(const Policy& policy);

/// Of the kernel's choices when memory runs out, this process is the first.
void dieFirst();

/// Closes every descriptor but these and the standard three.
void closeAllBut(std::vector<int> kept);

/// Overwrites the values of all variables in place but of those that the tools need to find things, so that secrets of a
/// CI job cannot be read from this process, and sets TMPDIR.
void scrubEnvironment(const std::string& tmp);

} // namespace kverify::sandbox

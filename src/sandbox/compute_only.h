#pragma once
// The narrowest cage: a process that computes and writes to one descriptor. For code of an audited file that is run natively.
namespace kverify::sandbox {

/// From here on this process may use its memory, ask for more, read clocks, write to what is open, and end; any other system call
/// fails (ENOSYS): an alarm that is set can't be put off, and signals do what they were told to do before. Closes every descriptor but `descriptor` and the standard three, and forbids new privileges. Works inside another
/// cage, too. False, with errno, where this kernel has no seccomp: then nothing of the kind must be run.
bool computeOnly(int descriptor);

} // namespace kverify::sandbox

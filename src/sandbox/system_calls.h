#pragma once
// The list of system calls that a sandboxed process may make (seccomp). What is not on it does not exist: ENOSYS, so that
// libraries fall back; sockets are refused with EACCES.
#include <memory>

namespace kverify::sandbox {

class SystemCallFilter {
public:
  /// Compiled once, in the parent; nullptr where this kernel or library cannot.
  static std::unique_ptr<SystemCallFilter> create();
  ~SystemCallFilter();
  SystemCallFilter(const SystemCallFilter&) = delete;
  SystemCallFilter& operator=(const SystemCallFilter&) = delete;

  /// Holds this process, and all that it starts, to the list. Needs no_new_privs. False, with errno, where it fails.
  bool enter() const;

private:
  struct Program;
  explicit SystemCallFilter(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

} // namespace kverify::sandbox

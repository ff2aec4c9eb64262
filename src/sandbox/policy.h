#pragma once
// What a sandboxed process may do, and which layers of the kernel's hold it to that.
#include <cstdint>
#include <string>
#include <vector>

namespace kverify::sandbox {

struct Policy {
  std::vector<std::string> writable;                  ///< folders that exist, below which files may be written
  std::string tmp;                                    ///< an empty folder of the process's own; empty = it gets none
  std::uint64_t tmp_bytes = std::uint64_t{1} << 30;   ///< of a private tmpfs, where one can be mounted there
  std::uint64_t file_bytes = std::uint64_t{1} << 30;  ///< of any one file
  unsigned open_files = 1024;
};

/// The layers, each of which can be missing: an old kernel, a container that forbids namespaces. No layer stands in for
/// another silently; what is in force is said in the report.
struct Layers {
  bool user_namespace = false;    ///< needed for the namespaces below unless root
  bool process_namespace = false; ///< what the job started dies with it, whatever it did; other processes are not seen
  bool network_namespace = false; ///< not even a loopback interface that is up
  bool ipc_namespace = false;
  bool read_only_view = false;    ///< every mount read-only but for the writable folders
  bool private_tmp = false;       ///< a tmpfs of limited size, gone with the process
  bool own_proc = false;          ///< /proc shows the job's own processes only
  bool no_capabilities = false;   ///< and none to be had: no_new_privs
  int landlock = 0;               ///< version of the kernel's interface, 0 = none: writes outside, TCP (from 4)
  bool system_calls = false;      ///< the list of allowed ones (seccomp); sockets of every kind are refused

  bool operator==(const Layers&) const = default;

  static Layers none() { return {}; }
  /// What is tried for.
  static Layers all() { return {true, true, true, true, true, true, true, true, 1, true}; }

  bool confinesWrites() const { return read_only_view || landlock > 0; }
  bool refusesSockets() const { return system_calls || network_namespace; }
};

/// One line that `layersFrom` reads again.
std::string toText(const Layers& layers);
bool layersFrom(const std::string& text, Layers& layers);

} // namespace kverify::sandbox

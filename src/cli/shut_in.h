#pragma once
// The sandbox of an audit: tried out once, then the same for every kernel.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kverify/error.h"
#include "kverify/run.h"
#include "sandbox/probe.h"
#include "sandbox/spawn.h"

namespace kverify::cli {

struct ShutInOptions {
  std::string mode = "auto"; ///< auto: what the machine gives; require: sockets refused and writes confined, or an error; none
  bool uses_gpu = false; ///< the driver needs devices, sockets and system calls of its own: there is no sandbox then
  std::vector<std::string> writable; ///< folders that audits write to; made where they are not there
};

class ShutIn {
public:
  /// Errors: Environment (mode require, on a machine that cannot).
  static Expected<std::unique_ptr<ShutIn>> prepare(const ShutInOptions& options);
  /// Takes away the temporary folder, and folders that it made and nobody wrote to.
  ~ShutIn();
  ShutIn(const ShutIn&) = delete;
  ShutIn& operator=(const ShutIn&) = delete;

  /// For each kernel; the cage's `tmp` is set for each.
  sandbox::Cage cage() const;
  const std::string& tmp() const { return tmp_; }
  /// Limits are the caller's to fill in.
  Isolation describe() const;

private:
  ShutIn() = default;
  bool makeTmp();
  void makeWritable(const std::vector<std::string>& folders);

  std::string tmp_;
  int lock_ = -1;
  std::vector<std::string> made_;
  sandbox::Policy policy_;
  std::unique_ptr<sandbox::SystemCallFilter> filter_;
  sandbox::Probe probe_;
};

/// "seccomp", "landlock 7", …: for reports.
std::vector<std::string> namesOf(const sandbox::Layers& layers);

} // namespace kverify::cli

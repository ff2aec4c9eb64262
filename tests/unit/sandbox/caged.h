#pragma once
// Runs a piece of a test inside a cage and brings back what it says.
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/probe.h"
#include "sandbox/spawn.h"
#include "tests/support/run_program.h"

namespace kverify::sandbox {

struct Seen {
  std::string answer; ///< what the piece returned
  std::string said;   ///< what it printed
  int status = -1;    ///< exit status of the keeper
  Layers reached;
};

/// All that comes through a non-blocking descriptor until it ends, or half a minute has gone.
inline std::string allOf(int fd) {
  std::string text;
  for (;;) {
    pollfd wait_for = {fd, POLLIN, 0};
    if (poll(&wait_for, 1, 30000) <= 0)
      return text;
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof(bytes));
    if (n <= 0)
      return text;
    text.append(bytes, static_cast<std::size_t>(n));
  }
}

inline Seen caged(const Cage& cage, const std::function<std::string()>& piece) {
  Started started = start(cage, [&](int fd, const Layers& reached) {
    std::string text = toText(reached) + "\n" + piece();
    return write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
  });
  Seen seen;
  if (started.pid < 0)
    return seen;
  std::string all = allOf(started.result);
  seen.said = allOf(started.said);
  waitpid(started.pid, &seen.status, 0);
  close(started.result);
  close(started.said);
  std::size_t newline = all.find('\n');
  layersFrom(all.substr(0, newline), seen.reached);
  seen.answer = newline == std::string::npos ? "" : all.substr(newline + 1);
  return seen;
}

/// A scratch folder with `out`, where a cage may write, `tmp`, its own, and `other`, where it may not.
struct Place {
  Place() : filter(SystemCallFilter::create()) {
    for (const char* name : {"/out", "/tmp", "/other"})
      std::filesystem::create_directory(folder.path() + name);
    policy.writable = {folder.path() + "/out"};
    policy.tmp = folder.path() + "/tmp";
  }

  std::string in(const std::string& name) const { return folder.path() + "/" + name; }
  Cage cage(const Layers& layers, bool must_reach = true) const { return {policy, layers, filter.get(), must_reach}; }
  /// What this machine gives, as the audit finds it.
  Layers best() const { return probe(policy, filter.get(), folder.path() + "/other").layers; }

  tests::ScratchFolder folder;
  Policy policy;
  std::unique_ptr<SystemCallFilter> filter;
};

} // namespace kverify::sandbox

#include "cuda/subprocess.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/descriptor.h"

extern char** environ;

namespace kverify::cuda {
namespace {

using Clock = std::chrono::steady_clock;

/// Reads what is there; false at the end.
bool drain(int fd, std::string& to, std::size_t most) {
  char bytes[1 << 16];
  ssize_t n = read(fd, bytes, sizeof bytes);
  if (n > 0 && to.size() < most)
    to.append(bytes, static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

std::vector<std::string> environmentWith(const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    std::string_view text(*entry);
    bool replaced = false;
    for (const auto& [name, value] : more)
      replaced |= text.starts_with(name + "=");
    if (!replaced)
      all.emplace_back(text);
  }
  for (const auto& [name, value] : more)
    all.push_back(name + "=" + value);
  return all;
}

} // namespace

ProcessResult runProcess(const std::vector<std::string>& command, const ProcessOptions& options) {
  ProcessResult result;
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0)
    return result;
  if (pipe2(err, O_CLOEXEC) != 0) {
    close(out[0]);
    close(out[1]);
    return result;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  posix_spawnattr_t attributes; // a group of its own, so that what it starts ends with it
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words = command, environment = environmentWith(options.environment);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, words[0].c_str(), &actions, &attributes, pointersTo(words).data(),
                                 pointersTo(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(out[1]);
  close(err[1]);
  const auto end = Clock::now() + std::chrono::duration<double>(options.timeout_s);
  bool out_open = error == 0, err_open = error == 0;
  while (out_open || err_open) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0 && !result.timed_out) {
      result.timed_out = true;
      kill(-pid, SIGKILL);
    }
    pollfd waiting[2] = {{out_open ? out[0] : -1, POLLIN, 0}, {err_open ? err[0] : -1, POLLIN, 0}};
    if (poll(waiting, 2, result.timed_out ? 1000 : static_cast<int>(left + 1)) == 0 && result.timed_out)
      break;
    if (waiting[0].revents)
      out_open = drain(out[0], result.out, options.most_bytes);
    if (waiting[1].revents)
      err_open = drain(err[0], result.err, options.most_bytes);
  }
  close(out[0]);
  close(err[0]);
  if (error) {
    result.err = std::strerror(error);
    return result;
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

} // namespace kverify::cuda

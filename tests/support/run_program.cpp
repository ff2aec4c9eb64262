#include "tests/support/run_program.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kverify::tests {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void becomeProgram(const std::vector<std::string>& command, const RunSettings& settings, int out,
                                int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (!settings.folder.empty() && chdir(settings.folder.c_str()) != 0)
    _exit(126);
  for (const auto& [name, value] : settings.environment)
    setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

/// Reads what is there; false once the pipe is closed.
bool drain(int fd, std::string& text) {
  char bytes[1 << 16];
  ssize_t n = read(fd, bytes, sizeof(bytes));
  if (n > 0)
    text.append(bytes, static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

} // namespace

ProgramRun runProgram(const std::vector<std::string>& command, const RunSettings& settings) {
  ProgramRun run;
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
    return run;
  pid_t pid = fork();
  if (pid == 0)
    becomeProgram(command, settings, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  auto start = Clock::now();
  bool interrupted = false;
  pollfd fds[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    poll(fds, 2, 20);
    if (fds[0].revents && !drain(out[0], run.out))
      fds[0].fd = -1;
    if (fds[1].revents && !drain(err[0], run.err))
      fds[1].fd = -1;
    double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (!interrupted && settings.interrupt_after_seconds > 0 && seconds > settings.interrupt_after_seconds) {
      interrupted = true;
      kill(pid, SIGINT);
    }
    if (seconds > settings.timeout_seconds)
      kill(pid, SIGKILL);
  }
  close(out[0]);
  close(err[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

ScratchFolder::ScratchFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kverify_XXXXXX").string();
  path_ = mkdtemp(pattern.data()) ? pattern : std::string();
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::write(const std::string& name, const std::string& text) const {
  std::filesystem::path path = std::filesystem::path(path_) / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return name;
}

std::string ScratchFolder::read(const std::string& name) const {
  std::ifstream in(std::filesystem::path(path_) / name, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

} // namespace kverify::tests

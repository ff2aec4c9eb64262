#include "cli/self_process.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kverify::cli {
namespace {

constexpr const char* kSelf = "/proc/self/exe";
constexpr std::size_t kMostOutput = std::size_t{64} << 20;

/// Ctrl-C reaches both processes; the one that waits must not go first.
class WaitThroughInterrupts {
public:
  WaitThroughInterrupts() : before_(std::signal(SIGINT, SIG_IGN)) {}
  ~WaitThroughInterrupts() { std::signal(SIGINT, before_); }
  WaitThroughInterrupts(const WaitThroughInterrupts&) = delete;
  WaitThroughInterrupts& operator=(const WaitThroughInterrupts&) = delete;

private:
  void (*before_)(int);
};

} // namespace

pid_t startSelf(const std::vector<std::string>& arguments, const StartSelf& how) {
  std::vector<std::string> words = {"kverify"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (how.apart)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (how.output >= 0)
    posix_spawn_file_actions_adddup2(&actions, how.output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGINT);
  if (how.apart)
    sigaddset(&defaults, SIGTERM);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | (how.apart ? POSIX_SPAWN_SETPGROUP : 0)));
  pid_t pid = -1;
  if (posix_spawn(&pid, kSelf, &actions, &attributes, argv.data(), environ) != 0)
    pid = -1;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

int waitForSelf(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int runSelf(const std::vector<std::string>& arguments) {
  WaitThroughInterrupts patience;
  pid_t pid = startSelf(arguments, {});
  return pid < 0 ? -1 : waitForSelf(pid);
}

SelfOutput askSelf(const std::vector<std::string>& arguments) {
  WaitThroughInterrupts patience;
  SelfOutput result;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return result;
  pid_t pid = startSelf(arguments, {.output = ends[1]});
  close(ends[1]);
  std::array<char, 1 << 16> bytes{};
  for (ssize_t n = 1; pid >= 0 && n != 0;) {
    n = read(ends[0], bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR)
      break;
    if (n > 0 && result.out.size() < kMostOutput)
      result.out.append(bytes.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  if (pid >= 0)
    result.exit_code = waitForSelf(pid);
  return result;
}

} // namespace kverify::cli

#include "cli/gate_child.h"

#include <atomic>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kverify::cli {
namespace {

std::atomic<pid_t> the_child{0};
std::atomic<bool> the_interrupt{false};

void passOn(int) {
  the_interrupt = true;
  if (pid_t child = the_child; child > 0)
    kill(child, SIGINT);
}

void catchSignals() {
  struct sigaction action {};
  action.sa_handler = passOn;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

pid_t start(std::vector<std::string> words, int out) {
  std::vector<char*> pointers;
  for (std::string& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawnattr_t attributes; // a group of its own: Ctrl-C reaches it once, through us
  posix_spawnattr_init(&attributes);
  sigset_t caught;
  sigemptyset(&caught);
  sigaddset(&caught, SIGINT);
  sigaddset(&caught, SIGTERM);
  posix_spawnattr_setsigdefault(&attributes, &caught);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  if (posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, pointers.data(), environ) != 0)
    pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return pid;
}

} // namespace

bool wasInterrupted() {
  return the_interrupt;
}

ChildRun runKverify(const std::vector<std::string>& arguments) {
  ChildRun run;
  int ends[2];
  if (the_interrupt || pipe2(ends, O_CLOEXEC) != 0)
    return run;
  catchSignals();
  std::vector<std::string> words{"kverify"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  pid_t pid = start(std::move(words), ends[1]);
  the_child = pid;
  close(ends[1]);
  if (the_interrupt && pid > 0)
    kill(pid, SIGINT); // it came before there was a child to tell
  char bytes[1 << 16];
  for (ssize_t n; pid > 0 && ((n = read(ends[0], bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR));)
    if (n > 0)
      run.out.append(bytes, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  the_child = 0;
  if (pid > 0)
    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.interrupted = the_interrupt;
  return run;
}

} // namespace kverify::cli

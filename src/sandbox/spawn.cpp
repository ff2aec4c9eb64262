#include "sandbox/spawn.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/landlock.h"
#include "sandbox/limits.h"
#include "sandbox/mounts.h"
#include "sandbox/process_tree.h"

namespace kverify::sandbox {
namespace {

/// A pipe whose writing end only this process, the parent of all keepers, keeps open: when it is gone, for whatever
/// reason, they read its end and go too.
struct Lifeline {
  int read = -1, write = -1;
  pid_t owner = -1;
};

Lifeline& theLine() {
  static Lifeline line;
  return line;
}

/// Made anew in a process that inherited one: that one tells of another's end.
const Lifeline& lifeline() {
  Lifeline& line = theLine();
  if (line.owner == getpid())
    return line;
  if (line.owner > 0) {
    close(line.read);
    close(line.write);
  }
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0)
    return line = {};
  return line = {ends[0], ends[1], getpid()};
}

int namespacesOf(const Layers& layers) {
  int flags = 0;
  flags |= layers.user_namespace ? CLONE_NEWUSER : 0;
  flags |= layers.process_namespace ? CLONE_NEWPID : 0;
  flags |= layers.network_namespace ? CLONE_NEWNET : 0;
  flags |= layers.ipc_namespace ? CLONE_NEWIPC : 0;
  flags |= layers.read_only_view || layers.private_tmp || layers.own_proc ? CLONE_NEWNS : 0;
  return flags;
}

bool writeFile(const char* path, const std::string& text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool done = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return done;
}

/// In a user namespace of its own the process is who it was, and nobody else exists.
bool keepIdentity(uid_t user, gid_t group) {
  return writeFile("/proc/self/setgroups", "deny") &&
         writeFile("/proc/self/uid_map", std::to_string(user) + " " + std::to_string(user) + " 1") &&
         writeFile("/proc/self/gid_map", std::to_string(group) + " " + std::to_string(group) + " 1");
}

/// Enters all layers, in the order in which each still can be. Returns what was reached; `why` names what was not.
Layers enter(const Cage& cage, const Layers& wanted, std::string& why) {
  Layers reached;
  auto failed = [&](const char* what) { why += std::string(what) + ": " + std::strerror(errno) + "\n"; };
  reached.user_namespace = wanted.user_namespace;
  reached.process_namespace = wanted.process_namespace;
  reached.network_namespace = wanted.network_namespace;
  reached.ipc_namespace = wanted.ipc_namespace;
  dieFirst();
  // Relative names keep their meaning: what lies on top of the working folder now is entered anew.
  char cwd[4096];
  bool has_cwd = getcwd(cwd, sizeof(cwd)) != nullptr;
  if ((namespacesOf(wanted) & CLONE_NEWNS) && !makeView(cage.policy, wanted, reached)) {
    failed("the writable folders");
    _exit(kCageFailed);
  }
  if (has_cwd && chdir(cwd) != 0)
    failed("the working folder");
  scrubEnvironment(cage.policy.tmp);
  limitResources(cage.policy);
  if (wanted.no_capabilities) {
    reached.no_capabilities = forbidNewPrivileges() && dropCapabilities(!wanted.user_namespace && geteuid() == 0);
    if (!reached.no_capabilities)
      failed("capabilities");
  }
  std::vector<std::string> writable = cage.policy.writable;
  if (!cage.policy.tmp.empty())
    writable.push_back(cage.policy.tmp);
  if (wanted.landlock) {
    if (reached.no_capabilities && confineWrites(writable))
      reached.landlock = landlockVersion();
    else
      failed("Landlock");
  }
  if (wanted.system_calls) {
    reached.system_calls = reached.no_capabilities && cage.filter && cage.filter->enter();
    if (!reached.system_calls)
      failed("the list of system calls");
  }
  return reached;
}

volatile std::sig_atomic_t passed_on_to = 0;

void passOn(int signal) {
  if (passed_on_to > 0)
    kill(passed_on_to, signal);
}

void onChild(int) {}

/// Waits for the worker, and for the lifeline's end. Everything below is gone when this returns.
[[noreturn]] void keep(pid_t worker, int line, bool process_namespace) {
  sigset_t none;
  sigemptyset(&none);
  int status = 0;
  for (bool over = false; !over;) {
    pollfd wait_for = {line, 0, 0}; // hang-up is always told
    int events = ppoll(&wait_for, line >= 0 ? 1 : 0, nullptr, &none);
    if (events > 0 && (wait_for.revents & (POLLHUP | POLLERR | POLLNVAL))) {
      kill(worker, SIGKILL);
      status = SIGKILL;
      over = true;
    }
    int of_one = 0;
    for (pid_t pid; (pid = waitpid(-1, &of_one, WNOHANG)) > 0;)
      if (pid == worker) {
        status = of_one;
        over = true;
      }
  }
  if (!process_namespace)
    killBelow(getpid());
  _exit(WIFSIGNALED(status) ? kKilledBase + WTERMSIG(status) : WEXITSTATUS(status));
}

void resetSignals() {
  for (int signal = 1; signal < NSIG; ++signal)
    std::signal(signal, SIG_DFL);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a file that grows too large is an error of the write
}

void useAsStandard(int said) {
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(said, STDOUT_FILENO);
  dup2(said, STDERR_FILENO);
}

struct Pipes {
  int result[2] = {-1, -1}, said[2] = {-1, -1};
};

bool sameBut(Layers wanted, Layers reached) {
  wanted.landlock = wanted.landlock > 0;
  reached.landlock = reached.landlock > 0;
  return wanted == reached;
}

/// The keeper: enters the cage, starts the worker in it and waits.
[[noreturn]] void beKeeper(const Cage& cage, const Layers& wanted, const Pipes& pipes, int line, uid_t user, gid_t group,
                           const Body& body) {
  resetSignals();
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // its own /proc/self must be its own to write
  useAsStandard(pipes.said[1]);
  int result = pipes.result[1];
  closeAllBut({line, result});
  theLine() = {}; // its numbers may be other files by the time that something is started from here
  setsid();
  std::string why;
  if (wanted.user_namespace && !keepIdentity(user, group)) {
    std::fprintf(stderr, "user namespace: %s\n", std::strerror(errno));
    _exit(kCageFailed);
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  Layers reached = enter(cage, wanted, why);
  if (cage.must_reach && !sameBut(wanted, reached)) {
    std::fprintf(stderr, "%s", why.c_str());
    std::fflush(stderr);
    _exit(kCageFailed);
  }
  sigset_t held;
  sigfillset(&held);
  sigprocmask(SIG_SETMASK, &held, nullptr);
  pid_t worker = fork();
  if (worker == 0) {
    close(line);
    sigset_t until_handled;
    sigemptyset(&until_handled);
    sigaddset(&until_handled, SIGTERM);
    sigaddset(&until_handled, SIGUSR1);
    sigprocmask(SIG_SETMASK, &until_handled, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 0); // what it starts must not be able to look into it, nor write there
    int status = body(result, reached);
    std::fflush(nullptr);
    _exit(status);
  }
  close(result);
  if (worker < 0)
    _exit(kCageFailed);
  passed_on_to = worker;
  std::signal(SIGTERM, passOn);
  std::signal(SIGUSR1, passOn);
  std::signal(SIGCHLD, onChild);
  keep(worker, line, reached.process_namespace);
}

} // namespace

Started start(const Cage& cage, const Body& body) {
  Pipes pipes;
  int line = lifeline().read;
  if (line < 0 || pipe2(pipes.result, O_CLOEXEC) != 0 || pipe2(pipes.said, O_CLOEXEC) != 0)
    return {};
  uid_t user = geteuid();
  gid_t group = getegid();
  std::fflush(nullptr);
  // Not fork(): the namespaces must be the child's alone. It has this process's memory, copied, and one thread.
  pid_t pid = static_cast<pid_t>(syscall(SYS_clone, namespacesOf(cage.layers) | SIGCHLD, nullptr, nullptr, nullptr, 0));
  if (pid == 0)
    beKeeper(cage, cage.layers, pipes, line, user, group, body);
  int error = errno;
  close(pipes.result[1]);
  close(pipes.said[1]);
  if (pid < 0) {
    close(pipes.result[0]);
    close(pipes.said[0]);
    errno = error;
    return {};
  }
  for (int fd : {pipes.result[0], pipes.said[0]})
    fcntl(fd, F_SETFL, O_NONBLOCK);
  return {pid, pipes.result[0], pipes.said[0], cage.layers.process_namespace};
}

void end(const Started& started) {
  if (!started.process_namespace)
    killBelow(started.pid);
  kill(started.pid, SIGKILL);
}

} // namespace kverify::sandbox

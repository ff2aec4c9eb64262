#include "cli/gate_child.h"

#include <atomic>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

#include "cli/self_process.h"

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
  pid_t pid = startSelf(arguments, {.output = ends[1], .apart = true});
  the_child = pid;
  close(ends[1]);
  if (the_interrupt && pid > 0)
    kill(pid, SIGINT); // it came before there was a child to tell
  char bytes[1 << 16];
  for (ssize_t n; pid > 0 && ((n = read(ends[0], bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR));)
    if (n > 0)
      run.out.append(bytes, static_cast<std::size_t>(n));
  close(ends[0]);
  if (pid > 0)
    run.exit_code = waitForSelf(pid);
  the_child = 0;
  run.interrupted = the_interrupt;
  return run;
}

} // namespace kverify::cli

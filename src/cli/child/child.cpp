#include "cli/child/child.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/descriptor.h"

extern char** environ;

namespace kverify::cli {
namespace {

/// The input as a file in memory, so that a program that does not read it blocks nobody. -1: errno says why.
int fileOf(const std::string& text) {
  int fd = memfd_create("kverify-input", MFD_CLOEXEC);
  if (fd >= 0 && !writeAll(fd, text)) {
    close(fd);
    return -1;
  }
  return fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 ? fd : -1;
}

/// In the child: becomes the program. The keeper has closed files and scrubbed the environment; both come from here.
int become(std::vector<std::string> command, std::vector<std::string> environment, const std::string& input, int out) {
  int in = fileOf(input);
  if (in < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
    return 127;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_DFL);
  std::string program = command[0];
  if (program == kThisProgram)
    command[0] = "kverify";
  execve(program.c_str(), pointersTo(command).data(), pointersTo(environment).data());
  fmt::print(stderr, "{}: {}\n", program, std::strerror(errno));
  return 127;
}

} // namespace

Child::Child(const sandbox::Started& started, const ChildOptions& options)
    : started_(started), options_(options), begin_(std::chrono::steady_clock::now()), out_fd_(started.result),
      err_fd_(started.said) {}

Expected<std::unique_ptr<Child>> Child::start(const std::vector<std::string>& command, const ChildOptions& options) {
  std::vector<std::string> environment;
  for (char** entry = environ; entry && *entry; ++entry)
    environment.emplace_back(*entry);
  sandbox::Cage cage;
  cage.layers = sandbox::Layers::none();
  cage.policy.file_bytes = ~std::uint64_t{0};
  if (rlimit files{}; getrlimit(RLIMIT_NOFILE, &files) == 0)
    cage.policy.open_files = static_cast<unsigned>(files.rlim_cur);
  sandbox::Started started = sandbox::start(
      cage, [&](int result, const sandbox::Layers&) { return become(command, environment, options.input, result); });
  if (started.pid < 0)
    return fail(ErrorKind::Environment, fmt::format("no process could be started: {}", std::strerror(errno)));
  return std::unique_ptr<Child>(new Child(started, options));
}

Child::~Child() {
  if (!over_) {
    end();
    waitpid(started_.pid, nullptr, 0);
  }
  for (int fd : {out_fd_, err_fd_})
    if (fd >= 0)
      close(fd);
}

void Child::end() {
  if (!over_)
    sandbox::end(started_);
}

void Child::addTo(std::vector<pollfd>& waiting) const {
  waiting.push_back({out_fd_, POLLIN, 0});
  waiting.push_back({err_fd_, POLLIN, 0});
}

double Child::secondsSoFar() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void Child::drain(int& fd, std::string& text) {
  char bytes[1 << 16];
  while (fd >= 0) {
    ssize_t n = read(fd, bytes, sizeof(bytes));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      return;
    if (n <= 0) {
      close(fd);
      fd = -1;
      return;
    }
    if (text.size() + static_cast<std::size_t>(n) > options_.most_bytes) {
      too_much_ = true;
      end();
      return;
    }
    text.append(bytes, static_cast<std::size_t>(n));
  }
}

bool Child::pump() {
  if (over_)
    return true;
  drain(out_fd_, out_);
  drain(err_fd_, err_);
  if (!timed_out_ && options_.seconds > 0 && secondsSoFar() > options_.seconds) {
    timed_out_ = true;
    end();
  }
  int status = 0;
  if (waitpid(started_.pid, &status, WNOHANG) != started_.pid)
    return false;
  over_ = true;
  drain(out_fd_, out_); // what it wrote last
  drain(err_fd_, err_);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

Expected<std::unique_ptr<Child>> runChild(const std::vector<std::string>& command, const ChildOptions& options,
                                          const std::function<bool()>& stop) {
  auto child = Child::start(command, options);
  if (!child)
    return child;
  while (!(*child)->pump()) {
    std::vector<pollfd> waiting;
    (*child)->addTo(waiting);
    bool silent = waiting[0].fd < 0 && waiting[1].fd < 0;
    poll(waiting.data(), waiting.size(), silent ? 5 : 100);
    if (stop())
      (*child)->end();
  }
  return child;
}

std::string lastWords(const std::string& text, std::size_t most) {
  constexpr const char* kBlanks = " \t\r\n";
  std::size_t end = text.find_last_not_of(kBlanks);
  if (end == std::string::npos)
    return {};
  std::size_t begin = text.find_first_not_of(kBlanks);
  if (end + 1 - begin > most) {
    begin = end + 1 - most;
    if (std::size_t line = text.find('\n', begin); line < end)
      begin = line + 1;
  }
  return text.substr(begin, end + 1 - begin);
}

} // namespace kverify::cli

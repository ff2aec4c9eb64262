#include "sandbox/probe.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/spawn.h"

namespace kverify::sandbox {
namespace {

bool canWrite(const std::string& path) {
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return false;
  close(fd);
  unlink(path.c_str());
  return true;
}

/// A socket that cannot be made, or one in a network where nothing is up.
bool socketsRefused(const Layers& reached) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0)
    return true;
  close(fd);
  return reached.network_namespace;
}

/// Runs in the cage: "LAYERS sockets writes traces".
int tryOut(int result, const Layers& reached, const Policy& policy, const std::string& outside, pid_t parent) {
  bool inside = policy.tmp.empty() || canWrite(policy.tmp + "/probe");
  bool confined = inside && !canWrite(outside + "/.kverify-probe");
  // Seizing does not stop it, and ends with this process.
  bool untraced = ptrace(PTRACE_SEIZE, parent, nullptr, nullptr) != 0;
  std::string text = toText(reached) + "\n" + (socketsRefused(reached) ? "1" : "0") + (confined ? "1" : "0") +
                     (untraced ? "1" : "0") + "\n";
  return write(result, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
}

/// All that comes through a descriptor until it ends; it is non-blocking.
std::string allOf(int fd) {
  std::string text;
  for (;;) {
    pollfd wait_for = {fd, POLLIN, 0};
    if (poll(&wait_for, 1, 5000) <= 0)
      return text;
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof(bytes));
    if (n <= 0)
      return text;
    text.append(bytes, static_cast<std::size_t>(n));
  }
}

struct Trial {
  std::string answer, said;
  bool started = false;
  int error = 0;
};

Trial trial(const Cage& cage, const std::string& outside) {
  pid_t parent = getpid();
  Started started = start(cage, [&](int result, const Layers& reached) {
    return tryOut(result, reached, cage.policy, outside, parent);
  });
  Trial seen{.started = started.pid > 0, .error = errno};
  if (!seen.started)
    return seen;
  seen.answer = allOf(started.result);
  seen.said = allOf(started.said);
  end(started);
  close(started.result);
  close(started.said);
  while (waitpid(started.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return seen;
}

Layers withoutNamespaces(Layers layers) {
  layers.user_namespace = layers.process_namespace = layers.network_namespace = layers.ipc_namespace = false;
  layers.read_only_view = layers.private_tmp = layers.own_proc = false;
  return layers;
}

void nameWhatIsMissing(const Layers& wanted, Probe& probe, const std::string& why_no_namespaces) {
  auto say = [&](bool asked, bool has, const char* sentence) {
    if (asked && !has)
      probe.missing.push_back(sentence);
  };
  const Layers& has = probe.layers;
  if (!why_no_namespaces.empty())
    probe.missing.push_back("no namespaces: " + why_no_namespaces);
  else {
    say(wanted.read_only_view, has.read_only_view, "no read-only view of the file system: mounting is refused here");
    say(wanted.private_tmp, has.private_tmp, "no private tmpfs: mounting is refused here");
    say(wanted.own_proc, has.own_proc, "no /proc of its own: mounting is refused here");
  }
  say(wanted.landlock, has.landlock, "no Landlock: the kernel has none, or it is switched off");
  say(wanted.system_calls, has.system_calls, "no list of system calls: seccomp is refused here");
  say(wanted.no_capabilities, has.no_capabilities, "capabilities could not be dropped");
}

} // namespace

Probe probe(const Policy& policy, const SystemCallFilter* filter, const std::string& outside, const Layers& wanted) {
  std::vector<Layers> candidates;
  Layers with_user = wanted, without_user = wanted;
  without_user.user_namespace = false;
  if (geteuid() == 0) // root needs no user namespace, and would lose files of others in one
    candidates = {without_user, withoutNamespaces(wanted)};
  else
    candidates = {with_user, withoutNamespaces(wanted)};
  Probe found;
  std::string why;
  for (const Layers& candidate : candidates) {
    Trial seen = trial({.policy = policy, .layers = candidate, .filter = filter, .must_reach = false}, outside);
    std::istringstream lines(seen.answer);
    std::string layers, tried;
    if (!std::getline(lines, layers) || !std::getline(lines, tried) || tried.size() != 3 ||
        !layersFrom(layers, found.layers)) {
      why = seen.started ? seen.said.substr(0, seen.said.find('\n')) : std::strerror(seen.error);
      if (why.empty())
        why = "the process that tried them ended early";
      continue;
    }
    found.sockets_refused = tried[0] == '1';
    found.writes_confined = tried[1] == '1';
    found.tracing_refused = tried[2] == '1';
    bool has_namespaces = candidate != withoutNamespaces(candidate);
    nameWhatIsMissing(wanted, found, has_namespaces ? "" : why);
    return found;
  }
  found.layers = Layers::none();
  found.missing.push_back("no sandbox: " + why);
  return found;
}

} // namespace kverify::sandbox

#include "cli/shut_in.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "kverify-";

std::string tmpRoot() {
  const char* named = std::getenv("TMPDIR");
  std::error_code error;
  fs::path root = fs::absolute(named && *named ? named : "/tmp", error);
  return error || !fs::is_directory(root, error) ? "/tmp" : root.string();
}

/// Opens the folder's lock and takes it; -1 where another process has it, or there is none.
int takeLock(const std::string& folder, int flags) {
  int fd = open((folder + "/lock").c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0)
    close(std::exchange(fd, -1));
  return fd;
}

/// What an audit that was killed left behind. Not the newest: another audit may be about to take its lock.
void removeStale(const std::string& root) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    struct stat info {};
    std::string path = entry.path().string();
    bool own = entry.path().filename().string().starts_with(kPrefix) && lstat(path.c_str(), &info) == 0 &&
               S_ISDIR(info.st_mode) && info.st_uid == geteuid() && info.st_mtime < time(nullptr) - 60;
    int lock = own ? takeLock(path, O_RDWR) : -1;
    if (lock < 0)
      continue;
    fs::remove_all(path, ignored);
    close(lock);
  }
}

} // namespace

std::vector<std::string> namesOf(const sandbox::Layers& layers) {
  std::vector<std::string> names;
  auto add = [&](bool has, std::string name) {
    if (has)
      names.push_back(std::move(name));
  };
  add(layers.system_calls, "seccomp");
  add(layers.landlock > 0, fmt::format("landlock {}", layers.landlock));
  add(layers.read_only_view, "read-only mounts");
  add(layers.network_namespace, "network namespace");
  add(layers.process_namespace, "process namespace");
  add(layers.ipc_namespace, "ipc namespace");
  add(layers.user_namespace, "user namespace");
  add(layers.private_tmp, "private tmpfs");
  add(layers.own_proc, "own /proc");
  add(layers.no_capabilities, "no capabilities");
  return names;
}

Expected<std::unique_ptr<ShutIn>> ShutIn::prepare(const ShutInOptions& options) {
  std::unique_ptr<ShutIn> shut_in(new ShutIn);
  if (!shut_in->makeTmp())
    return fail(ErrorKind::Environment, fmt::format("no folder can be made in '{}'", tmpRoot()), "",
                "set TMPDIR to a folder that you can write");
  if (options.mode == "none")
    return shut_in;
  if (options.uses_gpu && options.mode == "require")
    return fail(ErrorKind::Environment, "kernels that run on the GPU cannot be shut in: its driver needs devices and sockets",
                "--isolation", "without the GPU (--backend simt, no stages sanitizer and bench), or --isolation auto");
  if (options.uses_gpu) {
    shut_in->probe_.missing = {"no sandbox: kernels run on the GPU, whose driver needs devices and sockets"};
    return shut_in;
  }
  prctl(PR_SET_DUMPABLE, 0); // a process of the same user may else read this one's memory and environment
  shut_in->makeWritable(options.writable);
  shut_in->filter_ = sandbox::SystemCallFilter::create();
  sandbox::Policy trial = shut_in->policy_;
  trial.tmp = shut_in->tmp_ + "/probe";
  std::error_code ignored;
  fs::create_directory(trial.tmp, ignored);
  sandbox::Layers wanted = sandbox::Layers::all();
  wanted.system_calls = shut_in->filter_ != nullptr;
  shut_in->probe_ = sandbox::probe(trial, shut_in->filter_.get(), shut_in->tmp_, wanted);
  fs::remove_all(trial.tmp, ignored);
  const sandbox::Probe& seen = shut_in->probe_;
  if (options.mode == "require" && !(seen.sockets_refused && seen.writes_confined))
    return fail(ErrorKind::Environment,
                fmt::format("this machine does not hold a process to {}: {}",
                            seen.sockets_refused ? "its folders" : "its folders and off the network",
                            seen.missing.empty() ? "it was tried" : fmt::format("{}", fmt::join(seen.missing, "; "))),
                "--isolation", "--isolation auto takes what there is, and says so in the report");
  return shut_in;
}

bool ShutIn::makeTmp() {
  std::string root = tmpRoot();
  removeStale(root);
  std::string name = root + "/" + kPrefix + "XXXXXX";
  if (!mkdtemp(name.data()))
    return false;
  tmp_ = name;
  lock_ = takeLock(tmp_, O_RDWR | O_CREAT);
  return true;
}

void ShutIn::makeWritable(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    std::error_code error;
    fs::path path = fs::absolute(folder, error);
    if (folder.empty() || error)
      continue;
    bool was_there = fs::exists(path, error);
    fs::create_directories(path, error);
    path = fs::canonical(path, error);
    if (error || !fs::is_directory(path, error))
      continue; // what cannot be written is said where it is written
    if (!was_there)
      made_.push_back(path.string());
    policy_.writable.push_back(path.string());
  }
}

ShutIn::~ShutIn() {
  std::error_code ignored;
  for (const std::string& folder : made_)
    rmdir(folder.c_str()); // only if it is empty
  if (!tmp_.empty())
    fs::remove_all(tmp_, ignored);
  if (lock_ >= 0)
    close(lock_);
}

sandbox::Cage ShutIn::cage() const {
  return {.policy = policy_, .layers = probe_.layers, .filter = filter_.get(), .must_reach = true};
}

Isolation ShutIn::describe() const {
  return {.processes = true,
          .layers = namesOf(probe_.layers),
          .missing = probe_.missing,
          .sockets_refused = probe_.sockets_refused,
          .writes_confined = probe_.writes_confined,
          .tracing_refused = probe_.tracing_refused,
          .file_bytes = policy_.file_bytes};
}

} // namespace kverify::cli

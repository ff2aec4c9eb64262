#include "cuda/gpu.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kverify::cuda {
namespace {

constexpr int kWorkerFd = 3;

std::string howItEnded(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("the GPU worker was ended by signal {}", strsignal(WTERMSIG(status)));
  return fmt::format("the GPU worker exited with status {}", WEXITSTATUS(status));
}

JobResult lost(JobStatus status, std::string detail) {
  JobResult result;
  result.status = status;
  result.detail = std::move(detail);
  return result;
}

/// A message of that type, or why it is none.
template <class T>
std::string expectReply(const FrameResult& reply, MessageType type, T& message) {
  if (reply.status == FrameStatus::Broken)
    return reply.problem;
  if (reply.frame.type == static_cast<std::uint16_t>(MessageType::Failure)) {
    std::string text;
    return unpack(reply.frame, text) ? text : "the GPU worker failed and did not say why";
  }
  if (reply.frame.type != static_cast<std::uint16_t>(type) || !unpack(reply.frame, message))
    return "the GPU worker's answer is not one to what was asked";
  return {};
}

} // namespace

std::string workerPath() {
  if (const char* named = std::getenv("KVERIFY_GPU_WORKER"); named && *named)
    return named;
  std::error_code ignored;
  auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  std::filesystem::path beside = self.parent_path() / "kverify-gpu-worker"; // as built
  std::filesystem::path installed = self.parent_path().parent_path() / "libexec" / "kverify" / "kverify-gpu-worker";
  return std::filesystem::exists(beside, ignored) ? beside.string()
         : std::filesystem::exists(installed, ignored) ? installed.string()
                                                       : beside.string();
}

/// A worker and our end of its socket.
struct Gpu::Process {
  pid_t pid = -1;
  int fd = -1;

  ~Process() { end(true); }

  /// Ends it, and says how it had ended by itself if it did.
  std::string end(bool at_once) {
    if (fd >= 0)
      close(fd);
    fd = -1;
    if (pid < 0)
      return {};
    int status = 0;
    std::string how;
    // A process whose kernel hangs may take a moment to die even of SIGKILL; it is not waited for for ever.
    for (int i = 0; i < 500; ++i) {
      if ((at_once && i == 0) || i == 100)
        kill(pid, SIGKILL);
      pid_t got = waitpid(pid, &status, WNOHANG);
      if (got == pid)
        how = howItEnded(status);
      if (got != 0 && !(got < 0 && errno == EINTR))
        break;
      usleep(10000);
    }
    pid = -1;
    return how;
  }
};

Gpu::Gpu(GpuOptions options) : options_(std::move(options)) {
  if (options_.worker.empty())
    options_.worker = workerPath();
  std::signal(SIGPIPE, SIG_IGN); // a dead worker is a result, not our end
}

Gpu::~Gpu() = default;

Expected<void> Gpu::ensureWorker() {
  if (process_)
    return {};
  if (access(options_.worker.c_str(), X_OK) != 0)
    return fail(ErrorKind::Environment, fmt::format("there is no GPU worker at '{}'", options_.worker), "",
                "build the target kverify-gpu-worker, or set KVERIFY_GPU_WORKER");
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(ErrorKind::Environment, fmt::format("no socket for the GPU worker: {}", std::strerror(errno)));
  auto process = std::make_unique<Process>();
  process->fd = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], kWorkerFd);
  const std::string fd = std::to_string(kWorkerFd);
  char* const arguments[] = {const_cast<char*>(options_.worker.c_str()), const_cast<char*>("--fd"),
                             const_cast<char*>(fd.c_str()), nullptr};
  const int error = posix_spawn(&process->pid, options_.worker.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error) {
    process->pid = -1;
    return fail(ErrorKind::Environment, fmt::format("the GPU worker does not start: {}", std::strerror(error)));
  }
  process_ = std::move(process);
  ++started_;
  FrameResult reply = ask(pack(MessageType::Hello, Nothing{}), options_.grace_ms);
  std::string problem = reply.status == FrameStatus::TimedOut ? "the GPU worker does not answer"
                        : reply.status == FrameStatus::Closed ? process_->end(false)
                                                              : expectReply(reply, MessageType::Device, device_);
  if (problem.empty())
    return {};
  drop();
  return fail(ErrorKind::Environment, problem);
}

FrameResult Gpu::ask(const Frame& request, std::int64_t timeout_ms) {
  if (!writeFrame(process_->fd, request))
    return {};
  return readFrame(process_->fd, timeout_ms);
}

void Gpu::drop() {
  process_.reset();
}

Expected<DeviceInfo> Gpu::device() {
  std::lock_guard lock(mutex_);
  if (auto ready = ensureWorker(); !ready)
    return tl::unexpected(ready.error());
  return device_;
}

JobResult Gpu::askForJob(const Frame& request, MessageType answer, std::int64_t timeout_ms) {
  FrameResult reply = ask(request, timeout_ms);
  if (reply.status == FrameStatus::TimedOut) {
    drop();
    return lost(JobStatus::Hung, fmt::format("no answer from the GPU within {} s", timeout_ms / 1000));
  }
  if (reply.status == FrameStatus::Closed) {
    std::string how = process_->end(false);
    drop();
    return lost(JobStatus::Lost, how.empty() ? "the GPU worker is gone" : how);
  }
  JobResult result;
  if (std::string problem = expectReply(reply, answer, result); !problem.empty()) {
    drop();
    return lost(JobStatus::Lost, problem);
  }
  if (result.status == JobStatus::Faulted || result.status == JobStatus::Hung || result.status == JobStatus::Lost)
    drop(); // its context is of no use any more
  return result;
}

JobResult Gpu::run(Job job) {
  std::lock_guard lock(mutex_);
  if (auto ready = ensureWorker(); !ready)
    return lost(JobStatus::NoDevice, ready.error().message);
  const std::int64_t limit =
      options_.grace_ms + static_cast<std::int64_t>(job.launch_ms) * static_cast<std::int64_t>(job.launches.size());
  return askForJob(pack(MessageType::Run, std::move(job)), MessageType::JobResult, limit);
}

JobResult Gpu::prepare(TimingJob job) {
  std::lock_guard lock(mutex_);
  if (auto ready = ensureWorker(); !ready)
    return lost(JobStatus::NoDevice, ready.error().message);
  sample_ms_ = job.job.launch_ms;
  return askForJob(pack(MessageType::Prepare, std::move(job)), MessageType::Prepared, options_.grace_ms);
}

Samples Gpu::sample(const SampleRequest& request) {
  std::lock_guard lock(mutex_);
  Samples samples;
  if (!process_) {
    samples.detail = "the GPU worker is gone, and what was prepared with it";
    return samples;
  }
  const std::int64_t limit = options_.grace_ms + sample_ms_ * request.samples;
  FrameResult reply = ask(pack(MessageType::Sample, request), limit);
  std::string problem;
  if (reply.status == FrameStatus::TimedOut || reply.status == FrameStatus::Closed)
    problem = reply.status == FrameStatus::TimedOut ? "no answer from the GPU in time" : process_->end(false);
  else
    problem = expectReply(reply, MessageType::Samples, samples);
  if (!problem.empty()) {
    samples = {};
    samples.status = reply.status == FrameStatus::TimedOut ? JobStatus::Hung : JobStatus::Lost;
    samples.detail = problem;
  }
  if (samples.status == JobStatus::Faulted || samples.status == JobStatus::Hung || samples.status == JobStatus::Lost)
    drop();
  return samples;
}

JobResult Gpu::collect() {
  std::lock_guard lock(mutex_);
  if (!process_)
    return lost(JobStatus::Lost, "the GPU worker is gone, and what was prepared with it");
  return askForJob(pack(MessageType::Collect, Nothing{}), MessageType::JobResult, options_.grace_ms);
}

} // namespace kverify::cuda

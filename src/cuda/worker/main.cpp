// kverify-gpu-worker: owns the CUDA context, so that a kernel that breaks it costs this process and nothing else.
//   kverify-gpu-worker --fd N      answers the messages that come on descriptor N until it is closed
//   kverify-gpu-worker --job FILE  runs the one job in FILE (a framed message) and exits: what compute-sanitizer runs
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "cuda/messages.h"
#include "cuda/worker/session.h"

namespace kverify::cuda {
namespace {

Frame failure(const std::string& text) {
  return pack(MessageType::Failure, text);
}

/// After these the context is of no use, and the kernel may still run: only the end of the process ends it.
bool contextIsLost(JobStatus status) {
  return status == JobStatus::Faulted || status == JobStatus::Hung || status == JobStatus::Lost;
}

/// The answer to one message. `lost`: no further one can be answered.
Frame answer(Session& session, const Frame& request, bool& lost) {
  switch (static_cast<MessageType>(request.type)) {
  case MessageType::Hello: return pack(MessageType::Device, session.device());
  case MessageType::Run: {
    Job job;
    if (!unpack(request, job))
      return failure("a job that can't be read");
    JobResult result = session.run(job);
    lost = contextIsLost(result.status);
    return pack(MessageType::JobResult, std::move(result));
  }
  case MessageType::Prepare: {
    TimingJob job;
    if (!unpack(request, job))
      return failure("a timing job that can't be read");
    JobResult result = session.prepare(std::move(job));
    lost = contextIsLost(result.status);
    return pack(MessageType::Prepared, std::move(result));
  }
  case MessageType::Sample: {
    SampleRequest sample;
    if (!unpack(request, sample))
      return failure("a request for samples that can't be read");
    Samples samples = session.sample(sample);
    lost = contextIsLost(samples.status);
    return pack(MessageType::Samples, std::move(samples));
  }
  case MessageType::Collect: return pack(MessageType::JobResult, session.collect());
  default: return failure("a message that the worker does not know");
  }
}

int serve(int fd) {
  Printed printed;
  std::string problem;
  auto session = Session::open(printed, problem);
  for (;;) {
    FrameResult request = readFrame(fd, -1);
    if (request.status == FrameStatus::Closed)
      return 0;
    if (request.status == FrameStatus::Broken) {
      writeFrame(fd, failure(request.problem));
      return 1;
    }
    bool lost = false;
    Frame reply = session ? answer(*session, request.frame, lost) : failure(problem);
    if (!writeFrame(fd, reply))
      return 1;
    if (lost)
      _exit(3); // no destructors: they would wait for the kernel
  }
}

int runOne(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    std::fprintf(stderr, "kverify-gpu-worker: '%s' can't be opened\n", path);
    return 2;
  }
  FrameResult request = readFrame(fd, -1);
  Job job;
  if (request.status != FrameStatus::Ok || !unpack(request.frame, job)) {
    std::fprintf(stderr, "kverify-gpu-worker: '%s' holds no job\n", path);
    return 2;
  }
  Printed printed;
  std::string problem;
  auto session = Session::open(printed, problem);
  if (!session) {
    std::fprintf(stderr, "kverify-gpu-worker: %s\n", problem.c_str());
    return 4;
  }
  JobResult result = session->run(job);
  std::fprintf(stderr, "kverify-gpu-worker: %s %s\n", nameOf(result.status), result.detail.c_str());
  if (contextIsLost(result.status))
    _exit(3);
  return result.status == JobStatus::Completed ? 0 : 1;
}

} // namespace
} // namespace kverify::cuda

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, SIG_IGN); // a terminal's Ctrl-C is for kverify, which closes the pipe
  if (argc == 3 && std::strcmp(argv[1], "--fd") == 0)
    return kverify::cuda::serve(std::atoi(argv[2]));
  if (argc == 3 && std::strcmp(argv[1], "--job") == 0)
    return kverify::cuda::runOne(argv[2]);
  std::fprintf(stderr, "kverify-gpu-worker is started by kverify\n");
  return 2;
}

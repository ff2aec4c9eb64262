#pragma once
// The GPU as the rest of kverify sees it: jobs in, typed results out. Behind it a worker process, and a fresh one after
// every job that cost the last one its life.
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "cuda/messages.h"
#include "kverify/error.h"

namespace kverify::cuda {

struct GpuOptions {
  std::string worker;         ///< path of kverify-gpu-worker; empty: $KVERIFY_GPU_WORKER, else beside this program
  std::int64_t grace_ms = 60000; ///< for everything around the launches: start of the driver, copies
};

/// Thread-safe: one job at a time.
class Gpu {
public:
  explicit Gpu(GpuOptions options = {});
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  /// Errors: Environment: no worker, no driver, no device. The message says which.
  Expected<DeviceInfo> device();

  /// Never an error: what went wrong is the result's status.
  JobResult run(Job job);

  /// Timing. A worker that dies takes what was prepared with it: sample() then says Lost.
  JobResult prepare(TimingJob job);
  Samples sample(const SampleRequest& request);
  JobResult collect();

  /// How many workers were started so far.
  unsigned workersStarted() const { return started_; }

private:
  struct Process;
  Expected<void> ensureWorker();
  FrameResult ask(const Frame& request, std::int64_t timeout_ms);
  JobResult askForJob(const Frame& request, MessageType answer, std::int64_t timeout_ms);
  void drop();

  GpuOptions options_;
  std::unique_ptr<Process> process_;
  DeviceInfo device_;
  std::int64_t sample_ms_ = 0; ///< of what is prepared: the limit of one launch
  unsigned started_ = 0;
  std::mutex mutex_;
};

/// Where the worker is looked for when nobody names one.
std::string workerPath();

} // namespace kverify::cuda

#pragma once
// Where a plan runs: on the CPU's executor, on the GPU, or on both, one against the other.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/pipeline/subject.h"
#include "cuda/gpu.h"
#include "cuda/nvcc.h"
#include "kverify/check.h"
#include "simt/executor.h"

namespace kverify::unknown_reason {
inline constexpr const char* no_device = "no device";
inline constexpr const char* hang = "hang";
} // namespace kverify::unknown_reason

namespace kverify::pipeline {

enum class Backend { Simt, Cuda, Both };
std::string_view nameOf(Backend backend);
std::optional<Backend> parseBackend(std::string_view name);

struct BackendOptions {
  Backend backend = Backend::Simt;
  std::uint32_t launch_ms = 10000; ///< wall clock of one launch on the GPU
};

inline constexpr const char* kGpuFault = "gpu.fault";
inline constexpr const char* kGpuAgreement = "gpu.agreement";

/// What the GPU runs of one kernel came to. Written from several threads.
struct GpuRecord {
  std::mutex mutex;
  std::string unavailable; ///< why the GPU was not asked; empty: it was
  std::string device, compiler;
  std::uint64_t cases = 0;         ///< run on both
  std::uint64_t bitwise_equal = 0; ///< of them
  double worst_ratio = 0;          ///< largest |GPU - executor| / bound
  std::string worst_where;
  std::uint64_t disagreements = 0; ///< cases in which it was above 1 although neither left its own bound
  std::string first_disagreement;
};

struct Runner {
  std::unique_ptr<simt::Program> program;
  std::shared_ptr<GpuRecord> gpu; ///< null where no GPU was asked for
};

/// The subject made runnable there. Errors: as of simt::Program::create; with Backend::Cuda also Environment (no device, no
/// nvcc) and Compile. With Backend::Both a missing GPU is no error: GpuRecord::unavailable says why.
Expected<Runner> createRunner(const Subject& subject, const BackendOptions& backend,
                              const simt::ProgramOptions& options = {});

/// Can a run on this backend show that the check holds? What cannot be seen there is never called tested.
bool isSeenOn(Backend backend, const CheckInfo& check);

/// The process's one GPU; started at its first use.
std::shared_ptr<cuda::Gpu> sharedGpu();

/// The subject's kernels as machine code for this device. Errors: as of cuda::compileCubin.
Expected<cuda::Cubin> compileForGpu(const Subject& subject, const cuda::DeviceInfo& device);

/// A plan as the worker takes it. `cubin`: of the subject. Errors: Input (a kernel that the subject does not have), Limit
/// (one block alone is not run on a GPU).
Expected<cuda::Job> jobOf(const Subject& subject, const LaunchPlan& plan, const cuda::Cubin& cubin,
                          std::uint32_t launch_ms);

/// What the GPU's answer means: status, reason, findings (guards, read-only buffers, faults), buffers.
simt::RunResult resultOf(const Subject& subject, const LaunchPlan& plan, cuda::JobResult result);

} // namespace kverify::pipeline

#pragma once
// A module loaded on the device and the launches of a job over it.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cuda/driver.h"
#include "cuda/messages.h"
#include "cuda/worker/buffers.h"

namespace kverify::cuda {

/// Why something did not work, as the job's result says it.
struct Trouble {
  JobStatus status = JobStatus::Completed;
  CuResult error = result::success;
  std::string detail;
  std::uint32_t launch = 0;
};

/// What a CUresult means for a job.
JobStatus statusOf(CuResult error, bool at_launch);

/// Device variables start anew with every program: the module is loaded for it alone.
class LoadedProgram {
public:
  explicit LoadedProgram(const Driver& driver) : driver_(driver) {}
  ~LoadedProgram();
  LoadedProgram(const LoadedProgram&) = delete;
  LoadedProgram& operator=(const LoadedProgram&) = delete;

  /// Loads the module, finds the functions, lifts the limit of dynamic shared memory where a launch needs it.
  std::optional<Trouble> load(const Job& job);
  CuFunction fillKernel() const { return fill_; }
  std::vector<FunctionInfo> functions(const Job& job) const;

  /// Parameters with the addresses of these buffers in them.
  using Params = std::vector<std::vector<std::vector<std::uint8_t>>>; ///< [launch][parameter]
  static std::optional<Trouble> bind(const Job& job, const Buffers& buffers, Params& params);

  /// Starts one launch; does not wait.
  CuResult start(const JobLaunch& launch, std::size_t index, std::vector<std::vector<std::uint8_t>>& params) const;

  /// Waits for the event; Hung after `ms` milliseconds on the wall clock.
  std::optional<Trouble> wait(CuEvent event, std::uint32_t ms, std::uint32_t launch) const;

private:
  const Driver& driver_;
  CuModule module_ = nullptr;
  CuFunction fill_ = nullptr;
  std::vector<CuFunction> functions_; ///< one a launch
};

} // namespace kverify::cuda

#pragma once
// The worker's state: the device, and what is prepared for timing.
#include <memory>
#include <string>
#include <vector>

#include "cuda/driver.h"
#include "cuda/messages.h"
#include "cuda/nvml.h"
#include "cuda/worker/buffers.h"
#include "cuda/worker/printed.h"
#include "cuda/worker/program.h"

namespace kverify::cuda {

class Session {
public:
  /// Null, and a sentence, where no device can be had.
  static std::unique_ptr<Session> open(Printed& printed, std::string& problem);

  const DeviceInfo& device() const { return device_; }
  /// One job from nothing: module, buffers, launches, damage, results.
  JobResult run(const Job& job);
  /// Buffers for timing; they stay.
  JobResult prepare(TimingJob job);
  Samples sample(const SampleRequest& request);
  /// The buffers of the last sample.
  JobResult collect();

private:
  struct Timing {
    explicit Timing(const Driver& driver) : program(driver), pristine(driver) {}
    TimingJob request;
    LoadedProgram program;
    Buffers pristine; ///< every set's contents, one after the other
    std::vector<std::unique_ptr<Buffers>> copies;
    std::vector<LoadedProgram::Params> params; ///< of each copy
    CuPointer flush = 0;
    CuEvent begin = nullptr, end = nullptr;
    std::uint64_t turn = 0;
    std::size_t copy = 0, contents = 0; ///< of the last sample
  };

  Session(Printed& printed, std::unique_ptr<Driver> driver) : printed_(printed), driver_(std::move(driver)) {}
  std::string useDevice();
  JobResult failed(const Trouble& trouble) const;
  JobResult failed(const DriverError& error) const;
  void finish(const Job& job, const Buffers& buffers, JobResult& result) const;
  DriverError pristineContents();
  DriverError makeReady(std::size_t copy, std::size_t contents);
  std::optional<Trouble> launchAll(const Job& job, const LoadedProgram& program, LoadedProgram::Params& params, CuEvent event,
                                   bool wait_each) const;
  void dropTiming();

  Printed& printed_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<Nvml> nvml_;
  DeviceInfo device_;
  std::unique_ptr<Timing> timing_;
};

} // namespace kverify::cuda

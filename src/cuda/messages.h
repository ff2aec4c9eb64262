#pragma once
// What kverify asks of its GPU worker, and what the worker answers. Plain data: no LLVM, no pointers.
#include <cstdint>
#include <string>
#include <vector>

#include "cuda/frame.h"
#include "cuda/wire.h"

namespace kverify::cuda {

enum class MessageType : std::uint16_t {
  Hello = 1, ///< nothing            -> Device or Failure
  Device,
  Run,       ///< Job                -> JobResult
  JobResult,
  Prepare,   ///< TimingJob          -> Prepared: buffers stay, until the next Prepare or Run
  Prepared,
  Sample,    ///< SampleRequest      -> Samples
  Samples,
  Collect,   ///< nothing            -> JobResult: buffers after the last sample
  Failure,   ///< an answer to anything that makes no sense
};

struct DeviceInfo {
  std::string name;
  std::int32_t major = 0, minor = 0;          ///< compute capability
  std::int32_t multiprocessors = 0;
  std::int32_t shared_bytes = 0;              ///< of a block, with the opt-in
  std::int32_t l2_bytes = 0;
  std::int32_t clock_khz = 0, memory_clock_khz = 0, bus_bits = 0;
  std::int32_t driver = 0;                    ///< 13000 = CUDA 13.0
  std::uint64_t memory_bytes = 0;
  std::string nvml_driver;                    ///< "580.159.04", or empty without NVML
  template <class A>
  void fields(A& a) {
    a(name), a(major), a(minor), a(multiprocessors), a(shared_bytes), a(l2_bytes), a(clock_khz), a(memory_clock_khz),
        a(bus_bits), a(driver), a(memory_bytes), a(nvml_driver);
  }
};

/// What a buffer holds before the launch.
enum class Fill : std::uint8_t {
  Contents, ///< JobBuffer::contents
  Poison,   ///< bytes of 0xff: NaN, or -1: nothing that could pass for a result
  Pattern,  ///< values that the device makes itself (pattern.h), of `element`: for buffers too large to send
  Nothing,  ///< left as allocated, for compute-sanitizer's initcheck
};

/// Element types of Fill::Pattern.
enum class PatternType : std::uint8_t { F32, F16, BF16 };

struct JobBuffer {
  std::string name;
  std::uint64_t bytes = 0;
  bool read_only = false; ///< the launch must leave it as it was
  Fill fill = Fill::Poison;
  std::vector<std::uint8_t> contents;
  PatternType element = PatternType::F32;
  std::uint64_t pattern_seed = 0;
  template <class A>
  void fields(A& a) {
    a(name), a(bytes), a(read_only), a(fill), a(contents), a(element), a(pattern_seed);
  }
};

/// Where an address goes into a parameter.
struct JobPointer {
  std::uint32_t offset = 0; ///< bytes from the start of the parameter
  std::uint32_t buffer = 0;
  std::int64_t byte_offset = 0; ///< from the start of the buffer
  template <class A>
  void fields(A& a) {
    a(offset), a(buffer), a(byte_offset);
  }
};

struct JobParam {
  std::vector<std::uint8_t> bytes;
  std::vector<JobPointer> pointers;
  template <class A>
  void fields(A& a) {
    a(bytes), a(pointers);
  }
};

struct JobLaunch {
  std::string function; ///< mangled
  std::uint32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
  std::uint32_t shared_bytes = 0; ///< dynamic
  std::vector<JobParam> params;
  template <class A>
  void fields(A& a) {
    a(function);
    for (int i = 0; i < 3; ++i)
      a(grid[i]), a(block[i]);
    a(shared_bytes), a(params);
  }
};

/// A part of a buffer that is sent back.
struct JobSlice {
  std::uint32_t buffer = 0;
  std::uint64_t offset = 0, bytes = 0;
  template <class A>
  void fields(A& a) {
    a(buffer), a(offset), a(bytes);
  }
};

struct Job {
  std::vector<std::uint8_t> module; ///< a cubin
  std::vector<JobBuffer> buffers;
  std::vector<JobLaunch> launches; ///< in order
  std::uint32_t launch_ms = 10000; ///< wall clock of one launch
  std::uint64_t guard_bytes = 4096; ///< before and behind each buffer
  std::uint64_t seed = 1;           ///< of the guards' pattern
  bool all_buffers = true;          ///< else only the slices come back
  std::vector<JobSlice> slices;
  template <class A>
  void fields(A& a) {
    a(module), a(buffers), a(launches), a(launch_ms), a(guard_bytes), a(seed), a(all_buffers), a(slices);
  }
};

enum class JobStatus : std::uint8_t {
  Completed,
  LaunchRefused, ///< the device does not take this launch: too much shared memory, too many threads
  NoFunction,    ///< the module has no such function, or is none
  OutOfMemory,
  Faulted,       ///< illegal address, trap, misaligned access, …: the context is lost
  Hung,          ///< a launch did not end in its time
  Lost,          ///< the worker died, or said something that is no answer
  NoDevice,
};
const char* nameOf(JobStatus status);

/// A guard or a read-only buffer that is not what it was.
struct Damage {
  std::uint32_t buffer = 0;
  std::uint8_t where = 0;  ///< 0: before the buffer, 1: behind it, 2: in it, where it is read-only
  std::uint64_t bytes = 0; ///< how many changed
  std::int64_t first = 0;  ///< offset of the first: from the buffer's start (before: negative; behind: >= its size)
  template <class A>
  void fields(A& a) {
    a(buffer), a(where), a(bytes), a(first);
  }
};

/// What the compiler and the device made of a function.
struct FunctionInfo {
  std::string name;
  std::int32_t registers = 0, local_bytes = 0, static_shared = 0, max_threads = 0;
  std::int32_t blocks_per_multiprocessor = 0; ///< of its launch
  template <class A>
  void fields(A& a) {
    a(name), a(registers), a(local_bytes), a(static_shared), a(max_threads), a(blocks_per_multiprocessor);
  }
};

struct JobResult {
  JobStatus status = JobStatus::Lost;
  std::int32_t error = 0;   ///< CUresult
  std::string error_name;   ///< "CUDA_ERROR_ILLEGAL_ADDRESS"
  std::string detail;       ///< one sentence
  std::uint32_t launch = 0; ///< the one that failed
  std::vector<Damage> damage;
  std::vector<std::vector<std::uint8_t>> buffers; ///< or slices, in the order asked for
  std::string printed;
  std::vector<FunctionInfo> functions; ///< one a launch
  std::uint32_t contents = 0;          ///< of a timing job: which set of contents the buffers had
  double wall_ms = 0;
  template <class A>
  void fields(A& a) {
    a(status), a(error), a(error_name), a(detail), a(launch), a(damage), a(buffers), a(printed), a(functions), a(contents),
        a(wall_ms);
  }
};

/// One set of contents for every buffer with Fill::Contents, in their order.
struct ContentSet {
  std::vector<std::vector<std::uint8_t>> buffers;
  template <class A>
  void fields(A& a) {
    a(buffers);
  }
};

struct TimingJob {
  Job job;                       ///< its contents are set 0
  std::vector<ContentSet> more;  ///< sets 1 …
  std::uint32_t copies = 3;      ///< of all buffers, taken in turn when cold
  std::uint32_t sets = 1;        ///< of contents: patterns by seed (kPatternSetStep), the others as far as `more` has them
  std::uint64_t flush_bytes = std::uint64_t{256} << 20; ///< written over between cold samples: several times the L2
  template <class A>
  void fields(A& a) {
    a(job), a(more), a(copies), a(sets), a(flush_bytes);
  }
};

struct SampleRequest {
  std::uint32_t samples = 1;
  std::uint32_t batch = 1; ///< launches of the whole sequence between two events
  bool cold = true;        ///< other buffers, other contents and a flushed L2 for each sample
  template <class A>
  void fields(A& a) {
    a(samples), a(batch), a(cold);
  }
};

/// What NVML says; -1 where it says nothing.
struct Health {
  std::int32_t sm_mhz = -1, memory_mhz = -1, celsius = -1, power_mw = -1;
  std::int64_t throttle = -1; ///< bits of nvmlClocksEventReasons
  template <class A>
  void fields(A& a) {
    a(sm_mhz), a(memory_mhz), a(celsius), a(power_mw), a(throttle);
  }
  bool operator==(const Health&) const = default;
};

struct Samples {
  JobStatus status = JobStatus::Lost;
  std::string detail;
  std::vector<double> ms;      ///< of one launch of the sequence, per sample
  std::vector<double> wall_ms; ///< the same and what the device still did after the last event, by the host's clock
  std::vector<Health> health;  ///< before each sample, and after the last
  template <class A>
  void fields(A& a) {
    a(status), a(detail), a(ms), a(wall_ms), a(health);
  }
};

struct Nothing {
  template <class A>
  void fields(A&) {}
};

template <class T>
Frame pack(MessageType type, T message) {
  Writer writer;
  writer(message);
  return {static_cast<std::uint16_t>(type), writer.take()};
}

/// False where the payload is not exactly such a message.
template <class T>
bool unpack(const Frame& frame, T& message) {
  Reader reader(frame.payload);
  reader(message);
  return reader.complete();
}

} // namespace kverify::cuda

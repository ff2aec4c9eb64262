// Times the SIMT executor on the five kernels of kernels.cu, with all checks on and with none.
// One JSON line a kernel: medians over the repetitions of one launch (compiled before), shadow bytes, accesses.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>

#include <fmt/format.h>

#include "frontend/compile.h"
#include "simt/executor.h"

namespace {

using namespace kverify;

struct Job {
  const char* kernel;
  LaunchPlan plan;
};

Buffer input(const char* name, std::int64_t elements, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Buffer buffer{name, DType::F32, {elements}, {1}, elements, Access::Read, {}};
  buffer.bytes.resize(static_cast<std::size_t>(elements) * 4);
  for (std::int64_t i = 0; i < elements; ++i) {
    float value = normal(random);
    std::memcpy(&buffer.bytes[static_cast<std::size_t>(i) * 4], &value, 4);
  }
  return buffer;
}

ScalarArg integer(std::int32_t value) {
  ScalarArg arg;
  arg.bytes.resize(4);
  std::memcpy(arg.bytes.data(), &value, 4);
  return arg;
}

Job job(const char* kernel, int inputs, std::int64_t elements, Dim3 grid, Dim3 block, std::vector<int> scalars) {
  std::mt19937 random(1234);
  Job made{kernel, {}};
  KernelLaunch launch{kernel, grid, block, 0, {}};
  const char* names[] = {"a", "b", "c"};
  for (int i = 0; i < inputs; ++i)
    made.plan.buffers.push_back(input(names[i], elements, random));
  made.plan.buffers.push_back({"out", DType::F32, {elements}, {1}, elements, Access::Write, {}});
  for (std::uint32_t i = 0; i < made.plan.buffers.size(); ++i)
    launch.args.push_back(BufferArg{i, 0});
  for (int scalar : scalars)
    launch.args.push_back(integer(scalar));
  made.plan.launches.push_back(std::move(launch));
  return made;
}

/// Time of this thread on a processor: one launch runs on one thread, and other processes do not count.
double cpuMilliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

struct Timing {
  double milliseconds = 0;
  simt::RunResult last;
};

Timing measure(simt::Program& program, const LaunchPlan& plan, int repetitions) {
  std::vector<double> times;
  Timing timing;
  for (int i = 0; i <= repetitions; ++i) {
    double start = cpuMilliseconds();
    auto result = program.run(plan);
    double ms = cpuMilliseconds() - start;
    if (!result || result->status != simt::RunStatus::Completed || !result->findings.empty()) {
      std::fprintf(stderr, "the executor did not run %s cleanly\n", plan.launches[0].kernel.c_str());
      std::exit(1);
    }
    if (i > 0)
      times.push_back(ms); // the first warms up
    timing.last = std::move(*result);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  timing.milliseconds = times[times.size() / 2];
  return timing;
}

std::unique_ptr<simt::Program> program(const frontend::DeviceModule& module, bool checks, bool precise) {
  auto made = simt::Program::create(module, {checks, precise});
  if (!made)
    std::exit(2);
  return std::move(*made);
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: executor_bench bench/executor/kernels.cu [repetitions]\n");
    return 2;
  }
  int repetitions = argc > 2 ? std::atoi(argv[2]) : 21;
  auto module = frontend::compileFile(argv[1], {});
  if (!module) {
    std::fprintf(stderr, "%s\n", module.error().message.c_str());
    return 2;
  }
  auto checked = program(*module, true, false), plain = program(*module, false, false),
       precise = program(*module, true, true);
  std::vector<Job> jobs;
  jobs.push_back(job("softmax_naive", 1, 128 * 1024, {8}, {16}, {1024}));
  jobs.push_back(job("softmax_wg", 1, 128 * 1024, {128}, {128}, {1024}));
  jobs.push_back(job("matmul_tiled", 2, 64 * 64, {4, 4}, {16, 16}, {64}));
  jobs.push_back(job("attn_naive", 3, 128 * 64, {128}, {128}, {128, 64}));
  jobs.push_back(job("attn_flash", 3, 128 * 64, {2}, {64}, {128, 64}));
  for (Job& each : jobs) {
    Timing with = measure(*checked, each.plan, repetitions);
    Timing without = measure(*plain, each.plan, repetitions);
    Timing told = measure(*precise, each.plan, 1);
    double touched = 0;
    for (const Buffer& buffer : each.plan.buffers)
      touched += static_cast<double>(buffer.elements) * 4;
    auto accesses = static_cast<double>(told.last.stats.accesses);
    std::puts(
        fmt::format("{{\"kernel\":\"{}\",\"ms\":{:.4f},\"plain_ms\":{:.4f},\"precise_ms\":{:.2f},\"accesses\":{:.0f},"
                    "\"ns_per_access\":{:.3f},\"shadow_bytes_per_4\":{:.2f}}}",
                    each.kernel, with.milliseconds, without.milliseconds, told.milliseconds, accesses,
                    with.milliseconds * 1e6 / accesses, 4 * static_cast<double>(with.last.stats.shadow_bytes) / touched)
            .c_str());
    std::fflush(stdout);
  }
  return 0;
}

// What shadow values cost: each kernel of the corpus plain (no checks), checked, and in the three domains, on one
// thread, in processor time. Each row is the median of `--runs` runs of one case, compilation and JIT left out.
//
//   shadow_bench [--runs N] [--only TEXT] [FOLDER]   (from the repository's root; FOLDER defaults to kernels)
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "frontend/compile.h"
#include "fuzz/generate/cases.h"
#include "kverify/contract.h"
#include "simt/executor.h"

namespace {

using namespace kverify;

struct Kernel {
  const char* folder;
  Sizes sizes;
};

const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all = {
      {"softmax/row_block_f32", {{"R", 64}, {"N", 1024}}},
      {"softmax/online_warp_f32", {{"R", 64}, {"N", 1024}}},
      {"layer_norm/two_pass_f32", {{"R", 64}, {"N", 1024}}},
      {"layer_norm/welford_warp_f32", {{"R", 64}, {"N", 1024}}},
      {"attention/naive_f32", {{"B", 1}, {"H", 2}, {"Nq", 64}, {"Nk", 64}, {"D", 64}, {"Dv", 64}}},
      {"attention/tiled_f32", {{"B", 1}, {"H", 2}, {"Nq", 64}, {"Nk", 64}}},
      {"attention/flash_v1_f32", {{"B", 1}, {"H", 2}, {"Nq", 64}, {"Nk", 64}}},
      {"attention/flash_v2_f32", {{"B", 1}, {"H", 2}, {"Nq", 64}, {"Nk", 64}}},
      {"attention/flash_causal_gqa_f32", {{"B", 1}, {"Hk", 1}, {"G", 2}, {"Nq", 64}, {"Nk", 64}}},
      {"attention/decode_splitkv_f32", {{"B", 1}, {"Hk", 2}, {"G", 2}, {"Nk", 512}, {"S", 4}}},
      {"attention/flash_f16_mma", {{"B", 1}, {"H", 2}, {"Nq", 128}, {"Nk", 128}}},
      {"attention/flash_bf16_mma", {{"B", 1}, {"H", 2}, {"Nq", 128}, {"Nk", 128}}},
      {"attention/sliding_window_f32", {{"B", 1}, {"H", 2}, {"Nq", 64}, {"Nk", 128}, {"W", 64}}},
      {"attention/softcap_alibi_f32", {{"B", 1}, {"H", 2}, {"Nq", 64}, {"Nk", 64}}},
      {"attention/varlen_f32", {{"Tq", 128}, {"Tk", 128}, {"S", 2}, {"H", 2}}},
      {"attention/paged_decode_f32", {{"B", 2}, {"Hk", 2}, {"G", 2}, {"Pages", 40}, {"Page", 16}, {"Blocks", 16}}},
      {"attention/decode_mqa_f16", {{"B", 2}, {"H", 4}, {"Nk", 256}}},
      {"attention/backward_f32", {{"B", 1}, {"H", 2}, {"Nq", 64}, {"Nk", 64}}},
      {"cross_entropy/row_block_f32", {{"R", 64}, {"C", 1024}}},
      {"matmul/tiled_f32", {{"M", 128}, {"N", 128}, {"K", 64}}},
      {"rms_norm/row_block_f32", {{"R", 64}, {"N", 1024}}},
      {"rms_norm/backward_f32", {{"R", 64}, {"N", 1024}}},
      {"rope/half_table_f32", {{"T", 128}, {"H", 16}}}};
  return all;
}

[[noreturn]] void stop(const std::string& message) {
  fmt::print(stderr, "shadow_bench: {}\n", message);
  std::exit(2);
}

template <class T>
T take(Expected<T> value) {
  if (!value)
    stop(value.error().message);
  return std::move(*value);
}

/// Of this thread: what else runs on the machine does not count.
double processorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(simt::Program& program, const LaunchPlan& plan, int runs) {
  std::vector<double> times;
  for (int i = 0; i <= runs; ++i) { // the first one compiles
    const double start = processorSeconds();
    simt::RunResult run = take(program.run(plan));
    const double seconds = processorSeconds() - start;
    if (run.status != simt::RunStatus::Completed || !run.findings.empty())
      stop("a kernel of the corpus did not run to its end");
    if (i > 0)
      times.push_back(seconds);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return 1e3 * times[times.size() / 2];
}

void row(const std::string& root, const Kernel& kernel, int runs) {
  const std::string folder = root + "/" + kernel.folder;
  Contract contract = take(loadContract(folder + "/contract.json"));
  frontend::CompileOptions options;
  options.headers = frontend::CudaHeaders::Builtin;
  for (const LaunchDecl& launch : contract.launches)
    options.kernels.push_back(launch.kernel);
  frontend::DeviceModule module = take(frontend::compileFile(folder + "/kernel.cu", options));
  generate::Case one;
  one.seed = 1;
  one.family = "normal";
  one.sizes = take(completeSizes(contract, kernel.sizes));
  LaunchPlan plan = take(generate::buildPlan(contract, module.kernels, one));
  auto time = [&](simt::ProgramOptions how) { return median(*take(simt::Program::create(module, how)), plan, runs); };
  const double plain = time({.checks = false}), checked = time({});
  std::string line = fmt::format("| {} | {:.2f} | {:.2f} |", kernel.folder, plain, checked);
  for (auto domain : {simt::ShadowDomain::Field, simt::ShadowDomain::DoubleDouble, simt::ShadowDomain::Interval}) {
    const double shadow = time({.checks = false, .shadow = domain});
    line += fmt::format(" {:.2f} | {:.1f}x | {:.1f}x |", shadow, shadow / plain, shadow / checked);
  }
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
  std::string root = "kernels", only;
  int runs = 9;
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
      runs = std::max(1, std::atoi(argv[++i]));
    else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc)
      only = argv[++i];
    else
      root = argv[i];
  fmt::print("| kernel | plain, ms | checked, ms | field, ms | of plain | of checked | double-double, ms | of plain | of "
             "checked | interval, ms | of plain | of checked |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Kernel& kernel : kernels())
    if (std::string(kernel.folder).find(only) != std::string::npos)
      row(root, kernel, runs);
}

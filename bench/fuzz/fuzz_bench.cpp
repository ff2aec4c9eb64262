// fuzz_bench KERNEL_FOLDER…: how many launches a second the fuzz stage judges, by the length of the reduction. One thread.
// Each row: the contract's growth size, the time of filling the inputs, of the run under all checks, of the reference.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/pipeline/subject.h"
#include "fuzz/generate/sizes.h"
#include "fuzz/judge/judge.h"
#include "simt/executor.h"

namespace kverify::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

/// Median seconds of five.
template <class Work>
double timed(Work work) {
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    auto start = Clock::now();
    work();
    times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[2];
}

std::optional<Sizes> sizesAt(const Contract& contract, const std::string& along, std::int64_t n) {
  Sizes free;
  for (const SizeDecl& size : contract.sizes) {
    if (size.kind == SizeDecl::Kind::Range)
      free[size.name] = size.name == along ? n : size.low;
    if (size.kind == SizeDecl::Kind::List)
      free[size.name] = size.list.front();
    if (size.name == along && !size.allows(n))
      return std::nullopt;
  }
  auto sizes = completeSizes(contract, free);
  auto broken = sizes ? brokenRequirement(contract, *sizes) : Expected<const Expr*>(nullptr);
  return sizes && broken && !*broken ? std::optional(*sizes) : std::nullopt;
}

int measure(const std::string& folder, const std::string& along) {
  auto subject = prepare({.source = folder + "/kernel.cu", .contract = folder + "/contract.json"}, {});
  auto program = subject ? simt::Program::create(subject->module) : Expected<std::unique_ptr<simt::Program>>(nullptr);
  if (!subject || !program) {
    fmt::print(stderr, "{}: {}\n", folder, subject ? program.error().message : subject.error().message);
    return 2;
  }
  for (std::int64_t n = 16; n <= 4096; n *= 4) {
    auto sizes = sizesAt(*subject->contract, along, n);
    if (!sizes)
      continue;
    generate::Case one{.seed = 1, .family = "normal", .sizes = *sizes};
    Expected<LaunchPlan> plan = planOf(*subject, one, std::uint64_t{4} << 30);
    if (!plan)
      continue;
    double fill = timed([&] { plan = planOf(*subject, one, std::uint64_t{4} << 30); });
    Expected<simt::RunResult> run = (*program)->run(*plan);
    double ran = timed([&] { run = (*program)->run(*plan); });
    if (!run || run->status != simt::RunStatus::Completed)
      continue;
    double judged = timed([&] { (void)judge::judge(*subject->contract, *plan, run->buffers); });
    fmt::print("| {} | {}={} | {:.3f} | {:.3f} | {:.3f} | {:.0f} |\n", folder, along, n, 1e3 * fill, 1e3 * ran, 1e3 * judged,
               1 / (fill + ran + judged));
  }
  return 0;
}

} // namespace
} // namespace kverify::pipeline

int main(int argc, char** argv) {
  if (argc < 3 || argc % 2 == 0) {
    fmt::print(stderr, "usage: fuzz_bench FOLDER SIZE [FOLDER SIZE …]\n");
    return 2;
  }
  fmt::print("| kernel | size | inputs, ms | run under all checks, ms | reference and bound, ms | cases a second |\n"
             "| --- | --- | --- | --- | --- | --- |\n");
  int worst = 0;
  for (int i = 1; i + 1 < argc; i += 2)
    worst = std::max(worst, kverify::pipeline::measure(argv[i], argv[i + 1]));
  return worst;
}

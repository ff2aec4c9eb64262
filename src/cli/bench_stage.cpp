#include "cli/bench_stage.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "bench/timing/outcome.h"
#include "bench/timing/sampled.h"
#include "bench/timing/shapes.h"
#include "contract/instantiate.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

/// Is a row of these results judged alone? Else the reference computes them all.
bool rowsStandAlone(const pipeline::Subject& subject, const bench::Shape& shape, std::uint64_t seed) {
  auto plan = contract::instantiate(*subject.contract, subject.module.kernels, shape.sizes, {.memory_bytes = std::uint64_t{1} << 40});
  return plan && bench::SampledRows::choose(subject, *plan, 1, seed);
}

} // namespace

Expected<std::vector<bench::Shape>> shapesFor(const pipeline::Subject& subject, std::uint64_t seed, bool held_back) {
  const std::string beside = bench::shapesPathFor(subject.job.contract);
  struct stat file;
  if (!beside.empty() && stat(beside.c_str(), &file) == 0)
    return bench::readShapes(beside, *subject.contract);
  std::vector<bench::Shape> shapes = bench::shapesOf(*subject.contract);
  if (!shapes.empty() && !rowsStandAlone(subject, shapes.front(), seed))
    shapes = bench::shapesOf(*subject.contract, 3e8, bench::kWholeResultWork);
  if (held_back)
    for (bench::Shape& shape : bench::heldBackFor(shapes, *subject.contract, seed))
      shapes.push_back(std::move(shape));
  return shapes;
}

void judgeTiming(const pipeline::Job& job, const pipeline::AuditOptions& options, KernelReport& report) {
  if (report.error)
    return;
  auto give_up = [&](const char* code, std::string why) { bench::addUntimed({code, std::move(why)}, report); };
  if (job.contract.empty())
    return give_up(unknown_reason::no_spec, "without a contract nobody knows what to time");
  auto device = pipeline::sharedGpu()->device();
  if (!device)
    return give_up(unknown_reason::no_device, device.error().message);
  auto subject = pipeline::prepare(job, options.compile);
  if (!subject) {
    report.error = subject.error();
    return;
  }
  auto shapes = shapesFor(*subject, options.seed, false);
  if (!shapes || shapes->empty())
    return give_up(unknown_reason::no_cases, shapes ? "no shape fits into the memory that a timing takes" : shapes.error().message);
  bench::BenchOptions bench_options{.rule = {.seconds = 1}, .rounds = 3, .seed = options.seed, .launch_ms = options.backend.launch_ms};
  bench::BenchReport timed = bench::runBench(*subject, *shapes, nullptr, bench_options);
  bench::addOutcomes(timed, *subject, options.seed, report);
  for (const bench::ShapeReport& shape : timed.shapes)
    if (shape.problem.empty())
      report.notes.push_back(fmt::format("{}: {:.4g} us cold, {:.1f} TFLOP/s, {:.0f} GB/s", shape.shape.text(),
                                         1e3 * shape.cold.summary.median, shape.flopsPerSecond() / 1e12, shape.bytesPerSecond() / 1e9));
  report.verdict = foldVerdict(report.outcomes, options.policy);
}

} // namespace kverify::cli

#include "bench/timing/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include <fmt/format.h>

#include "bench/timing/google.h"
#include "cli/pipeline/backend.h"

namespace kverify::bench {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr double kShortMs = 0.010;  // below that, launches are timed in batches
constexpr double kBatchMs = 0.200;  // of about this length
constexpr auto kCoolDown = std::chrono::milliseconds(1500);
constexpr double kSlowMs = 100;     // above that, every sample is thought over
constexpr unsigned kAtATime = 10;

double onceMs(const SampleSet& set) {
  return set.ms.empty() ? 1 : median(set.ms);
}

void add(Mode& mode, const SampleSet& set) {
  mode.ms.insert(mode.ms.end(), set.ms.begin(), set.ms.end());
  mode.discarded += set.discarded;
  if (!set.throttle.empty())
    mode.throttle = set.throttle;
  mode.wall_excess_ms = std::max(mode.wall_excess_ms, set.wall_excess_ms);
}

/// Everything about one shape.
class ShapeRun {
public:
  ShapeRun(Contender& kernel, Contender* baseline, const BenchOptions& options, ShapeReport& report)
      : kernel_(kernel), baseline_(baseline), options_(options), report_(report) {}

  void run() {
    if (auto ready = kernel_.prepare(report_.shape); !ready)
      return fail(ready.error());
    report_.functions = kernel_.functions();
    auto first = kernel_.sample(1, 1, true);
    if (!first)
      return fail(first.error());
    if (!first->health.empty())
      report_.before = first->health.front();
    report_.rechecks.push_back(kernel_.recheck());
    for (auto [cold, to] : {std::pair(true, &report_.cold), std::pair(false, &report_.hot)}) {
      auto mode = timed(cold);
      if (!mode)
        return fail(mode.error());
      *to = std::move(*mode);
      if (cold)
        report_.rechecks.push_back(kernel_.recheck());
    }
    interleave();
  }

private:
  void fail(const ToolError& error) { report_.problem = error.message; }

  /// Through Google Benchmark, so that its output and its tools know the measurement, too.
  Expected<Mode> timed(bool cold) {
    Expected<Mode> result = kverify::fail(ErrorKind::Internal, "it was not timed");
    runAsBenchmark(fmt::format("{}/{}/{}", kernel_.name(), report_.shape.text(), cold ? "cold" : "hot"), [&]() -> BenchmarkFigures {
      result = measure(kernel_, cold, options_.rule);
      if (!result)
        return {.error = result.error().message};
      return {.seconds = result->summary.median * 1e-3, .flops = report_.work.flops, .bytes = report_.work.bytes,
              .samples = result->summary.count, .uncertainty = result->summary.uncertainty()};
    });
    return result;
  }

  /// Kernel, baseline, kernel, and again: drift hits all of them.
  void interleave() {
    bool with_baseline = baseline_ != nullptr;
    if (with_baseline)
      if (auto ready = baseline_->prepare(report_.shape); !ready) {
        report_.baseline_problem = ready.error().message;
        with_baseline = false;
      }
    if (with_baseline && !baseline_->sample(3, 1, true)) // warm-up
      with_baseline = false;
    const unsigned each = report_.cold.summary.median < kSlowMs ? options_.each : 1;
    for (unsigned i = 0; i < options_.rounds; ++i) {
      auto a = kernel_.sample(each, 1, true);
      Expected<SampleSet> b = with_baseline ? baseline_->sample(each, 1, true) : SampleSet{};
      auto again = kernel_.sample(each, 1, true);
      if (!a || !again)
        return fail(!a ? a.error() : again.error());
      if (!b) {
        report_.baseline_problem = b.error().message;
        with_baseline = false;
      } else if (with_baseline) {
        report_.against_baseline.rounds.push_back({a->ms, b->ms});
        report_.baseline_ms.insert(report_.baseline_ms.end(), b->ms.begin(), b->ms.end());
      }
      report_.against_itself.rounds.push_back({a->ms, again->ms});
      if (!again->health.empty())
        report_.after = again->health.back();
    }
    report_.rechecks.push_back(kernel_.recheck());
    if (!report_.baseline_ms.empty())
      report_.baseline = summarise(report_.baseline_ms);
  }

  Contender& kernel_;
  Contender* baseline_;
  const BenchOptions& options_;
  ShapeReport& report_;
};

void compare(BenchReport& report, const BenchOptions& options) {
  std::vector<ShapeTimes> declared, held, null;
  for (const ShapeReport& shape : report.shapes) {
    if (!shape.problem.empty())
      continue;
    null.push_back(shape.against_itself);
    if (shape.baseline)
      (shape.shape.held_back ? held : declared).push_back(shape.against_baseline);
  }
  const GapOptions gap{.seed = options.seed};
  if (!null.empty()) {
    report.against_itself = gapOf(null, gap);
    report.null_spread = spreadOf(*report.against_itself);
  }
  if (!declared.empty()) {
    report.declared = gapOf(declared, gap);
    report.claim = claimOf(*report.declared, report.null_spread);
  }
  if (!held.empty())
    report.held_back = gapOf(held, gap);
  report.overfitted = report.declared && report.held_back && looksOverfitted(*report.declared, *report.held_back, report.null_spread);
}

Expected<Work> workAt(const pipeline::Subject& subject, const Shape& shape) {
  auto plan = contract::instantiate(*subject.contract, subject.module.kernels, shape.sizes,
                                    {.memory_bytes = std::uint64_t{1} << 40});
  if (!plan)
    return tl::unexpected(plan.error());
  return workOf(*subject.contract, *plan);
}

} // namespace

std::pair<double, double> ShapeReport::worstAgainstFloor() const {
  const std::pair<double, double> by_cold{cold.summary.median, floor_ms}, by_hot{hot.summary.median, hot_floor_ms};
  if (hot.summary.count == 0 || hot_floor_ms <= 0)
    return by_cold;
  return by_hot.first * by_cold.second < by_cold.first * by_hot.second ? by_hot : by_cold;
}

bool ShapeReport::impossible() const {
  const auto [ms, floor] = worstAgainstFloor();
  return problem.empty() && cold.summary.count > 0 && floor > 0 && ms < kImpossibleBelow * floor;
}

double ShapeReport::flopsPerSecond() const {
  return cold.summary.median > 0 ? work.flops / (cold.summary.median * 1e-3) : 0;
}

double ShapeReport::bytesPerSecond() const {
  return cold.summary.median > 0 ? work.bytes / (cold.summary.median * 1e-3) : 0;
}

Expected<Mode> measure(Contender& contender, bool cold, const StoppingRule& rule) {
  Mode mode;
  auto warm = contender.sample(1, 1, cold);
  for (int i = 0; i < 2 && warm && onceMs(*warm) < kSlowMs; ++i)
    warm = contender.sample(1, 1, cold);
  if (!warm)
    return tl::unexpected(warm.error());
  const double once = onceMs(*warm);
  const unsigned at_a_time = once < kSlowMs ? kAtATime : 1;
  if (!cold && once < kShortMs)
    mode.batch = static_cast<unsigned>(std::ceil(kBatchMs / std::max(once, 1e-4)));
  const auto start = Clock::now();
  while ((mode.why = shouldStop(rule, mode.summary, secondsSince(start))) == StopWhy::Go) {
    auto set = contender.sample(at_a_time, mode.batch, cold);
    if (!set)
      return tl::unexpected(set.error());
    add(mode, *set);
    mode.summary = summarise(mode.ms);
  }
  if (mode.ms.empty())
    return fail(ErrorKind::Environment, fmt::format("every sample was taken while the card was throttled ({})", mode.throttle));
  return mode;
}

BenchReport runBench(const pipeline::Subject& subject, const std::vector<Shape>& shapes, Contender* baseline,
                     const BenchOptions& options) {
  const auto start = Clock::now();
  BenchReport report{.file = subject.job.source, .kernel = subject.displayName(), .contract = subject.job.contract};
  report.baseline = baseline ? baseline->name() : "";
  auto stop = [&](const ToolError& error) {
    report.problem = error.message;
    report.no_device = error.kind == ErrorKind::Environment;
    report.seconds = secondsSince(start);
    return report;
  };
  auto say = [&](const std::string& what) {
    if (options.progress)
      options.progress(what);
  };
  auto device = pipeline::sharedGpu()->device();
  if (!device)
    return stop(device.error());
  report.device = *device;
  auto kernel = kernelContender(subject, options.seed, options.launch_ms);
  if (!kernel)
    return stop(kernel.error());
  report.kernels = *compiledOf(**kernel);
  say("measuring the roof");
  auto peaks = measurePeaks(*pipeline::sharedGpu());
  if (!peaks)
    return stop(peaks.error());
  report.peaks = *peaks;
  std::this_thread::sleep_for(kCoolDown); // the roof's own measurement brings a card to its power cap for a moment
  report.compiler = peaks->where;
  for (const Shape& shape : shapes) {
    say(shape.text());
    ShapeReport& one = report.shapes.emplace_back();
    one.shape = shape;
    auto work = workAt(subject, shape);
    if (!work) {
      one.problem = work.error().message;
      continue;
    }
    one.work = *work;
    const double cache = report.device.l2_bytes;
    const double cold_bytes = work->bytes - work->written + std::max(0.0, work->written - cache);
    one.floor_ms = floorMs(work->flops, cold_bytes, work->unit, report.peaks);
    one.hot_floor_ms = floorMs(work->flops, std::max(0.0, work->bytes - cache), work->unit, report.peaks);
    ShapeRun(**kernel, baseline, options, one).run();
  }
  compare(report, options);
  report.seconds = secondsSince(start);
  return report;
}

} // namespace kverify::bench

#include "bench/timing/google.h"

#include <fstream>
#include <memory>
#include <ostream>
#include <vector>

#include <benchmark/benchmark.h>

namespace kverify::bench {
namespace {

/// The library's JSON over several of its runs: one context, all results.
class Collector : public benchmark::JSONReporter {
public:
  bool ReportContext(const Context& context) override {
    if (!file_ || begun_)
      return true;
    begun_ = true;
    SetOutputStream(file_.get());
    return JSONReporter::ReportContext(context);
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    if (file_)
      JSONReporter::ReportRuns(runs);
  }
  void Finalize() override {} // more may come
  void open(const std::string& path) { file_ = std::make_unique<std::ofstream>(path); }
  void close() {
    if (file_ && begun_)
      JSONReporter::Finalize();
    file_.reset();
  }

private:
  std::unique_ptr<std::ofstream> file_;
  bool begun_ = false;
};

Collector& collector() {
  static Collector one;
  return one;
}

} // namespace

void runAsBenchmark(const std::string& name, const std::function<BenchmarkFigures()>& measurement) {
  auto body = [&](benchmark::State& state) {
    for (auto _ : state) {
      BenchmarkFigures figures = measurement();
      if (!figures.error.empty()) {
        state.SkipWithError(figures.error.c_str());
        break;
      }
      state.SetIterationTime(figures.seconds);
      if (figures.seconds > 0) {
        state.counters["FLOP/s"] = figures.flops / figures.seconds;
        state.counters["B/s"] = figures.bytes / figures.seconds;
      }
      state.counters["samples"] = static_cast<double>(figures.samples);
      state.counters["uncertainty"] = figures.uncertainty;
    }
  };
  benchmark::ClearRegisteredBenchmarks();
  benchmark::RegisterBenchmark(name.c_str(), body)->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond);
  benchmark::RunSpecifiedBenchmarks(&collector());
  benchmark::ClearRegisteredBenchmarks();
}

void writeBenchmarksTo(const std::string& path) {
  if (!path.empty())
    collector().open(path);
}

void finishBenchmarks() {
  collector().close();
}

} // namespace kverify::bench

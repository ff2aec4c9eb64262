#include "bench/timing/render.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cuda/nvml.h"

namespace kverify::bench {
namespace {

using Json = nlohmann::ordered_json;

const char* nameOf(StopWhy why) {
  switch (why) {
  case StopWhy::Sure: return "sure";
  case StopWhy::TimeUp: return "time up";
  case StopWhy::Enough: return "samples enough";
  case StopWhy::Go: return "cut short";
  }
  return "?";
}

std::string timeText(double ms) {
  return ms < 1 ? fmt::format("{:.2f} us", ms * 1e3) : fmt::format("{:.4f} ms", ms);
}

std::string modeText(const char* name, const Mode& mode) {
  if (mode.summary.count == 0)
    return {};
  const Summary& s = mode.summary;
  std::string text = fmt::format("    {:<5} {:>11} median, +-{:.2f} % ({}), IQR {:.2f} %, CV {:.2f} %, {} samples{}", name,
                                 timeText(s.median), 100 * s.uncertainty(), nameOf(mode.why), 100 * s.iqr() / s.median, 100 * s.cv(),
                                 s.count, mode.batch > 1 ? fmt::format(" of {} launches", mode.batch) : "");
  if (mode.discarded)
    text += fmt::format(", {} discarded ({})", mode.discarded, mode.throttle);
  return text + "\n";
}

/// 0 where that peak is not known.
double computePeak(const BenchReport& report, const ShapeReport& shape) {
  auto at = report.peaks.flops_per_s.find(shape.work.unit);
  return at == report.peaks.flops_per_s.end() ? 0 : at->second;
}

std::string roofText(const BenchReport& report, const ShapeReport& shape) {
  std::string text = "    roof  ";
  if (shape.work.flops > 0)
    text += fmt::format("{:.1f} TFLOP/s, {:.1f} % of what {} reaches; ", shape.flopsPerSecond() / 1e12,
                        100 * shape.flopsPerSecond() / computePeak(report, shape), shape.work.unit);
  text += fmt::format("{:.0f} GB/s, {:.1f} % of the bandwidth; floor {}", shape.bytesPerSecond() / 1e9,
                      100 * shape.bytesPerSecond() / report.peaks.bytes_per_s, timeText(shape.floor_ms));
  return text + "\n";
}

std::string healthText(const ShapeReport& shape) {
  auto one = [](const cuda::Health& h) {
    return h.sm_mhz < 0 ? std::string("unknown")
                        : fmt::format("SM {} MHz, memory {} MHz, {} C, throttle: {}", h.sm_mhz, h.memory_mhz, h.celsius,
                                      cuda::throttleText(h.throttle & ~std::int64_t{1}));
  };
  return fmt::format("    card  before: {}; after: {}\n", one(shape.before), one(shape.after));
}

std::string recheckText(const ShapeReport& shape) {
  double worst = 0;
  std::uint64_t compared = 0, checked = 0;
  std::string problem;
  for (const Recheck& recheck : shape.rechecks) {
    if (!recheck.judgement) {
      problem = recheck.problem;
      continue;
    }
    ++checked;
    compared += recheck.judgement->compared;
    worst = std::max(worst, recheck.judgement->worst_ratio);
  }
  if (checked == 0)
    return fmt::format("    check not made: {}\n", problem);
  return fmt::format("    check {} of the timed launches, {} elements: worst error {:.3g} of the bound\n", checked, compared, worst);
}

std::string shapeText(const BenchReport& report, const ShapeReport& shape) {
  std::string text = fmt::format("  {}{}\n", shape.shape.text(), shape.shape.held_back ? "   (held back)" : "");
  if (!shape.problem.empty())
    return text + "    not timed: " + shape.problem + "\n";
  text += modeText("cold", shape.cold) + modeText("hot", shape.hot) + roofText(report, shape) + recheckText(shape) + healthText(shape);
  if (shape.impossible())
    text += fmt::format("    PHYSICALLY IMPOSSIBLE: {} is under the floor of {}\n", timeText(shape.worstAgainstFloor().first),
                        timeText(shape.worstAgainstFloor().second));
  if (shape.baseline)
    text += fmt::format("    gap   {:.3f}: baseline {} median of {} samples\n",
                        shape.baseline->median / shape.cold.summary.median, timeText(shape.baseline->median), shape.baseline->count);
  if (!shape.baseline_problem.empty())
    text += "    gap   none: " + shape.baseline_problem + "\n";
  return text;
}

std::string gapText(const char* name, const std::optional<Gap>& gap) {
  if (!gap)
    return {};
  return fmt::format("  {:<22} {:.3f}  [{:.3f}, {:.3f}]  over {} shapes\n", name, gap->value, gap->interval.low, gap->interval.high,
                     gap->shapes.size());
}

Json toJson(const Interval& interval) {
  return Json::array({interval.low, interval.high});
}

Json toJson(const std::optional<Gap>& gap) {
  if (!gap)
    return nullptr;
  return {{"value", gap->value}, {"interval", toJson(gap->interval)}, {"shapes", gap->shapes}};
}

Json toJson(const Mode& mode) {
  const Summary& s = mode.summary;
  Json j = {{"median_ms", s.median}, {"q1_ms", s.q1},        {"q3_ms", s.q3},           {"cv", s.cv()},
            {"batch", mode.batch},   {"samples", mode.ms}, {"stopped", nameOf(mode.why)}, {"discarded", mode.discarded},
            {"throttle", mode.throttle}};
  j["interval_ms"] = s.interval ? toJson(*s.interval) : Json(nullptr);
  return j;
}

Json toJson(const cuda::Health& h) {
  return {{"sm_mhz", h.sm_mhz}, {"memory_mhz", h.memory_mhz}, {"celsius", h.celsius}, {"power_mw", h.power_mw}, {"throttle", h.throttle}};
}

Json toJson(const BenchReport& report, const ShapeReport& shape) {
  Json j = {{"sizes", shape.shape.sizes}, {"held_back", shape.shape.held_back}, {"problem", shape.problem}};
  if (!shape.problem.empty())
    return j;
  const double compute = computePeak(report, shape);
  j["cold"] = toJson(shape.cold);
  j["hot"] = toJson(shape.hot);
  j["flops"] = shape.work.flops;
  j["bytes"] = shape.work.bytes;
  j["unit"] = shape.work.unit;
  j["floor_ms"] = shape.floor_ms;
  j["hot_floor_ms"] = shape.hot_floor_ms;
  j["flops_per_s"] = shape.flopsPerSecond();
  j["bytes_per_s"] = shape.bytesPerSecond();
  j["part_of_compute"] = compute > 0 ? shape.flopsPerSecond() / compute : 0;
  j["part_of_bandwidth"] = report.peaks.bytes_per_s > 0 ? shape.bytesPerSecond() / report.peaks.bytes_per_s : 0;
  j["impossible"] = shape.impossible();
  j["before"] = toJson(shape.before);
  j["after"] = toJson(shape.after);
  j["rechecks"] = Json::array();
  for (const Recheck& recheck : shape.rechecks) {
    Json one = {{"set", recheck.set}, {"problem", recheck.problem}};
    if (recheck.judgement) // JSON has no infinity
      one.update({{"compared", recheck.judgement->compared},
                  {"worst_ratio", std::isfinite(recheck.judgement->worst_ratio) ? Json(recheck.judgement->worst_ratio) : Json("infinite")},
                  {"where", recheck.judgement->where}});
    j["rechecks"].push_back(std::move(one));
  }
  j["occupancy"] = Json::array();
  for (const cuda::FunctionInfo& f : shape.functions)
    j["occupancy"].push_back({{"function", f.name}, {"registers", f.registers}, {"local_bytes", f.local_bytes},
                              {"blocks_per_multiprocessor", f.blocks_per_multiprocessor}});
  j["baseline_ms"] = shape.baseline_ms;
  j["baseline_problem"] = shape.baseline_problem;
  return j;
}

} // namespace

std::string renderText(const BenchReport& report) {
  std::string text = fmt::format("{}  {}\n", report.file, report.kernel);
  if (!report.problem.empty())
    return text + "  not timed: " + report.problem + "\n";
  text += fmt::format("  {} (sm_{}{}, {} multiprocessors, driver {}), {}\n", report.device.name, report.device.major, report.device.minor,
                      report.device.multiprocessors, report.device.nvml_driver, report.compiler);
  text += fmt::format("  roof: {:.0f} GB/s (copy {:.0f}, read {:.0f}, write {:.0f})", report.peaks.bytes_per_s / 1e9,
                      report.peaks.copy_bytes_per_s / 1e9, report.peaks.read_bytes_per_s / 1e9, report.peaks.write_bytes_per_s / 1e9);
  for (const auto& [type, rate] : report.peaks.flops_per_s)
    text += fmt::format(", {} {:.1f} TFLOP/s", type, rate / 1e12);
  text += fmt::format(" (mma.sync bf16 {:.1f}); an empty launch {:.2f} us\n", report.peaks.mma_bf16_flops_per_s / 1e12,
                      report.peaks.empty_launch_us);
  for (const cuda::CompiledKernel& kernel : report.kernels) {
    const cuda::PtxasFunction& r = kernel.resources;
    text += fmt::format("  {}: {} registers, {} bytes spilled, {} bytes of static shared memory", r.name, r.registers,
                        r.spill_store_bytes, r.static_shared_bytes);
    for (const ShapeReport& shape : report.shapes)
      for (const cuda::FunctionInfo& f : shape.functions)
        if (&shape == &report.shapes.front() && f.name == r.name)
          text += fmt::format(", {} blocks a multiprocessor", f.blocks_per_multiprocessor);
    text += "\n";
  }
  text += "\n";
  for (const ShapeReport& shape : report.shapes)
    text += shapeText(report, shape);
  text += "\n";
  text += gapText("itself (A/A)", report.against_itself);
  if (!report.baseline.empty()) {
    text += fmt::format("  Kernel Gap against {}\n", report.baseline);
    text += gapText("declared shapes", report.declared) + gapText("held-back shapes", report.held_back);
    text += fmt::format("  claim: {}{}\n", report.claim == Claim::Inconclusive ? "INCONCLUSIVE" : nameOf(report.claim),
                        report.overfitted ? "; OVERFITTED: the declared shapes do better than those that were held back" : "");
  }
  for (const std::string& plot : report.plots)
    text += "  = plot: " + plot + "\n";
  for (const std::string& note : report.notes)
    text += "  = note: " + note + "\n";
  return text + fmt::format("  in {:.1f} s\n", report.seconds);
}

std::string renderJson(const BenchReport& report, const std::string& tool_version, const std::string& command) {
  Json j = {{"format", kBenchFormat}, {"tool_version", tool_version}, {"command", command},
            {"file", report.file},    {"kernel", report.kernel},      {"contract", report.contract},
            {"problem", report.problem}};
  if (report.problem.empty()) {
    j["device"] = {{"name", report.device.name},       {"compute", fmt::format("{}.{}", report.device.major, report.device.minor)},
                   {"driver", report.device.nvml_driver}, {"cuda", report.device.driver},
                   {"l2_bytes", report.device.l2_bytes},  {"multiprocessors", report.device.multiprocessors}};
    j["compiler"] = report.compiler;
    j["peaks"] = {{"bytes_per_s", report.peaks.bytes_per_s}, {"flops_per_s", report.peaks.flops_per_s},
                  {"mma_bf16_flops_per_s", report.peaks.mma_bf16_flops_per_s}, {"empty_launch_us", report.peaks.empty_launch_us}};
    j["kernels"] = Json::array();
    for (const cuda::CompiledKernel& k : report.kernels)
      j["kernels"].push_back({{"symbol", k.symbol}, {"registers", k.resources.registers},
                              {"spill_store_bytes", k.resources.spill_store_bytes}, {"static_shared_bytes", k.resources.static_shared_bytes}});
    j["shapes"] = Json::array();
    for (const ShapeReport& shape : report.shapes)
      j["shapes"].push_back(toJson(report, shape));
    j["against_itself"] = toJson(report.against_itself);
    j["baseline"] = report.baseline;
    j["declared"] = toJson(report.declared);
    j["held_back"] = toJson(report.held_back);
    j["claim"] = bench::nameOf(report.claim);
    j["overfitted"] = report.overfitted;
  }
  j["plots"] = report.plots;
  j["notes"] = report.notes;
  j["seconds"] = report.seconds;
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace kverify::bench

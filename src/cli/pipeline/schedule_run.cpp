// One launch in two orders of blocks and warps: the bits must be the same.
#include <chrono>

#include <fmt/format.h>

#include "cli/pipeline/case_run.h"
#include "fuzz/judge/operands.h"
#include "fuzz/stability/stability.h"

namespace kverify::pipeline {
namespace {

/// The first element of an output that is not the same in both results.
struct Difference {
  std::size_t buffer = 0;
  std::uint64_t byte = 0;
  std::int64_t element = 0;
};

std::optional<Difference> firstDifference(const LaunchPlan& plan, const simt::RunResult& a, const simt::RunResult& b) {
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    const Buffer& buffer = plan.buffers[i];
    if (buffer.access != Access::Write && buffer.access != Access::ReadWrite)
      continue;
    for (std::size_t byte = 0; byte < a.buffers[i].size(); ++byte)
      if (a.buffers[i][byte] != b.buffers[i][byte])
        return Difference{i, byte, static_cast<std::int64_t>(byte / sizeOf(buffer.dtype))};
  }
  return std::nullopt;
}

std::string elementText(const Buffer& buffer, std::int64_t element) {
  std::string index;
  for (std::size_t d = 0; d < buffer.shape.size(); ++d)
    if (buffer.strides[d] > 0)
      index += fmt::format("{}{}", index.empty() ? "" : ",", element / buffer.strides[d] % buffer.shape[d]);
  return fmt::format("{}[{}]", buffer.name, index);
}

double valueOf(const Buffer& buffer, const std::vector<std::uint8_t>& bytes, std::int64_t element) {
  judge::RoleView flat{nullptr, nullptr, 0, {buffer.elements}, {1}};
  return judge::readDense(flat, buffer.dtype, bytes)[static_cast<std::size_t>(element)];
}

Finding blamed(const Subject& subject, const LaunchPlan& plan, const generate::Case& one_case, simt::Program& program,
               const simt::RunLimits& limits, const Difference& at, const std::string& values) {
  const Buffer& buffer = plan.buffers[at.buffer];
  Finding finding = valueFinding(subject, plan, one_case, stability::kNondeterministic,
                                 fmt::format("{} is {}: the order of blocks and warps decides",
                                             elementText(buffer, at.element), values));
  simt::RunLimits watched = limits;
  watched.watched_byte = simt::WatchedByte{at.buffer, at.byte};
  CaseRun precise{.one_case = one_case, .ran = true};
  auto result = runPlan(subject, plan, program, watched, precise);
  if (result && result->last_store) {
    result->last_store->what = "stores it last: " + result->last_store->what;
    finding.locations.insert(finding.locations.begin(), *result->last_store);
    placeInUserCode(subject, plan, finding);
  }
  return finding;
}

} // namespace

CaseRun runSchedules(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                     const simt::RunLimits& limits, RunTrace* trace) {
  auto start = std::chrono::steady_clock::now();
  CaseRun run{.one_case = one_case, .ran = true};
  auto plan = planOf(subject, one_case, limits.memory_bytes);
  if (!plan) {
    run.error = plan.error();
    return run;
  }
  auto usual = runPlan(subject, *plan, program, limits, run);
  if (!usual || run.error || run.status != simt::RunStatus::Completed || !run.findings.empty())
    return run;
  simt::RunLimits other = limits;
  other.schedule = one_case.schedule;
  auto permuted = runPlan(subject, *plan, program, other, run);
  if (permuted && trace)
    *trace = traceOf(*plan, *permuted);
  if (!permuted || run.error || run.status != simt::RunStatus::Completed || !run.findings.empty())
    return run;
  run.property_check = stability::kNondeterministic;
  if (auto at = firstDifference(*plan, *usual, *permuted)) {
    const Buffer& buffer = plan->buffers[at->buffer];
    std::string values = fmt::format("{:.9g} in one order and {:.9g} in another",
                                     valueOf(buffer, usual->buffers[at->buffer], at->element),
                                     valueOf(buffer, permuted->buffers[at->buffer], at->element));
    run.findings.push_back(blamed(subject, *plan, one_case, program, limits, *at, values));
  }
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return run;
}

} // namespace kverify::pipeline

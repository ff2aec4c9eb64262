#include "bench/timing/work.h"

#include <algorithm>

#include "fuzz/judge/operation_run.h"

namespace kverify::bench {
namespace {

double logicalBytes(const Buffer& buffer) {
  double count = 1;
  for (std::int64_t extent : buffer.shape)
    count *= static_cast<double>(extent);
  if (buffer.shape.empty())
    count = static_cast<double>(buffer.elements);
  return count * static_cast<double>(sizeOf(buffer.dtype));
}

/// Pairs of a query and a key that it sees.
double visiblePairs(const judge::OperationRun& run) {
  const std::int64_t nq = run.axis("nq"), nk = run.axis("nk");
  const std::string causal = run.choice("causal");
  if (causal == "none")
    return static_cast<double>(nq) * static_cast<double>(nk);
  const std::int64_t offset = causal == "bottom-right" ? nk - nq : 0;
  double pairs = 0;
  for (std::int64_t i = 0; i < nq; ++i)
    pairs += static_cast<double>(std::clamp<std::int64_t>(i + offset + 1, 0, nk));
  return pairs;
}

/// Operations whose every input element has a part in the result, whatever the values are.
bool readsEverything(const Contract& contract) {
  static constexpr std::string_view kWhole[] = {"attention.forward", "attention.backward", "softmax", "log_softmax",
                                                "layer_norm",        "rms_norm",           "matmul"};
  static constexpr const char* kPartial[] = {"seqlens_k", "C"};           // roles that may go unread
  static constexpr const char* kWindows[] = {"window_left", "window_right"}; // options that hide keys
  auto causal = contract.options.find("causal");
  return contract.spec && std::find(std::begin(kWhole), std::end(kWhole), contract.spec->oracle) != std::end(kWhole) &&
         std::none_of(std::begin(kPartial), std::end(kPartial), [&](auto role) { return contract.findRole(role) != nullptr; }) &&
         std::none_of(std::begin(kWindows), std::end(kWindows), [&](auto option) { return contract.options.count(option) > 0; }) &&
         (causal == contract.options.end() || causal->second.choice != "top-left"); // keys behind the last query
}

double flopsOf(const judge::OperationRun& run, const std::string& oracle) {
  auto axis = [&](const char* name) { return static_cast<double>(run.axis(name)); };
  if (oracle == "attention.forward")
    return 2 * axis("b") * axis("h") * visiblePairs(run) * (axis("d") + axis("dv"));
  if (oracle == "attention.backward") // five products where the forward pass has two
    return 5 * axis("b") * axis("h") * visiblePairs(run) * (axis("d") + axis("dv"));
  if (oracle == "matmul")
    return 2 * axis("m") * axis("n") * axis("k");
  return 0;
}

/// Of the first floating input: it decides which unit can do the products.
std::string unitOf(const LaunchPlan& plan) {
  for (const Buffer& buffer : plan.buffers)
    if (buffer.access != Access::Write && isFloat(buffer.dtype))
      return std::string(nameOf(buffer.dtype));
  return "f32";
}

} // namespace

Work workOf(const Contract& contract, const LaunchPlan& plan) {
  Work work{.unit = unitOf(plan)};
  const bool all = readsEverything(contract);
  for (const Buffer& buffer : plan.buffers) {
    const bool written = buffer.access == Access::Write || buffer.access == Access::ReadWrite;
    const bool read = buffer.access == Access::ReadWrite || (all && buffer.access == Access::Read);
    work.written += written * logicalBytes(buffer);
    work.bytes += (written + read) * logicalBytes(buffer);
  }
  if (!all)
    return work;
  auto run = judge::OperationRun::make(contract, plan);
  if (!run)
    return work;
  const double flops = flopsOf(*run, contract.spec->oracle);
  if (!run->error())
    work.flops = flops;
  return work;
}

} // namespace kverify::bench

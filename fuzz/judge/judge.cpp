// From a finished run to a judgement: read the operands, ask the oracle, compare element by element.
#include "fuzz/judge/judge.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/near_name.h"
#include "fuzz/judge/operands.h"
#include "fuzz/judge/operations.h"
#include "fuzz/judge/references.h"

namespace kverify::judge {
namespace {

/// Does a non-finite value on either side disagree? A reference that comes near the type's largest number may round to
/// infinity of its sign. Where the reference says nothing (NaN with an infinite bound) every value agrees.
bool disagrees(double got, double want, double bound, double largest) {
  if (std::isnan(want) && std::isinf(bound))
    return false;
  if (std::isnan(want))
    return !std::isnan(got);
  if (std::isinf(want))
    return got != want;
  if (std::isfinite(got))
    return false;
  return std::isnan(got) || std::signbit(got) != std::signbit(want) || std::fabs(want) + bound < largest;
}

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// Accumulates the comparison over all outputs.
class Comparison {
public:
  void add(const RoleView& view, const std::vector<double>& got, const oracle::Reference& reference) {
    const double largest = oracle::largestFinite(oracle::arithmeticOf(view.tensor->dtype));
    for (std::size_t i = 0; i < got.size(); ++i) {
      // A bound that came out as NaN (inf - inf, 0 inf) bounds nothing.
      const double want = reference.value[i];
      const double bound = std::isnan(reference.bound[i]) ? kUnbounded : reference.bound[i];
      const double tight = std::isnan(reference.tight[i]) ? kUnbounded : reference.tight[i];
      ++result.compared;
      auto element = [&] {
        return Element{view.tensor->name, view.indexText(static_cast<std::int64_t>(i)), got[i], want, bound};
      };
      result.nonfinite_due += std::isinf(want) || (std::isnan(want) && !std::isinf(bound));
      if (disagrees(got[i], want, bound, largest)) {
        if (result.nonfinite++ == 0)
          result.first_nonfinite = element();
        continue;
      }
      if (std::isinf(bound))
        ++result.unbounded;
      if (!std::isfinite(got[i]) || !std::isfinite(want))
        continue;
      const double error = std::fabs(got[i] - want);
      error_sum_ += got[i] - want;
      if (std::isfinite(bound))
        bound_sum_ += bound;
      ++finite_;
      const double ratio = ratioOf(error, bound);
      result.worst_tight_ratio = std::max(result.worst_tight_ratio, ratioOf(error, tight));
      if (ratio > 1)
        ++result.over_bound;
      if (!result.worst || ratio > result.worst_ratio) {
        result.worst_ratio = ratio;
        result.worst = element();
      }
    }
  }

  Judgement finish() {
    if (finite_ > 0) {
      result.signed_mean_error = error_sum_ / static_cast<double>(finite_);
      result.mean_bound = bound_sum_ / static_cast<double>(finite_);
    }
    if (result.over_bound > 0)
      describeBound();
    if (result.nonfinite > 0)
      describeNonfinite();
    if (result.worst_tight_ratio > 1)
      result.tier = Tier::Review;
    if (result.over_bound > 0 || result.nonfinite > 0)
      result.tier = Tier::Fail;
    return std::move(result);
  }

  Judgement result;

private:
  static double ratioOf(double error, double bound) {
    if (error == 0)
      return 0;
    return bound > 0 ? error / bound : std::numeric_limits<double>::infinity();
  }

  void describeBound() {
    const Element& e = *result.worst;
    result.bound_message = fmt::format("{}{} is {:.9g}, the reference {:.9g}: an error of {:.3g} where a correct "
                                       "kernel keeps {:.3g} ({:.3g} times the "
                                       "bound; {} of {} elements are over it)",
                                       e.tensor, e.index, e.got, e.want, std::fabs(e.got - e.want), e.bound,
                                       result.worst_ratio, result.over_bound, result.compared);
  }

  void describeNonfinite() {
    const Element& e = *result.first_nonfinite;
    result.nonfinite_message = fmt::format("{}{} is {}, the reference {:.9g} ({} of {} elements disagree so)", e.tensor,
                                           e.index, e.got, e.want, result.nonfinite, result.compared);
    result.worst_ratio = std::numeric_limits<double>::infinity();
  }

  double error_sum_ = 0, bound_sum_ = 0;
  std::uint64_t finite_ = 0;
};

Expected<OperationRun> prepare(const Contract& contract, const LaunchPlan& plan,
                               std::span<const std::vector<std::uint8_t>> outputs) {
  if (!contract.spec)
    return fail(ErrorKind::Input, "the contract names no spec: there is nothing to compare with", contract.path);
  if (plan.buffers.size() != contract.tensors.size() || outputs.size() != plan.buffers.size())
    return fail(ErrorKind::Internal, "the plan does not belong to the contract", contract.path);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Buffer& buffer = plan.buffers[i];
    const auto bytes = static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype);
    const bool is_input = buffer.access == Access::Read || buffer.access == Access::ReadWrite;
    if (outputs[i].size() != bytes || (is_input && buffer.bytes.size() != bytes))
      return fail(ErrorKind::Internal, fmt::format("the contents of '{}' have the wrong size", buffer.name),
                  contract.path);
  }
  return OperationRun::make(contract, plan);
}

Expected<Judgement> compare(const Contract& contract, const LaunchPlan& plan, const OperationRun& run,
                            std::span<const std::vector<std::uint8_t>> outputs, const References& references) {
  Comparison comparison;
  for (const SpecRole& role : contract.spec->roles) {
    if (!role.output || !contract.findRole(role.name))
      continue;
    RoleView view = viewRole(contract, plan, run.axes(), role.name);
    auto reference = references.find(role.name);
    if (reference == references.end() || reference->second.value.size() != static_cast<std::size_t>(view.count()))
      return fail(ErrorKind::Internal, fmt::format("the oracle gives no '{}'", role.name), contract.spec->path);
    comparison.add(view, readDense(view, view.tensor->dtype, outputs[view.buffer]), reference->second);
  }
  return comparison.finish();
}

} // namespace

Expected<Judgement> judge(const Contract& contract, const LaunchPlan& plan,
                          std::span<const std::vector<std::uint8_t>> outputs) {
  auto run = prepare(contract, plan, outputs);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  const Operation* operation = findOperation(contract.spec->oracle);
  if (!operation)
    return fail(
        ErrorKind::Input,
        fmt::format("{} asks for the oracle '{}', which does not exist", contract.spec->name, contract.spec->oracle),
        contract.spec->path, didYouMean(contract.spec->oracle, operationNames()));
  const References references = operation->ask(*run);
  if (run->error())
    return tl::unexpected<ToolError>(*run->error());
  return compare(contract, plan, *run, outputs, references);
}

Expected<Judgement> judge(const Contract& contract, const LaunchPlan& plan,
                          std::span<const std::vector<std::uint8_t>> outputs, const References& references) {
  auto run = prepare(contract, plan, outputs);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  return compare(contract, plan, *run, outputs, references);
}

} // namespace kverify::judge

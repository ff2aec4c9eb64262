// From a finished run to a judgement: read the operands, ask the oracle, compare element by element.
#include "fuzz/judge/judge.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "contract/operation.h"
#include "fuzz/judge/operands.h"
#include "fuzz/oracle/attention.h"
#include "fuzz/oracle/rows.h"

namespace kverify::judge {
namespace {

/// What a judgement is made from.
struct Run {
  const Contract& contract;
  const LaunchPlan& plan;
  std::span<const std::vector<std::uint8_t>> outputs;
  Sizes sizes, axes;
};

/// A role's reference, as the oracle gives it.
using References = std::map<std::string, oracle::Reference>;

std::vector<double> inputOf(const Run& run, const std::string& role) {
  RoleView view = viewRole(run.contract, run.plan, run.axes, role);
  if (!view.tensor)
    return {};
  return readDense(view, view.tensor->dtype, run.plan.buffers[view.buffer].bytes);
}

Expected<oracle::Rounding> roundingOf(const Run& run, const std::string& output) {
  std::int64_t tile = 0, chain = 0;
  const Precision& precision = run.contract.precision;
  for (auto [expr, value] : {std::pair(&precision.tile, &tile), std::pair(&precision.chain, &chain)}) {
    if (!*expr)
      continue;
    auto result = evalInteger(*expr, run.sizes);
    if (!result)
      return tl::unexpected<ToolError>(result.error());
    if (*result < 1)
      return fail(ErrorKind::Input, fmt::format("{} = {} is not positive", expr->text, *result), expr->place);
    *value = *result;
  }
  const TensorDecl* tensor = run.contract.findRole(output);
  return oracle::makeRounding(precision, oracle::arithmeticOf(tensor ? tensor->dtype : DType::F32), tile, chain);
}

Expected<References> askAttention(const Run& run) {
  auto scale = contract::realOption(run.contract, run.sizes, run.axes, "scale");
  if (!scale)
    return tl::unexpected<ToolError>(scale.error());
  auto causal = contract::choiceOption(run.contract, run.sizes, "causal");
  if (!causal)
    return tl::unexpected<ToolError>(causal.error());
  const std::vector<double> q = inputOf(run, "Q"), k = inputOf(run, "K"), v = inputOf(run, "V");
  oracle::AttentionProblem problem;
  problem.b = run.axes.at("b");
  problem.h = run.axes.at("h");
  problem.hk = run.axes.at("hk");
  problem.nq = run.axes.at("nq");
  problem.nk = run.axes.at("nk");
  problem.d = run.axes.at("d");
  problem.dv = run.axes.at("dv");
  problem.q = q;
  problem.k = k;
  problem.v = v;
  problem.scale = *scale;
  if (*causal == "bottom-right")
    problem.causal = oracle::Causal::BottomRight;
  if (*causal == "top-left")
    problem.causal = oracle::Causal::TopLeft;
  auto rounding = roundingOf(run, "O");
  if (!rounding)
    return tl::unexpected<ToolError>(rounding.error());
  // LSE is usually f32 beside a 16-bit O: it is rounded to its own type.
  if (const TensorDecl* lse = run.contract.findRole("LSE")) {
    rounding->lse_unit = oracle::unitRoundoff(oracle::arithmeticOf(lse->dtype));
    rounding->lse_eta = oracle::underflowUnit(oracle::arithmeticOf(lse->dtype));
  }
  oracle::AttentionReference reference = oracle::attentionForward(problem, *rounding);
  return References{{"O", std::move(reference.out)}, {"LSE", std::move(reference.lse)}};
}

Expected<References> askSoftmax(const Run& run) {
  auto scale = contract::realOption(run.contract, run.sizes, run.axes, "scale");
  if (!scale)
    return tl::unexpected<ToolError>(scale.error());
  auto rounding = roundingOf(run, "y");
  if (!rounding)
    return tl::unexpected<ToolError>(rounding.error());
  const std::vector<double> x = inputOf(run, "x");
  return References{{"y", oracle::softmax({run.axes.at("rows"), run.axes.at("n"), x, *scale}, *rounding)}};
}

Expected<References> askLayerNorm(const Run& run) {
  auto eps = contract::realOption(run.contract, run.sizes, run.axes, "eps");
  if (!eps)
    return tl::unexpected<ToolError>(eps.error());
  auto rounding = roundingOf(run, "y");
  if (!rounding)
    return tl::unexpected<ToolError>(rounding.error());
  const std::vector<double> x = inputOf(run, "x"), gamma = inputOf(run, "gamma"), beta = inputOf(run, "beta");
  return References{{"y", oracle::layerNorm({run.axes.at("rows"), run.axes.at("n"), x, gamma, beta, *eps}, *rounding)}};
}

using Oracle = Expected<References> (*)(const Run&);
const std::map<std::string, Oracle>& oracles() {
  static const std::map<std::string, Oracle> all = {
      {"attention.forward", askAttention}, {"softmax", askSoftmax}, {"layer_norm", askLayerNorm}};
  return all;
}

/// Does a non-finite value on either side disagree? A reference that comes near the type's largest number may round to
/// infinity of its sign.
bool disagrees(double got, double want, double bound, double largest) {
  if (std::isnan(want))
    return !std::isnan(got);
  if (std::isinf(want))
    return got != want;
  if (std::isfinite(got))
    return false;
  return std::isnan(got) || std::signbit(got) != std::signbit(want) || std::fabs(want) + bound < largest;
}

/// Accumulates the comparison over all outputs.
class Comparison {
public:
  void add(const RoleView& view, const std::vector<double>& got, const oracle::Reference& reference) {
    const double largest = oracle::largestFinite(oracle::arithmeticOf(view.tensor->dtype));
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double want = reference.value[i], bound = reference.bound[i];
      ++result.compared;
      auto element = [&] {
        return Element{view.tensor->name, view.indexText(static_cast<std::int64_t>(i)), got[i], want, bound};
      };
      if (disagrees(got[i], want, bound, largest)) {
        if (result.nonfinite++ == 0)
          result.first_nonfinite = element();
        continue;
      }
      if (!std::isfinite(got[i]) || !std::isfinite(want))
        continue;
      const double error = std::fabs(got[i] - want);
      error_sum_ += got[i] - want;
      if (std::isfinite(bound))
        bound_sum_ += bound;
      else
        ++result.unbounded;
      ++finite_;
      const double ratio = ratioOf(error, bound);
      result.worst_tight_ratio = std::max(result.worst_tight_ratio, ratioOf(error, reference.tight[i]));
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

Expected<Run> prepare(const Contract& contract, const LaunchPlan& plan,
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
  Run run{contract, plan, outputs, {}, {}};
  for (const auto& [name, value] : plan.sizes)
    run.sizes[name] = value;
  auto axes = contract::axisExtents(contract, run.sizes);
  if (!axes)
    return tl::unexpected<ToolError>(axes.error());
  run.axes = std::move(*axes);
  return run;
}

} // namespace

Expected<Judgement> judge(const Contract& contract, const LaunchPlan& plan,
                          std::span<const std::vector<std::uint8_t>> outputs) {
  auto run = prepare(contract, plan, outputs);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  auto oracle = oracles().find(contract.spec->oracle);
  if (oracle == oracles().end())
    return fail(
        ErrorKind::Input,
        fmt::format("{} asks for the oracle '{}', which does not exist", contract.spec->name, contract.spec->oracle),
        contract.spec->path);
  auto references = oracle->second(*run);
  if (!references)
    return tl::unexpected<ToolError>(references.error());
  Comparison comparison;
  for (const SpecRole& role : contract.spec->roles) {
    if (!role.output || !contract.findRole(role.name))
      continue;
    RoleView view = viewRole(contract, plan, run->axes, role.name);
    auto reference = references->find(role.name);
    if (reference == references->end())
      return fail(ErrorKind::Internal, fmt::format("the oracle gives no '{}'", role.name), contract.spec->path);
    comparison.add(view, readDense(view, view.tensor->dtype, outputs[view.buffer]), reference->second);
  }
  return comparison.finish();
}

} // namespace kverify::judge

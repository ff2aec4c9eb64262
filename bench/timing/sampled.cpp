#include "bench/timing/sampled.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "contract/instantiate.h"
#include "cuda/pattern.h"
#include "fuzz/generate/random.h"
#include "fuzz/judge/references.h"
#include "fuzz/properties/property.h"

namespace kverify::bench {
namespace {

/// For each operation: its output, and the axes along which its rows are independent.
struct RowRule {
  const char* oracle;
  const char* output;
  std::vector<std::string> axes;
};

const RowRule* ruleFor(const std::string& oracle) {
  static const std::vector<RowRule> rules = {{"attention.forward", "O", {"b", "h", "nq"}},
                                             {"softmax", "y", {"rows"}},
                                             {"log_softmax", "y", {"rows"}},
                                             {"layer_norm", "y", {"rows"}},
                                             {"rms_norm", "y", {"rows"}},
                                             {"matmul", "D", {"batch", "m"}}};
  for (const RowRule& rule : rules)
    if (oracle == rule.oracle)
      return &rule;
  return nullptr;
}

Sizes sizesOf(const LaunchPlan& plan) {
  Sizes sizes;
  for (const auto& [name, value] : plan.sizes)
    sizes[name] = value;
  return sizes;
}

/// The contract's own size that is the extent of a spec's axis, where it is one and free.
const SizeDecl* sizeOfAxis(const Contract& contract, const std::string& axis) {
  for (const TensorDecl& tensor : contract.tensors)
    for (std::size_t i = 0; i < tensor.axes.size(); ++i)
      if (tensor.axes[i] == axis)
        if (const SizeDecl* size = contract.findSize(tensor.shape[i].text); size && size->kind != SizeDecl::Kind::Equals)
          return size;
  return nullptr;
}

bool causalAtTheBottom(const Contract& contract) {
  auto causal = contract.options.find("causal");
  return causal != contract.options.end() && causal->second.choice == "bottom-right";
}

} // namespace

std::uint64_t patternSeed(std::uint64_t seed, std::size_t buffer, std::uint64_t set) {
  return seed * 8191 + buffer * 131 + 17 + set * cuda::kPatternSetStep;
}

Expected<SampledRows> SampledRows::choose(const pipeline::Subject& subject, const LaunchPlan& plan, unsigned rows,
                                          std::uint64_t seed) {
  const Contract* contract = subject.contract ? &*subject.contract : nullptr;
  const RowRule* rule = contract && contract->spec ? ruleFor(contract->spec->oracle) : nullptr;
  if (!rule)
    return fail(ErrorKind::Input, "rows of this operation can't be judged apart");
  static constexpr const char* kOthers[] = {"bias", "alibi_slopes", "seqlens_k", "C"};
  for (const char* role : kOthers)
    if (contract->findRole(role))
      return fail(ErrorKind::Input, fmt::format("with '{}', rows can't be judged apart yet", role));
  if (auto causal = contract->options.find("causal");
      causal != contract->options.end() && causal->second.choice == "top-left")
    return fail(ErrorKind::Input, "a mask aligned at the top left has no small case of one row");
  for (const char* window : {"window_left", "window_right"})
    if (contract->options.count(window))
      return fail(ErrorKind::Input, "with a window, rows can't be judged apart yet");
  auto setting = properties::settingAt(*contract, sizesOf(plan), seed);
  if (!setting)
    return tl::unexpected(setting.error());
  if (causalAtTheBottom(*contract) && setting->axis("nk") < setting->axis("nq"))
    return fail(ErrorKind::Input, "rows that see no key have no small case");
  SampledRows sampled(subject, plan, seed);
  sampled.output_ = rule->output;
  const judge::RoleView view = judge::viewRole(*contract, plan, setting->axes, rule->output);
  if (!view.tensor || view.strides.empty() || view.strides.back() != 1)
    return fail(ErrorKind::Input, fmt::format("'{}' has no contiguous rows", rule->output));
  const std::int64_t width = view.extents.back(), count = view.count() / std::max<std::int64_t>(1, width);
  // The first, the last, those in the middle; then wherever.
  std::set<std::int64_t> chosen = {0, count - 1, count / 2};
  for (std::uint64_t i = 0; chosen.size() < std::min<std::size_t>(rows, static_cast<std::size_t>(count)); ++i)
    chosen.insert(static_cast<std::int64_t>(cuda::patternHash(seed, i) % static_cast<std::uint64_t>(count)));
  for (std::int64_t flat : chosen) {
    Row row;
    std::int64_t rest = flat;
    for (std::size_t axis = view.extents.size() - 1; axis-- > 0; rest /= view.extents[axis])
      row.index.insert(row.index.begin(), rest % view.extents[axis]);
    const std::size_t size = sizeOf(plan.buffers[view.buffer].dtype);
    sampled.slices_.push_back({static_cast<std::uint32_t>(view.buffer),
                               static_cast<std::uint64_t>(view.elementAt(flat * width)) * size,
                               static_cast<std::uint64_t>(width) * size});
    sampled.rows_.push_back(std::move(row));
  }
  if (auto small = sampled.smallCase(sampled.rows_.front(), 0); !small)
    return tl::unexpected(small.error());
  return sampled;
}

Expected<LaunchPlan> SampledRows::smallCase(const Row& row, std::uint64_t set) const {
  const Contract& contract = *subject_->contract;
  auto big = properties::settingAt(contract, sizesOf(*plan_), seed_);
  if (!big)
    return tl::unexpected(big.error());
  const RowRule& rule = *ruleFor(contract.spec->oracle);
  std::map<std::string, std::int64_t> where; // of the row, by axis
  for (std::size_t i = 0; i < rule.axes.size(); ++i)
    where[rule.axes[i]] = row.index[i];
  std::map<std::string, std::int64_t> extents;
  for (const std::string& axis : rule.axes)
    extents[axis] = 1;
  if (big->axes.count("hk")) {
    const std::int64_t share = big->axis("h") / std::max<std::int64_t>(1, big->axis("hk"));
    where["hk"] = where["h"] / std::max<std::int64_t>(1, share);
    extents["hk"] = 1;
  }
  if (causalAtTheBottom(contract)) // the row sees so many keys; alone, it sees all there are
    extents["nk"] = std::clamp<std::int64_t>(where["nq"] + big->axis("nk") - big->axis("nq") + 1, 1, big->axis("nk"));
  Sizes free;
  for (const SizeDecl& size : contract.sizes)
    if (size.kind != SizeDecl::Kind::Equals)
      free[size.name] = big->sizes.at(size.name);
  for (const auto& [axis, extent] : extents) {
    const SizeDecl* size = sizeOfAxis(contract, axis);
    if (!size && big->axis(axis) != extent)
      return fail(ErrorKind::Input, fmt::format("the contract has no free size for '{}': one row has no small case", axis));
    if (size && !size->allows(extent))
      return fail(ErrorKind::Input, fmt::format("the contract does not allow {}={}: one row has no small case", size->name, extent));
    if (size)
      free[size->name] = extent;
  }
  auto sizes = completeSizes(contract, free);
  if (!sizes)
    return tl::unexpected(sizes.error());
  auto plan = contract::instantiate(contract, subject_->module.kernels, *sizes);
  if (!plan)
    return tl::unexpected(plan.error());
  auto small = properties::settingAt(contract, *sizes, seed_);
  if (!small)
    return tl::unexpected(small.error());
  for (const SpecRole& role : contract.spec->roles) {
    judge::RoleView from = judge::viewRole(contract, *plan_, big->axes, role.name);
    judge::RoleView to = judge::viewRole(contract, *plan, small->axes, role.name);
    if (!from.tensor || role.output)
      continue;
    Buffer& buffer = plan->buffers[to.buffer];
    buffer.bytes.assign(static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype), 0);
    const std::uint64_t seed = patternSeed(seed_, from.buffer, set);
    std::vector<double> values(static_cast<std::size_t>(to.count()));
    for (std::size_t flat = 0; flat < values.size(); ++flat) {
      std::int64_t rest = static_cast<std::int64_t>(flat), element = 0;
      for (std::size_t axis = to.extents.size(); axis-- > 0; rest /= to.extents[axis]) {
        auto offset = where.find(role.axes[axis]);
        element += (rest % to.extents[axis] + (offset == where.end() ? 0 : offset->second)) * from.strides[axis];
      }
      values[flat] = cuda::patternValue(seed, static_cast<std::uint64_t>(element));
    }
    judge::writeDense(to, buffer.dtype, buffer.bytes, values);
  }
  return plan;
}

Expected<SampledJudgement> SampledRows::judge(const std::vector<std::vector<std::uint8_t>>& slices, std::uint64_t set) const {
  SampledJudgement judgement;
  if (slices.size() != rows_.size())
    return fail(ErrorKind::Internal, "the rows that came back are not those that were asked for");
  const Contract& contract = *subject_->contract;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    auto plan = smallCase(rows_[r], set);
    if (!plan)
      return tl::unexpected(plan.error());
    auto references = judge::askReferences(contract, *plan);
    if (!references)
      return tl::unexpected(references.error());
    const oracle::Reference& reference = references->at(output_);
    const DType dtype = plan_->buffers[slices_[r].buffer].dtype;
    const auto width = static_cast<std::int64_t>(slices[r].size() / sizeOf(dtype));
    const judge::RoleView flat{nullptr, nullptr, 0, {width}, {1}};
    const std::vector<double> got = judge::readDense(flat, dtype, slices[r]);
    ++judgement.rows;
    for (std::size_t c = 0; c < got.size(); ++c) {
      const double want = reference.value[c], bound = reference.bound[c];
      ++judgement.compared;
      if (std::isnan(want) && std::isnan(got[c]))
        continue;
      const double error = std::fabs(got[c] - want);
      const double ratio = got[c] == want ? 0 : std::isfinite(error) && bound > 0 ? error / bound : INFINITY;
      if (ratio >= judgement.worst_ratio) {
        judgement.worst_ratio = ratio;
        judgement.where = fmt::format("{}[{}, {}]", output_, fmt::join(rows_[r].index, ", "), c);
        judgement.got = got[c];
        judgement.want = want;
      }
    }
  }
  return judgement;
}

} // namespace kverify::bench

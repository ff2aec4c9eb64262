#include "cli/pipeline/shrink.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include <fmt/format.h>
#include <rapidcheck/shrink/Shrink.h>

#include "cli/pipeline/confirm.h"
#include "fuzz/judge/operands.h"
#include "fuzz/judge/operations.h"

namespace kverify::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

/// Values whose every element is looked at one by one while they are shrunk.
constexpr std::int64_t kFewElements = 1 << 14;

class Shrinker {
public:
  Shrinker(const Subject& subject, ShownFinding shown, simt::Program& program, const simt::RunLimits& limits,
           const ShrinkBudget& budget)
      : subject_(subject), program_(program), limits_(limits), budget_(budget), wanted_(shown.finding),
        best_(std::move(shown)) {}

  ShownFinding run() {
    const Contract& contract = *subject_.contract;
    runs_left_ = budget_.size_runs;
    if (generate::Case plain = best_.one_case; !plain.changed.empty()) {
      plain.changed.clear();
      accept(plain);
    }
    while (shrinkSizes(contract)) {
    }
    runs_left_ = budget_.value_runs;
    if (isAboutValues() && few())
      shrinkValues(contract);
    runs_left_ = 60;
    best_.example = describe(contract);
    return std::move(best_);
  }

private:
  bool isAboutValues() const { return best_.finding.check.starts_with("numerics."); }

  /// Is it seen at this case too? Counts against the budget; out of budget is no.
  std::optional<Finding> seen(const generate::Case& one) {
    bool late = std::chrono::duration<double>(Clock::now() - start_).count() > budget_.seconds;
    bool stopped = limits_.stop && limits_.stop->load();
    if (runs_left_ <= 0 || late || stopped)
      return std::nullopt;
    --runs_left_;
    CaseRun run = runCase(subject_, one, program_, limits_);
    const Finding* again = findAgain(wanted_, run.findings);
    return again ? std::optional(*again) : std::nullopt;
  }

  bool accept(const generate::Case& one) {
    auto finding = seen(one);
    if (!finding)
      return false;
    best_ = {std::move(*finding), one};
    return true;
  }

  /// The case at another value of one free size, where the contract allows it.
  std::optional<generate::Case> with(const SizeDecl& size, std::int64_t value) const {
    Sizes free;
    for (const SizeDecl& each : subject_.contract->sizes)
      if (each.kind != SizeDecl::Kind::Equals)
        free[each.name] = best_.one_case.sizes.at(each.name);
    free[size.name] = value;
    auto sizes = size.allows(value) ? completeSizes(*subject_.contract, free) : Expected<Sizes>();
    if (!sizes || sizes->empty())
      return std::nullopt;
    auto broken = brokenRequirement(*subject_.contract, *sizes);
    if (!broken || *broken)
      return std::nullopt;
    generate::Case one = best_.one_case;
    one.sizes = std::move(*sizes);
    one.kept.clear(); // positions mean something else now
    one.changed.clear();
    return one;
  }

  /// One round over all sizes, the largest first. True when anything became smaller.
  bool shrinkSizes(const Contract& contract) {
    std::vector<const SizeDecl*> order;
    for (const SizeDecl& size : contract.sizes)
      if (size.kind != SizeDecl::Kind::Equals)
        order.push_back(&size);
    std::stable_sort(order.begin(), order.end(), [&](const SizeDecl* a, const SizeDecl* b) {
      return best_.one_case.sizes.at(a->name) > best_.one_case.sizes.at(b->name);
    });
    bool smaller = false;
    for (const SizeDecl* size : order)
      smaller |= shrinkSize(*size);
    return smaller && runs_left_ > 0;
  }

  bool shrinkSize(const SizeDecl& size) {
    const std::int64_t value = best_.one_case.sizes.at(size.name);
    std::vector<std::int64_t> candidates;
    if (size.kind == SizeDecl::Kind::List) {
      candidates = size.list;
      std::sort(candidates.begin(), candidates.end());
      std::erase_if(candidates, [&](std::int64_t each) { return each >= value; });
    } else {
      // Far jumps first, then closer and closer to the value itself.
      for (auto jumps = rc::shrink::towards<std::int64_t>(value, size.low); auto next = jumps.next();)
        candidates.push_back(*next);
    }
    for (std::int64_t candidate : candidates)
      if (auto one = with(size, candidate); one && accept(*one))
        return true;
    return false;
  }

  bool few() const {
    auto plan = planOf(subject_, best_.one_case, limits_.memory_bytes);
    std::int64_t elements = 0;
    for (std::size_t i = 0; plan && i < plan->buffers.size(); ++i)
      elements += plan->buffers[i].elements;
    return plan && elements <= kFewElements;
  }

  /// Input by input: nothing of it, else fewer and fewer of its elements; the others are zero.
  void shrinkValues(const Contract& contract) {
    auto plan = planOf(subject_, best_.one_case, limits_.memory_bytes);
    if (!plan)
      return;
    // What follows from the other inputs (O and LSE of a backward pass) is made anew whatever is kept of it.
    const auto derived = judge::derivedInputs(contract, *plan);
    for (std::size_t i = 0; i < contract.tensors.size(); ++i) {
      const TensorDecl& tensor = contract.tensors[i];
      if (!isFloat(tensor.dtype) || (tensor.access != Access::Read && tensor.access != Access::ReadWrite))
        continue;
      if (derived && derived->contains(tensor.role))
        continue;
      std::vector<std::int64_t> kept(static_cast<std::size_t>(plan->buffers[i].elements));
      std::iota(kept.begin(), kept.end(), 0);
      shrinkTensor(tensor.name, std::move(kept));
    }
  }

  void shrinkTensor(const std::string& name, std::vector<std::int64_t> kept) {
    auto keeping = [&](std::vector<std::int64_t> elements) {
      generate::Case one = best_.one_case;
      one.kept[name] = std::move(elements);
      return one;
    };
    if (accept(keeping({})))
      return;
    for (bool smaller = true; smaller && runs_left_ > 0;) {
      smaller = false;
      auto fewer = rc::shrink::removeChunks(kept);
      for (auto next = fewer.next(); next && runs_left_ > 0; next = fewer.next())
        if (accept(keeping(*next))) {
          kept = *next;
          smaller = true;
          break;
        }
    }
  }

  /// "N=33, D: any; x: 2 of 33 elements are not zero". A size is 'any' where every other value that was tried shows the
  /// same; the values are where other seeds do.
  std::string describe(const Contract& contract) {
    std::vector<std::string> parts;
    for (const SizeDecl& size : contract.sizes)
      if (size.kind != SizeDecl::Kind::Equals)
        parts.push_back(fmt::format("{}={}", size.name, matters(size) ? std::to_string(best_.one_case.sizes.at(size.name))
                                                                        : "any value"));
    std::string text = parts.empty() ? "the only sizes" : fmt::format("{}", fmt::join(parts, ", "));
    if (!best_.one_case.kept.empty())
      return text + "; " + keptText(contract);
    if (!valuesMatter())
      return text + "; the tensors hold any values";
    text += fmt::format("; values of family {}, seed {}", best_.one_case.family, best_.one_case.seed);
    auto plan = planOf(subject_, best_.one_case, limits_.memory_bytes);
    for (std::size_t i = 0; plan && i < contract.tensors.size(); ++i)
      if (auto at = best_.one_case.changed.find(contract.tensors[i].name); at != best_.one_case.changed.end())
        for (const auto& [element, value] : at->second)
          text += ", " + elementText(plan->buffers[i], element);
    return text;
  }

  bool matters(const SizeDecl& size) {
    const std::int64_t value = best_.one_case.sizes.at(size.name);
    // Neighbours, and the usual tiles with theirs: what is wrong in a tail only is right at a multiple of the tile.
    std::set<std::int64_t> others = {value + 1, value + 2, value * 2 + 1, value - 1, 16, 32, 33, 64, 128, 256};
    if (size.kind == SizeDecl::Kind::List)
      others = {size.list.begin(), size.list.end()};
    others.erase(value);
    int tried = 0;
    for (std::int64_t other : others) {
      auto one = with(size, other);
      if (!one || tried >= 10)
        continue;
      ++tried;
      if (!seen(*one))
        return true;
    }
    return tried < 2; // of a size with one value or two nothing can be said
  }

  bool valuesMatter() {
    for (std::uint64_t other : {1, 2}) {
      generate::Case one = best_.one_case;
      one.seed += other;
      one.family = other == 1 ? "uniform" : "normal";
      if (!seen(one))
        return true;
    }
    return false;
  }

  std::string keptText(const Contract& contract) const {
    auto plan = planOf(subject_, best_.one_case, limits_.memory_bytes);
    std::vector<std::string> parts;
    for (std::size_t i = 0; plan && i < contract.tensors.size(); ++i) {
      const TensorDecl& tensor = contract.tensors[i];
      auto at = best_.one_case.kept.find(tensor.name);
      if (at == best_.one_case.kept.end())
        continue;
      if (at->second.empty()) {
        parts.push_back(tensor.name + " all zeros");
        continue;
      }
      std::vector<std::string> elements;
      for (std::int64_t element : at->second)
        if (elements.size() < 4)
          elements.push_back(elementText(plan->buffers[i], element));
      const std::size_t count = at->second.size();
      parts.push_back(fmt::format("{} zeros but for {}{}", tensor.name, fmt::join(elements, ", "),
                                  count > 4 ? fmt::format(" and {} more", count - 4) : ""));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
  }

  static std::string elementText(const Buffer& buffer, std::int64_t element) {
    judge::RoleView flat{nullptr, nullptr, 0, {buffer.elements}, {1}};
    const double value = judge::readDense(flat, buffer.dtype, buffer.bytes)[static_cast<std::size_t>(element)];
    std::string index;
    for (std::size_t d = 0; d < buffer.shape.size(); ++d)
      if (buffer.strides[d] > 0)
        index += fmt::format("{}{}", index.empty() ? "" : ",", element / buffer.strides[d] % buffer.shape[d]);
    return fmt::format("{}[{}]={:.6g}", buffer.name, index, value);
  }

  const Subject& subject_;
  simt::Program& program_;
  const simt::RunLimits& limits_;
  const ShrinkBudget& budget_;
  Finding wanted_;
  ShownFinding best_;
  int runs_left_ = 0;
  Clock::time_point start_ = Clock::now();
};

} // namespace

ShownFinding shrunk(const Subject& subject, ShownFinding shown, simt::Program& program, const simt::RunLimits& limits,
                    const ShrinkBudget& budget) {
  if (!subject.contract || shown.one_case.only_block)
    return shown;
  return Shrinker(subject, std::move(shown), program, limits, budget).run();
}

} // namespace kverify::pipeline

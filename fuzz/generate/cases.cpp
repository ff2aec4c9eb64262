// Draws the sizes of an audit. Each value worth trying is pinned once, the other sizes are drawn around it and shrunk
// until the case is affordable and keeps the requirements; what is left of the budget goes to free draws and to one or
// two large cases.
#include "fuzz/generate/cases.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "fuzz/generate/families.h"
#include "fuzz/generate/random.h"
#include "fuzz/generate/sizes.h"

namespace kverify::generate {
namespace {

constexpr int kAttempts = 48;          ///< draws around one pinned value
constexpr int kRepairSteps = 128;      ///< how far a repair walks along one size
constexpr int kRepairBudget = 40000;   ///< evaluations of `requires` spent on repairs, over all cases
constexpr std::size_t kLargeCases = 2; ///< with a pinned value; as many again are drawn

class Drawer {
public:
  Drawer(const Contract& contract, std::uint64_t seed, const CaseBudget& budget)
      : contract_(contract), budget_(budget), seed_(seed), random_(mix(seed, "sizes")), free_(freeSizes(contract, budget.tiles)) {}

  Expected<CaseSet> draw() {
    if (free_.empty()) {
      tryAdd({}, budget_.large_work);
    } else {
      addSmallest(budget_.large_work);
      pinWanted();
      addUsual();
      addLarge();
    }
    if (result_.cases.empty()) // a small budget still has its smallest case: buffers of guessed extents cost little but look large
      addSmallest(std::max(budget_.large_work, CaseBudget().large_work));
    if (result_.cases.empty())
      return fail(ErrorKind::Input,
                  fmt::format("no sizes satisfy the contract ({} drawn){}",
                              result_.rejected_requires + result_.rejected_work,
                              last_problem_.empty() ? "" : "; the last one: " + last_problem_),
                  contract_.path);
    finish();
    return std::move(result_);
  }

private:
  using Wanted = std::pair<std::size_t, std::int64_t>; ///< index into free_, value

  /// The complete sizes, where they are allowed; otherwise says why not in last_problem_.
  std::optional<Sizes> complete(const Sizes& free_sizes) {
    auto sizes = completeSizes(contract_, free_sizes);
    if (!sizes) {
      last_problem_ = sizes.error().message;
      return std::nullopt;
    }
    auto broken = brokenRequirement(contract_, *sizes);
    if (broken && !*broken)
      return *sizes;
    last_problem_ = broken ? (*broken)->text + " does not hold" : broken.error().message;
    return std::nullopt;
  }

  /// Walks one size at a time, upwards first, to the nearest value that keeps the requirements.
  std::optional<Sizes> repaired(const Sizes& free_sizes, const std::string& pinned) {
    for (const FreeSize& size : free_) {
      if (size.decl->name == pinned)
        continue;
      Sizes trial = free_sizes;
      std::int64_t& value = trial[size.decl->name];
      const std::int64_t start = value;
      for (int step = 1; step <= kRepairSteps && repair_budget_ > 0; ++step)
        for (std::int64_t moved : {start + step, start - step}) {
          if (!size.decl->allows(moved))
            continue;
          value = moved;
          --repair_budget_;
          if (auto sizes = complete(trial))
            return sizes;
        }
    }
    return std::nullopt;
  }

  /// Adds the case when it is allowed, new and affordable.
  bool tryAdd(const Sizes& free_sizes, double work_limit, const std::string& pinned = {}, double work_least = 0) {
    auto sizes = complete(free_sizes);
    if (!sizes)
      sizes = repaired(free_sizes, pinned);
    if (!sizes) {
      ++result_.rejected_requires;
      return false;
    }
    auto cost = estimateCost(contract_, *sizes);
    if (!cost) {
      last_problem_ = cost.error().message;
      ++result_.rejected_requires;
      return false;
    }
    if (cost->work > work_limit || cost->bytes > static_cast<double>(budget_.memory_bytes)) {
      last_problem_ = fmt::format("about {:.2g} operations and {:.2g} bytes", cost->work, cost->bytes);
      ++result_.rejected_work;
      return false;
    }
    if (cost->work < work_least || !seen_.insert(*sizes).second)
      return false;
    for (std::size_t i = 0; i < free_.size(); ++i)
      covered_.insert({i, sizes->at(free_[i].decl->name)});
    result_.cases.push_back(Case{0, "", std::move(*sizes), cost->work});
    return true;
  }

  /// A value of this size: often one that no case has had yet, never above the `reach` part of its usual values.
  std::int64_t pick(std::size_t index, double reach) {
    const std::vector<std::int64_t>& usual = free_[index].usual;
    auto count = std::max<std::size_t>(1, static_cast<std::size_t>(reach * static_cast<double>(usual.size())));
    std::int64_t value = usual[random_.below(std::min(count, usual.size()))];
    for (int i = 0; i < 3 && covered_.contains({index, value}); ++i)
      value = usual[random_.below(std::min(count, usual.size()))];
    return value;
  }

  /// Every size at random. In half of the draws each size stays at its smallest values with probability 1/2, so that
  /// the others have room: many batches and heads with few keys, but also one head with many keys. In a quarter the
  /// sizes that are not small are equal where they can be: square problems, where a mask's diagonal ends in the corner.
  Sizes drawAll(double reach) {
    Sizes sizes;
    bool is_focused = random_.below(2) == 0, is_square = random_.below(4) == 0;
    std::optional<std::int64_t> side;
    for (std::size_t i = 0; i < free_.size(); ++i) {
      bool is_small = (is_focused || is_square) && random_.below(2) == 0;
      std::int64_t& value = sizes[free_[i].decl->name];
      value = pick(i, is_small ? 0.1 : reach);
      if (!is_square || is_small)
        continue;
      if (side && free_[i].decl->allows(*side))
        value = *side;
      side = value;
    }
    return sizes;
  }

  void addSmallest(double most_work) {
    Sizes sizes;
    for (const FreeSize& size : free_)
      sizes[size.decl->name] = size.usual.front();
    tryAdd(sizes, most_work);
  }

  /// Round robin over the sizes, so that a budget that runs out leaves none of them aside.
  std::vector<Wanted> wantedInOrder() const {
    std::vector<Wanted> order;
    for (std::size_t rank = 0;; ++rank) {
      std::size_t before = order.size();
      for (std::size_t i = 0; i < free_.size(); ++i)
        if (rank < free_[i].wanted.size())
          order.emplace_back(i, free_[i].wanted[rank]);
      if (order.size() == before)
        return order;
    }
  }

  bool pin(const Wanted& wanted) {
    const std::string& name = free_[wanted.first].decl->name;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      // The reach of the other sizes shrinks to their smallest values; the last attempts may cost more.
      Sizes sizes = drawAll(1.0 - static_cast<double>(attempt) / (kAttempts - 8));
      sizes[name] = wanted.second;
      bool may_be_large = attempt >= kAttempts - 8 && large_ < kLargeCases;
      if (!tryAdd(sizes, may_be_large ? budget_.large_work : budget_.work, name))
        continue;
      if (result_.cases.back().work > budget_.work)
        ++large_;
      return true;
    }
    return covered_.contains(wanted);
  }

  void pinWanted() {
    std::size_t reserve = std::min<std::size_t>(6, budget_.cases / 4);
    for (const Wanted& wanted : wantedInOrder()) {
      if (covered_.contains(wanted))
        continue;
      bool has_room = result_.cases.size() + reserve < budget_.cases;
      if (!has_room || !pin(wanted))
        missed_.push_back(wanted);
    }
  }

  void addUsual() {
    for (int attempt = 0; attempt < 400 && result_.cases.size() + kLargeCases < budget_.cases; ++attempt)
      tryAdd(drawAll(attempt % 2 ? 1.0 : 0.6), budget_.work, {}, attempt < 300 ? budget_.work / 8 : 0);
  }

  void addLarge() {
    std::size_t added = 0;
    for (int attempt = 0; attempt < 600 && result_.cases.size() < budget_.cases && added < kLargeCases; ++attempt)
      if (tryAdd(drawAll(1.0), budget_.large_work, {}, budget_.work))
        ++added;
  }

  /// Cheap cases first; families are dealt in that order, so each meets small and large sizes.
  void finish() {
    std::sort(result_.cases.begin(), result_.cases.end(),
              [](const Case& a, const Case& b) { return a.work != b.work ? a.work < b.work : a.sizes < b.sizes; });
    std::vector<std::string> families = familyNames(contract_);
    for (std::size_t i = 0; i < result_.cases.size(); ++i) {
      result_.cases[i].family = families[i % families.size()];
      result_.cases[i].seed = mix(seed_ ^ mix(i));
    }
    for (const FreeSize& size : free_)
      if (isRowLength(*size.decl))
        dealSpikes(size.decl->name);
    for (const auto& [index, value] : missed_)
      if (!covered_.contains({index, value}))
        result_.uncovered.push_back(fmt::format("{}={}", free_[index].decl->name, value));
    result_.scope = scopeOf(contract_, result_.cases);
  }

  /// Do the rows of a tensor that may have spikes (families.h) have this length?
  bool isRowLength(const SizeDecl& size) const {
    return std::any_of(contract_.tensors.begin(), contract_.tensors.end(), [&](const TensorDecl& tensor) {
      return !tensor.axes.empty() && (tensor.axes.back() == "n" || tensor.axes.back() == "classes") &&
             tensor.shape.back().text == size.name;
    });
  }

  /// A lost end of a row shows where a spike is in it, and a loop loses it where the row is a little longer than an
  /// extent that the kernel works in: each of those lengths gets a case with spikes, in exchange for its family.
  void dealSpikes(const std::string& length) {
    const std::string spike(nameOf(Family::Spike));
    auto isPast = [&](const Case& one) {
      return std::any_of(budget_.tiles.begin(), budget_.tiles.end(),
                         [&](std::int64_t tile) { return one.sizes.at(length) == tile + 1; });
    };
    for (const std::int64_t tile : budget_.tiles) {
      Case *to = nullptr, *from = nullptr;
      bool has_one = false;
      for (Case& one : result_.cases) {
        const bool is_here = one.sizes.at(length) == tile + 1, is_spike = one.family == spike;
        has_one = has_one || (is_here && is_spike);
        to = is_here && !to ? &one : to;
        from = is_spike && !isPast(one) ? &one : from; // the dearest
      }
      if (!has_one && to && from)
        std::swap(to->family, from->family);
    }
  }

  const Contract& contract_;
  const CaseBudget& budget_;
  std::uint64_t seed_;
  Random random_;
  std::vector<FreeSize> free_;
  std::set<Wanted> covered_;
  std::vector<Wanted> missed_;
  std::set<Sizes> seen_;
  std::size_t large_ = 0;
  int repair_budget_ = kRepairBudget;
  std::string last_problem_;
  CaseSet result_;
};

} // namespace

std::string Case::describe() const {
  std::string text;
  for (const auto& [name, value] : sizes)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  if (only_block)
    text += fmt::format(", block ({},{},{}) alone", only_block->x, only_block->y, only_block->z);
  text += fmt::format(", family {}, seed {}", family, seed);
  for (const auto& [tensor, elements] : kept)
    text += fmt::format(", {} kept at [{}]", tensor, fmt::join(elements, ","));
  for (const auto& [tensor, values] : changed)
    for (const auto& [element, value] : values)
      text += fmt::format(", {}[{}] set to {:.9g}", tensor, element, value);
  if (schedule)
    text += fmt::format(", schedule {}", schedule);
  return property.empty() ? text : text + ", property " + property;
}

std::string scopeOf(const Contract& contract, std::span<const Case> cases) {
  std::string text;
  for (const SizeDecl& size : contract.sizes) {
    std::set<std::int64_t> values;
    for (const Case& one : cases)
      values.insert(one.sizes.at(size.name));
    if (!text.empty())
      text += ", ";
    if (values.size() == 1)
      text += fmt::format("{}={}", size.name, *values.begin());
    else if (values.size() <= 12)
      text += fmt::format("{} in {{{}}}", size.name, fmt::join(values, ", "));
    else
      text +=
          fmt::format("{} at {} values from {} to {}", size.name, values.size(), *values.begin(), *values.rbegin());
  }
  return text;
}

Expected<CaseSet> makeCases(const Contract& contract, std::uint64_t seed, const CaseBudget& budget) {
  return Drawer(contract, seed, budget).draw();
}

} // namespace kverify::generate

#include "fuzz/generate/vary.h"

#include <algorithm>
#include <iterator>

#include "contract/instantiate.h"

namespace kverify::generate {
namespace {

/// What single elements are set to: nothing, its other sign, the ends of what scores and rows usually hold, a subnormal
/// of f32 (0 or a subnormal in narrower types).
constexpr double kElementValues[] = {0.0, -0.0, 1.0, -1.0, 8.0, -8.0, 100.0, -100.0, 0x1p-130};
constexpr std::uint64_t kMostElements = 3;

template <class T, std::size_t N>
const T& oneOf(const T (&values)[N], Random& random) {
  return values[random.below(N)];
}

} // namespace

Varier::Varier(const Contract& contract, const CaseBudget& budget)
    : contract_(contract), budget_(budget), free_(freeSizes(contract, budget.tiles)), families_(familyNames(contract)) {}

std::int64_t Varier::nearby(const FreeSize& size, std::int64_t value, Random& random) const {
  if (size.decl->kind == SizeDecl::Kind::List)
    return size.usual[random.below(size.usual.size())];
  std::vector<std::int64_t> candidates = {value - 1, value + 1, 2 * value, value / 2, 2 * value + 1,
                                          size.usual[random.below(size.usual.size())]};
  if (!budget_.tiles.empty()) {
    const std::int64_t tile = budget_.tiles[random.below(budget_.tiles.size())];
    const std::int64_t edge = (value / tile + static_cast<std::int64_t>(random.below(2))) * tile;
    for (std::int64_t next : {edge - 1, edge, edge + 1})
      candidates.push_back(next);
  }
  std::erase_if(candidates, [&](std::int64_t each) { return each == value || !size.decl->allows(each); });
  return candidates.empty() ? value : candidates[random.below(candidates.size())];
}

bool Varier::varySizes(Case& one, Random& random) {
  Sizes free;
  for (const FreeSize& size : free_)
    free[size.decl->name] = one.sizes.at(size.decl->name);
  for (std::uint64_t i = 0, count = 1 + random.below(2); i < count; ++i) {
    const FreeSize& size = free_[random.below(free_.size())];
    std::int64_t& value = free[size.decl->name];
    value = nearby(size, value, random);
  }
  auto sizes = completeSizes(contract_, free);
  auto broken = sizes ? brokenRequirement(contract_, *sizes) : Expected<const Expr*>(nullptr);
  auto cost = sizes && broken && !*broken ? estimateCost(contract_, *sizes) : fail(ErrorKind::Input, "");
  if (!cost) {
    ++rejected_requires_;
    return false;
  }
  if (cost->work > budget_.work || cost->bytes > static_cast<double>(budget_.memory_bytes)) {
    ++rejected_work_;
    return false;
  }
  if (*sizes != one.sizes)
    one.changed.clear(); // positions mean something else now
  one.sizes = std::move(*sizes);
  one.work = cost->work;
  return true;
}

void Varier::varyElements(Case& one, Random& random) const {
  std::vector<std::size_t> inputs;
  for (std::size_t i = 0; i < contract_.tensors.size(); ++i)
    if (isFloat(contract_.tensors[i].dtype) && contract_.tensors[i].access == Access::Read)
      inputs.push_back(i);
  auto cost = contract::planCost(contract_, one.sizes);
  if (inputs.empty() || !cost)
    return;
  const std::size_t input = inputs[random.below(inputs.size())];
  const auto elements = static_cast<std::uint64_t>(cost->elements[input]);
  for (std::uint64_t i = 0, count = 1 + random.below(kMostElements); i < count && elements > 0; ++i)
    one.changed[contract_.tensors[input].name][static_cast<std::int64_t>(random.below(elements))] =
        oneOf(kElementValues, random);
}

std::optional<Case> Varier::vary(const Case& base, Random& random) {
  Case one = base;
  one.kept.clear();
  one.property.clear();
  one.schedule = 0;
  const std::uint64_t what = random.below(10); // sizes alone half the time: they decide most of the control flow
  if ((what < 5 || what == 9) && !free_.empty() && !varySizes(one, random))
    return std::nullopt;
  if (one.work > budget_.work && !free_.empty()) { // one of the few large ones: run once, not again for other values
    ++rejected_work_;
    return std::nullopt;
  }
  if (what == 5 || what == 9 || free_.empty())
    one.family = families_[random.below(families_.size())];
  if (what == 6 || what == 9 || free_.empty())
    one.seed = random.bits() >> 1; // every JSON reader keeps 63 bits
  if (what == 7 || what == 8)
    varyElements(one, random);
  return one;
}

} // namespace kverify::generate

#include "fuzz/properties/property.h"

#include <memory>

#include "contract/operation.h"
#include "fuzz/properties/declare.h"

namespace kverify::properties {
namespace {

/// Float inputs of an operation that get a NaN, one at a time.
constexpr std::size_t kMostInputs = 3;

std::vector<std::unique_ptr<Property>> makeAll() {
  std::vector<std::unique_ptr<Property>> all;
  for (auto make : {makeScoreScale, makeKeyShift, makeKeyOrder, makeValueSign, makeValueAffine, makeConstantValues,
                    makeValueRange, makeHeadSymmetry, makeHeadIsolation, makeFutureKeys, makeBatchIsolation,
                    makeRowShift, makeRowScale, makeRowOrder, makeSumsToOne, makeLeftovers, makeGradientScale,
                    makeZeroGradient, makeMaskedPoison})
    all.push_back(make());
  for (std::size_t number = 0; number < kMostInputs; ++number)
    for (bool infinite : {false, true})
      all.push_back(makeNonfiniteInput(number, infinite));
  return all;
}

} // namespace

std::int64_t Setting::axis(const std::string& name) const {
  auto at = axes.find(name);
  return at == axes.end() ? 1 : at->second;
}

Expected<Setting> settingAt(const Contract& contract, const Sizes& sizes, std::uint64_t seed) {
  if (!contract.spec)
    return fail(ErrorKind::Input, "the contract names no operation: it owes no property", contract.path);
  Setting setting{contract, sizes, {}, seed};
  auto axes = contract::axisExtents(contract, setting.sizes);
  if (!axes)
    return tl::unexpected<ToolError>(axes.error());
  setting.axes = std::move(*axes);
  return setting;
}

const std::vector<const Property*>& allProperties() {
  static const std::vector<std::unique_ptr<Property>> owned = makeAll();
  static const std::vector<const Property*> all = [] {
    std::vector<const Property*> list;
    for (const auto& property : owned)
      list.push_back(property.get());
    return list;
  }();
  return all;
}

const Property* findProperty(std::string_view name) {
  for (const Property* property : allProperties())
    if (property->name() == name)
      return property;
  return nullptr;
}

std::map<std::string, std::vector<double>> denseOutputs(const Contract& contract, const LaunchPlan& plan,
                                                        const Sizes& axes,
                                                        const std::vector<std::vector<std::uint8_t>>& buffers) {
  std::map<std::string, std::vector<double>> values;
  for (const SpecRole& role : contract.spec->roles) {
    if (!role.output || !contract.findRole(role.name))
      continue;
    judge::RoleView view = judge::viewRole(contract, plan, axes, role.name);
    values[role.name] = judge::readDense(view, view.tensor->dtype, buffers[view.buffer]);
  }
  return values;
}

} // namespace kverify::properties

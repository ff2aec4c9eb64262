#pragma once
// Properties: what two runs of a correct kernel owe each other, whatever the values are. Each is one file.
//
// A property turns one launch into another one and says how the two results relate. Where the relation holds in exact
// arithmetic only, what the two results may differ by is the sum of their error bounds (fuzz/oracle), so no correct
// kernel is accused; where rounding commutes with the change (powers of two, signs), it is to the bit.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/judge/references.h"
#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::properties {

inline constexpr const char* kInvariance = "property.invariance";
inline constexpr const char* kIndependence = "property.independence";
inline constexpr const char* kRange = "property.range";
inline constexpr const char* kNonfinite = "property.nonfinite";

/// A launch that a property may be tried at.
struct Setting {
  const Contract& contract;
  Sizes sizes; ///< of the contract
  Sizes axes;  ///< of the spec
  std::uint64_t seed = 0;

  std::int64_t axis(const std::string& name) const;
  bool hasRole(const std::string& role) const { return contract.findRole(role) != nullptr; }
  const std::string& oracle() const { return contract.spec->oracle; }
};

/// At complete sizes. Errors: as of contract::axisExtents; Input where the contract names no operation.
Expected<Setting> settingAt(const Contract& contract, const Sizes& sizes, std::uint64_t seed);

/// One of the two runs. Dense, by output role, in the order of the spec's axes.
struct Result {
  std::map<std::string, std::vector<double>> values;
  judge::References references;
};

class Property {
public:
  virtual ~Property() = default;
  virtual std::string_view name() const = 0;      ///< "key-shift"
  virtual const char* check() const = 0;          ///< CheckInfo::id of its violation
  virtual std::string_view statement() const = 0; ///< "K + c for K leaves O as it is"
  /// Does this operation at these sizes owe it, and could it fail?
  virtual bool appliesTo(const Setting& setting) const = 0;
  /// Gives the inputs the form that the property needs (values that stay exact under the change).
  virtual void prepare(const Setting&, LaunchPlan&) const {}
  /// Has the second launch a reference? Not where its inputs are poisoned.
  virtual bool hasSecondReference() const { return true; }
  /// From the prepared launch to the second one.
  virtual void change(const Setting& setting, LaunchPlan& plan) const = 0;
  /// A sentence where the relation does not hold.
  virtual std::optional<std::string> violation(const Setting& setting, const Result& base,
                                               const Result& changed) const = 0;
};

/// All of them, in a fixed order.
const std::vector<const Property*>& allProperties();

/// Or null.
const Property* findProperty(std::string_view name);

/// The values that a run left, dense.
std::map<std::string, std::vector<double>> denseOutputs(const Contract& contract, const LaunchPlan& plan,
                                                        const Sizes& axes,
                                                        const std::vector<std::vector<std::uint8_t>>& buffers);

} // namespace kverify::properties

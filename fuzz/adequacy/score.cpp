#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/half.h"
#include "fuzz/adequacy/adequacy.h"

namespace kverify::adequacy {
namespace {

/// As the output tensor would hold it.
double rounded(DType dtype, double value) {
  switch (dtype) {
  case DType::F16: return doubleFromHalf(halfFromDouble(value));
  case DType::BF16: return doubleFromBfloat16(bfloat16FromDouble(value));
  case DType::E4M3: return doubleFromE4m3(e4m3FromDouble(value));
  case DType::E5M2: return doubleFromE5m2(e5m2FromDouble(value));
  case DType::F32: return static_cast<double>(static_cast<float>(value));
  default: return value;
  }
}

/// Error over bound; infinite where one is finite and the other is not.
double ratioOf(double got, double want, double bound) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (std::isnan(want) || std::isnan(got))
    return std::isnan(want) && std::isnan(got) ? 0 : kInfinite;
  if (got == want)
    return 0;
  if (!std::isfinite(got) || !std::isfinite(want))
    return kInfinite;
  const double error = std::fabs(got - want);
  return bound > 0 ? error / bound : kInfinite;
}

} // namespace

Fate& Score::fateOf(const std::string& name) {
  auto at = std::find_if(fates_.begin(), fates_.end(), [&](const Fate& fate) { return fate.name == name; });
  if (at == fates_.end())
    at = fates_.insert(fates_.end(), Fate{name, false, false, 0});
  return *at;
}

void Score::add(const properties::Setting& setting, const judge::References& references,
                const std::vector<Impostor>& impostors) {
  for (const Impostor& impostor : impostors) {
    Fate& fate = fateOf(impostor.name);
    for (const auto& [role, values] : impostor.values) {
      const oracle::Reference& reference = references.at(role);
      const TensorDecl* tensor = setting.contract.findRole(role);
      if (!tensor)
        continue;
      for (std::size_t i = 0; i < std::min(values.size(), reference.value.size()); ++i) {
        const double got = rounded(tensor->dtype, values[i]);
        const double want = rounded(tensor->dtype, reference.value[i]);
        fate.differs |= !(got == want || (std::isnan(got) && std::isnan(want)));
        fate.worst_ratio = std::max(fate.worst_ratio, ratioOf(got, reference.value[i], reference.bound[i]));
      }
    }
    fate.rejected = fate.worst_ratio > 1;
  }
}

std::size_t Score::total() const {
  return static_cast<std::size_t>(
      std::count_if(fates_.begin(), fates_.end(), [](const Fate& fate) { return fate.differs || fate.rejected; }));
}

std::size_t Score::rejected() const {
  return static_cast<std::size_t>(
      std::count_if(fates_.begin(), fates_.end(), [](const Fate& fate) { return fate.rejected; }));
}

std::vector<std::string> Score::survivors() const {
  std::vector<std::string> names;
  for (const Fate& fate : fates_)
    if (fate.differs && !fate.rejected)
      names.push_back(fate.name);
  return names;
}

} // namespace kverify::adequacy

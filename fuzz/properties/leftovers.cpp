// What lay in an output before is nothing to the result: NaN at first, random numbers in the second run. Accumulation
// into what was never cleared, and elements left as they were, show.
#include "fuzz/generate/random.h"
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class Leftovers : public Property {
public:
  std::string_view name() const override { return "leftovers"; }
  const char* check() const override { return kIndependence; }
  std::string_view statement() const override { return "what lay in the outputs before does not matter, to the bit"; }
  bool appliesTo(const Setting& setting) const override {
    for (const TensorDecl& tensor : setting.contract.tensors)
      if (isFloat(tensor.dtype) && (tensor.access == Access::Write || tensor.access == Access::Temporary))
        return true;
    return false;
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    generate::Random random(setting.seed);
    for (Buffer& buffer : plan.buffers) {
      if (!isFloat(buffer.dtype) || (buffer.access != Access::Write && buffer.access != Access::Temporary))
        continue;
      buffer.bytes.resize(static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype));
      for (std::int64_t i = 0; i < buffer.elements; ++i)
        judge::storeReal(buffer.dtype, buffer.bytes, i, random.normal());
    }
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    for (const auto& [role, values] : changed.values)
      if (auto broken = firstBroken(setting, base, changed,
                                    {.role = role, .exact = true, .what = "where random numbers lay in the outputs before"}))
        return broken;
    return std::nullopt;
  }
};

} // namespace

std::unique_ptr<Property> makeLeftovers() {
  return std::make_unique<Leftovers>();
}

} // namespace kverify::properties

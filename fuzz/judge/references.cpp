#include "fuzz/judge/references.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "core/half.h"
#include "fuzz/judge/places.h"

namespace kverify::judge {
namespace {

template <class T>
void put(std::span<std::uint8_t> bytes, std::int64_t element, T value) {
  std::memcpy(bytes.data() + static_cast<std::size_t>(element) * sizeof(T), &value, sizeof(T));
}

} // namespace

Expected<References> askReferences(const Contract& contract, const LaunchPlan& plan) {
  const Operation* operation = contract.spec ? findOperation(contract.spec->oracle) : nullptr;
  if (!operation)
    return fail(ErrorKind::Input, "the contract names no operation that has an oracle", contract.path);
  auto run = OperationRun::make(contract, plan);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  References references = operation->ask(*run);
  if (run->error())
    return tl::unexpected<ToolError>(*run->error());
  // A bound that came out as NaN (inf - inf, 0 inf: scores of thousands under coarse rounding) bounds nothing.
  for (auto& [role, reference] : references)
    for (std::vector<double>* bounds : {&reference.bound, &reference.tight})
      for (double& bound : *bounds)
        if (std::isnan(bound))
          bound = std::numeric_limits<double>::infinity();
  return references;
}

void storeReal(DType dtype, std::span<std::uint8_t> bytes, std::int64_t element, double value) {
  switch (dtype) {
  case DType::F16: return put(bytes, element, halfFromDouble(value));
  case DType::BF16: return put(bytes, element, bfloat16FromDouble(value));
  case DType::E4M3: return put(bytes, element, e4m3FromDouble(value));
  case DType::E5M2: return put(bytes, element, e5m2FromDouble(value));
  case DType::F32: return put(bytes, element, static_cast<float>(value));
  case DType::I32: return put(bytes, element, static_cast<std::int32_t>(value));
  case DType::I64: return put(bytes, element, static_cast<std::int64_t>(value));
  case DType::U8: return put(bytes, element, static_cast<std::uint8_t>(value));
  }
}

void writeDense(const RoleView& view, DType dtype, std::span<std::uint8_t> bytes, std::span<const double> values) {
  forEachPlace(view, [&](std::size_t i, std::int64_t element) { storeReal(dtype, bytes, element, values[i]); });
}

} // namespace kverify::judge

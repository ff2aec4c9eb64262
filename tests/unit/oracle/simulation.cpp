#include "simulation.h"

#include <cstring>

#include <gtest/gtest.h>

#include "contract/operation.h"
#include "core/half.h"

namespace kverify::testing {

float roundTo(Arithmetic type, float value) {
  switch (type) {
  case Arithmetic::F16: return floatFromHalf(halfFromFloat(value));
  case Arithmetic::BF16: return floatFromBfloat16(bfloat16FromFloat(value));
  default: return value;
  }
}

Operand load(const Contract& contract, const LaunchPlan& plan, const Sizes& axes, const std::string& role) {
  Operand operand{judge::viewRole(contract, plan, axes, role), {}};
  if (!operand.view.tensor)
    return operand;
  for (double value :
       judge::readDense(operand.view, operand.view.tensor->dtype, plan.buffers[operand.view.buffer].bytes))
    operand.values.push_back(static_cast<float>(value));
  return operand;
}

std::vector<std::vector<std::uint8_t>> initialContents(const LaunchPlan& plan) {
  std::vector<std::vector<std::uint8_t>> contents;
  for (const Buffer& buffer : plan.buffers) {
    contents.push_back(buffer.bytes);
    contents.back().resize(static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype), 0xFF);
  }
  return contents;
}

void store(std::vector<std::vector<std::uint8_t>>& contents, const judge::RoleView& view, std::int64_t flat,
           double value) {
  std::uint8_t* to =
      contents[view.buffer].data() + static_cast<std::size_t>(view.elementAt(flat)) * sizeOf(view.tensor->dtype);
  const auto real = static_cast<float>(value);
  if (view.tensor->dtype == DType::F32) {
    std::memcpy(to, &real, 4);
  } else if (view.tensor->dtype == DType::I32) {
    const auto whole = static_cast<std::int32_t>(value);
    std::memcpy(to, &whole, 4);
  } else {
    ASSERT_EQ(sizeOf(view.tensor->dtype), 2u) << "the simulation writes f32, i32, f16 and bf16";
    const std::uint16_t bits = view.tensor->dtype == DType::F16 ? halfFromFloat(real) : bfloat16FromFloat(real);
    std::memcpy(to, &bits, 2);
  }
}

Sizes axesOf(const Contract& contract, const LaunchPlan& plan) {
  Sizes sizes;
  for (const auto& [name, value] : plan.sizes)
    sizes[name] = value;
  return contract::axisExtents(contract, sizes).value();
}

Simulation::Simulation(const Contract& contract, const LaunchPlan& plan)
    : contract_(contract), plan_(plan), axes_(axesOf(contract, plan)), contents_(initialContents(plan)) {}

std::vector<float> Simulation::in(const std::string& role) const {
  return load(contract_, plan_, axes_, role).values;
}

std::vector<std::int64_t> Simulation::integers(const std::string& role) const {
  const judge::RoleView view = judge::viewRole(contract_, plan_, axes_, role);
  return view.tensor ? judge::readIntegers(view, view.tensor->dtype, plan_.buffers[view.buffer].bytes)
                     : std::vector<std::int64_t>();
}

void Simulation::out(const std::string& role, std::span<const float> values) {
  const judge::RoleView view = judge::viewRole(contract_, plan_, axes_, role);
  if (!view.tensor)
    return;
  EXPECT_EQ(values.size(), static_cast<std::size_t>(view.count())) << role;
  for (std::size_t i = 0; i < values.size(); ++i)
    store(contents_, view, static_cast<std::int64_t>(i), values[i]);
}

AuditResult audit(const Contract& contract, const Kernel& kernel, std::uint64_t seed, bool stops) {
  AuditResult result;
  generate::CaseBudget budget;
  budget.work = 1e6;
  budget.large_work = 3e6;
  auto cases = generate::makeCases(contract, seed, budget);
  if (!cases) {
    ADD_FAILURE() << cases.error().message;
    return result;
  }
  const auto signature = signatureOf(contract);
  for (const generate::Case& one : cases->cases) {
    auto plan = generate::buildPlan(contract, signature, one);
    EXPECT_TRUE(plan) << one.describe() << ": " << plan.error().message;
    if (!plan)
      return result;
    auto judgement = judge::judge(contract, *plan, kernel(*plan));
    EXPECT_TRUE(judgement) << one.describe() << ": " << judgement.error().message;
    if (!judgement)
      return result;
    ++result.cases;
    result.compared += judgement->compared;
    result.unbounded += judgement->unbounded;
    result.review += judgement->tier == judge::Tier::Review;
    // Rounding a subnormal result attains its bound of half a step, so the family "extreme" comes close to 1 by right.
    if (judgement->worst_ratio > result.worst_ratio && one.family != "extreme") {
      result.worst_ratio = judgement->worst_ratio;
      result.worst = one.describe();
      if (judgement->worst)
        result.worst += " " + judgement->worst->tensor + judgement->worst->index;
    }
    if (judgement->tier != judge::Tier::Fail)
      continue;
    if (result.failed++ == 0)
      result.first_message = one.describe() + ": " + judgement->bound_message + judgement->nonfinite_message;
    if (stops)
      return result;
  }
  return result;
}

Contract contractOf(const std::string& text) {
  auto contract = parseContract("test.json", text);
  if (!contract) {
    ADD_FAILURE() << contract.error().place << ": " << contract.error().message << " " << contract.error().hint;
    return {};
  }
  return *contract;
}

void expectCorrect(const char* what, const Contract& contract, const Kernel& kernel) {
  double worst = 0;
  for (std::uint64_t seed : {1, 2}) {
    const AuditResult result = audit(contract, kernel, seed);
    EXPECT_GE(result.cases, 8u) << what;
    EXPECT_EQ(result.failed, 0u) << what << ": " << result.first_message;
    EXPECT_LT(result.worst_ratio, 1) << what << ": " << result.worst;
    EXPECT_LT(result.unbounded, result.compared / 2) << what << ": the bound says nothing on too many elements";
    worst = std::max(worst, result.worst_ratio);
  }
  std::printf("%-44s worst error/bound of a correct kernel %.3f\n", what, worst);
}

void expectRefuted(const char* what, const Contract& contract, const Kernel& kernel) {
  const AuditResult result = audit(contract, kernel, 1, true);
  EXPECT_GT(result.failed, 0u) << what << " passes; worst ratio " << result.worst_ratio;
}

} // namespace kverify::testing

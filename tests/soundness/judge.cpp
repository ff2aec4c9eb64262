#include "tests/soundness/judge.h"

#include <cstring>
#include <random>

#include <fmt/format.h>

#include "contract/instantiate.h"
#include "frontend/compile.h"
#include "fuzz/generate/holds.h"
#include "simt/executor.h"
#include "verifier/checks/prove.h"

namespace kverify::soundness {

namespace {

/// The formal check that answers for what the executor saw.
std::string formalId(const std::string& check) {
  return check == "barrier.deadlock" ? "barrier.divergent" : check;
}

/// Families that the formal stage judges on every kernel: silence about them is not an answer.
bool alwaysJudged(const std::string& check) {
  return check.starts_with("race.") || check == "barrier.divergent" || check == "output.unwritten" ||
         (check.starts_with("bounds.") && !check.starts_with("bounds.logical"));
}

std::string inWords(const Sizes& sizes) {
  std::string text;
  for (const auto& [name, value] : sizes)
    text += fmt::format("{}={} ", name, value);
  return text;
}

/// What the contract says that a tensor holds, other values for other `contents`.
Expected<void> fillHeld(Buffer& buffer, const TensorDecl& tensor, const Sizes& sizes, unsigned contents) {
  auto rule = generate::rowRule(tensor, sizes, buffer.elements);
  if (!rule)
    return tl::unexpected(rule.error());
  generate::Random random(contents + 1);
  std::vector<std::int32_t> values;
  for (std::int64_t value : generate::drawRow(*rule, buffer.elements, random))
    values.push_back(static_cast<std::int32_t>(value));
  buffer.bytes.resize(values.size() * sizeof(std::int32_t));
  std::memcpy(buffer.bytes.data(), values.data(), buffer.bytes.size());
  return {};
}

/// Contents 0: zeros; then small numbers, which are good indices and good counts; then any bits at all.
void fill(Buffer& buffer, unsigned contents) {
  buffer.bytes.assign(static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype), 0);
  if (contents == 0 || buffer.dtype != DType::I32)
    return;
  std::mt19937 random(contents + static_cast<unsigned>(buffer.elements));
  for (std::size_t at = 0; at + 4 <= buffer.bytes.size(); at += 4) {
    std::uint32_t value = contents == 1 ? random() % 4 : static_cast<std::uint32_t>(random());
    for (unsigned byte = 0; byte < 4; ++byte)
      buffer.bytes[at + byte] = static_cast<std::uint8_t>(value >> (8 * byte));
  }
}

std::map<std::string, std::string> prove(const frontend::DeviceModule& module, const Contract& contract,
                                         const JudgeOptions& options) {
  verifier::ProveOptions how;
  how.obligation_ms = options.obligation_ms;
  how.kernel_seconds = options.kernel_seconds;
  how.want_candidates = false;
  std::map<std::string, std::string> outcomes;
  for (const CheckOutcome& one : verifier::proveKernel(module, contract, how)) {
    const auto* unknown = std::get_if<Unknown>(&one.outcome);
    outcomes[one.check] = std::holds_alternative<Proved>(one.outcome) ? "proved"
                          : unknown                                   ? unknown->code + ": " + unknown->detail
                                                                      : "?";
  }
  return outcomes;
}

Expected<void> runAll(const frontend::DeviceModule& module, const Contract& contract, const std::vector<Sizes>& boxes,
                      const JudgeOptions& options, Judgement& judgement) {
  auto program = simt::Program::create(module);
  if (!program)
    return tl::unexpected(program.error());
  simt::RunLimits limits;
  limits.steps = 200000;
  for (const Sizes& sizes : boxes)
    for (unsigned contents = 0; contents < options.contents; ++contents) {
      auto plan = contract::instantiate(contract, module.kernels, sizes);
      if (!plan)
        return tl::unexpected(plan.error());
      for (std::size_t i = 0; i < plan->buffers.size(); ++i) {
        Buffer& buffer = plan->buffers[i];
        if (buffer.access == Access::Read || buffer.access == Access::ReadWrite)
          fill(buffer, contents);
        if (contract.tensors[i].holds)
          if (auto held = fillHeld(buffer, contract.tensors[i], sizes, contents); !held)
            return tl::unexpected(held.error());
      }
      auto result = (*program)->run(*plan, limits);
      if (!result)
        return tl::unexpected(result.error());
      ++judgement.runs;
      judgement.unfinished +=
          result->status != simt::RunStatus::Completed && result->status != simt::RunStatus::Faulted;
      for (const Finding& finding : result->findings)
        judgement.broken.emplace(formalId(finding.check),
                                 fmt::format("{}contents {}: {}", inWords(sizes), contents, finding.message));
    }
  return {};
}

} // namespace

std::vector<std::string> Judgement::unsound() const {
  std::vector<std::string> all;
  for (const auto& [check, launch] : broken) {
    auto outcome = formal.find(check);
    if (outcome == formal.end() ? alwaysJudged(check) : outcome->second == "proved")
      all.push_back(check + (outcome == formal.end() ? ", not judged, " : ", proved, ") + "is broken at " + launch);
  }
  return all;
}

bool Judgement::allProved() const {
  for (const auto& [check, outcome] : formal)
    if (outcome != "proved")
      return false;
  return !formal.empty();
}

Expected<Judgement> judge(const std::string& source, const std::string& contract, const std::vector<Sizes>& boxes,
                          const JudgeOptions& options, const std::vector<std::string>& forged) {
  auto parsed = parseContract("contract.json", contract);
  if (!parsed)
    return tl::unexpected(parsed.error());
  frontend::CompileOptions compile;
  compile.headers = frontend::CudaHeaders::Builtin;
  for (const LaunchDecl& launch : parsed->launches)
    compile.kernels.push_back(launch.kernel);
  auto module = frontend::compileSource("random.cu", source, compile);
  if (!module)
    return tl::unexpected(module.error());
  Judgement judgement;
  judgement.formal = prove(*module, *parsed, options);
  for (const std::string& check : forged)
    judgement.formal[check] = "proved";
  if (auto done = runAll(*module, *parsed, boxes, options, judgement); !done)
    return tl::unexpected(done.error());
  return judgement;
}

} // namespace kverify::soundness

#include "simt/executor.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "simt/checks/checks.h"
#include "simt/jit.h"
#include "simt/lower/pipeline.h"
#include "simt/machine/machine.h"
#include "simt/run.h"

namespace kverify::simt {
namespace {

/// What undefined values are tried with, beside 0. As a float 1.2346 and as an integer large: nothing that arithmetic
/// swallows like 0. And not a number in every type of float: not even a factor of 0 swallows it.
constexpr std::uint32_t kOtherUndefined[] = {0x3f9e0652, 0x7fff7fff};

class SimtProgram : public Program {
public:
  SimtProgram(frontend::DeviceModule module, const ProgramOptions& options)
      : module_(std::move(module)), options_(options) {}

  Expected<RunResult> run(const LaunchPlan& plan, const RunLimits& limits) override {
    auto start = std::chrono::steady_clock::now();
    auto result = runEngines(plan, limits);
    if (result)
      result->stats.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

  Expected<const CoverageMap*> coverageMap() override {
    auto built = engine(fast_, false);
    if (!built)
      return tl::unexpected(built.error());
    return &(*built)->coverage;
  }

private:
  Expected<RunResult> runEngines(const LaunchPlan& plan, const RunLimits& limits) {
    std::vector<std::uint8_t> coverage;
    if (!options_.always_precise && !plan.only_block && !limits.watched_byte) {
      auto fast = runAll(plan, limits, {false, options_.checks});
      if (!fast)
        return tl::unexpected(fast.error());
      fast->result.doubt = fast->doubt;
      if (!fast->doubt || !limits.explain)
        return std::move(fast->result);
      coverage = std::move(fast->result.coverage);
    }
    auto precise = runAll(plan, limits, {true, true});
    if (!precise)
      return tl::unexpected(precise.error());
    precise->result.coverage = std::move(coverage);
    return std::move(precise->result);
  }

  /// Where a run produced undefined values, runs with other values for them show whether they matter.
  Expected<PlanResult> runAll(const LaunchPlan& plan, const RunLimits& limits, EngineMode mode) {
    auto built = engine(mode.precise ? precise_ : fast_, mode.precise);
    if (!built)
      return tl::unexpected(built.error());
    auto first = runPlan(**built, module_, plan, limits, mode);
    if (!first || options_.shadow != ShadowDomain::None || first->doubt || first->undefined_sites.empty() || !first->result.findings.empty())
      return first;
    for (std::uint32_t other : kOtherUndefined) {
      mode.undefined_value = other;
      auto again = runPlan(**built, module_, plan, limits, mode);
      if (!again)
        return again;
      if (sameOutcome(*first, *again))
        continue;
      if (mode.precise)
        return blame(**built, plan, limits, mode, std::move(*first));
      first->doubt = true;
      break;
    }
    return first;
  }

  static bool sameOutcome(const PlanResult& a, const PlanResult& b) {
    return a.doubt == b.doubt && a.result.status == b.result.status && a.result.buffers == b.result.buffers;
  }

  /// Changes one undefined value at a time: those that change the result alone are findings. Where only several
  /// together do, the first is named.
  Expected<PlanResult> blame(const Engine& engine, const LaunchPlan& plan, const RunLimits& limits, EngineMode mode,
                             PlanResult first) {
    mode.report_undefined = true;
    std::vector<Finding> findings;
    for (std::uint32_t site : first.undefined_sites) {
      mode.undefined_site = site;
      auto changed = runPlan(engine, module_, plan, limits, mode);
      if (!changed)
        return changed;
      if (sameOutcome(first, *changed) && !(findings.empty() && site == *first.undefined_sites.rbegin()))
        continue;
      for (Finding& finding : changed->result.findings)
        if (std::none_of(findings.begin(), findings.end(),
                         [&](const Finding& known) { return known.message == finding.message; }))
          findings.push_back(std::move(finding));
    }
    first.result.findings = std::move(findings);
    return first;
  }

  Expected<const Engine*> engine(std::unique_ptr<Engine>& slot, bool precise) {
    std::lock_guard lock(mutex_);
    if (!slot) {
      auto built =
          buildEngine(module_, {options_.checks, precise, options_.watch, options_.shadow, options_.coverage && !precise});
      if (!built)
        return tl::unexpected(built.error());
      slot = std::move(*built);
    }
    return slot.get();
  }

  frontend::DeviceModule module_;
  ProgramOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Engine> fast_, precise_;
};

} // namespace

Expected<std::unique_ptr<Program>> Program::create(const frontend::DeviceModule& module,
                                                   const ProgramOptions& options) {
  return std::make_unique<SimtProgram>(module, options);
}

Expected<std::unique_ptr<Engine>> buildEngine(const frontend::DeviceModule& module,
                                              const lower::InstrumentOptions& options) {
  auto lowered = lower::lowerModule(module, options);
  if (!lowered)
    return tl::unexpected(lowered.error());
  auto engine = std::make_unique<Engine>();
  engine->table = std::move(lowered->table);
  engine->granule_log2 = lowered->granule_log2;
  engine->coverage = std::move(lowered->coverage);
  engine->shadow = options.shadow;
  engine->shadow_granule_log2 = lowered->shadow_granule_log2;
  engine->shadow_constants = std::move(lowered->shadow_constants);
  auto jit = compile(std::move(lowered->module), std::move(lowered->context));
  if (!jit)
    return tl::unexpected(jit.error());
  engine->jit = std::move(*jit);
  for (lower::Entry& entry : lowered->entries) {
    auto address = engine->jit->lookup(entry.symbol);
    if (!address)
      return fail(ErrorKind::Internal, "kernel " + entry.kernel + ": " + address.error().message, module.source.path);
    std::string name = entry.kernel;
    engine->entries.emplace(std::move(name), Engine::Kernel{reinterpret_cast<EntryPoint>(*address), std::move(entry)});
  }
  for (ModuleObject& object : engine->table.objects)
    if (!object.init_symbol.empty()) {
      auto image = engine->jit->lookup(object.init_symbol);
      if (!image)
        return fail(ErrorKind::Internal, "variable " + object.name + ": " + image.error().message, module.source.path);
      engine->images[object.init_symbol] = *image;
    }
  return engine;
}

} // namespace kverify::simt

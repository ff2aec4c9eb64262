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

class SimtProgram : public Program {
 public:
  SimtProgram(frontend::DeviceModule module, const ProgramOptions& options) : module_(std::move(module)), options_(options) {}

  Expected<RunResult> run(const LaunchPlan& plan, const RunLimits& limits) override {
    auto start = std::chrono::steady_clock::now();
    auto result = runEngines(plan, limits);
    if (result) result->stats.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

 private:
  Expected<RunResult> runEngines(const LaunchPlan& plan, const RunLimits& limits) {
    if (!options_.always_precise) {
      auto fast = engine(fast_, false);
      if (!fast) return tl::unexpected(fast.error());
      auto result = runPlan(**fast, module_, plan, limits, {false, options_.checks});
      if (!result || !result->doubt) {
        if (!result) return tl::unexpected(result.error());
        return std::move(result->result);
      }
    }
    auto precise = engine(precise_, true);
    if (!precise) return tl::unexpected(precise.error());
    auto result = runPlan(**precise, module_, plan, limits, {true, true});
    if (!result) return tl::unexpected(result.error());
    return std::move(result->result);
  }

  Expected<const Engine*> engine(std::unique_ptr<Engine>& slot, bool precise) {
    std::lock_guard lock(mutex_);
    if (!slot) {
      auto built = buildEngine(module_, {options_.checks, precise});
      if (!built) return tl::unexpected(built.error());
      slot = std::move(*built);
    }
    return slot.get();
  }

  frontend::DeviceModule module_;
  ProgramOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Engine> fast_, precise_;
};

}  // namespace

Expected<std::unique_ptr<Program>> Program::create(const frontend::DeviceModule& module, const ProgramOptions& options) {
  return std::make_unique<SimtProgram>(module, options);
}

Expected<std::unique_ptr<Engine>> buildEngine(const frontend::DeviceModule& module, const lower::InstrumentOptions& options) {
  auto lowered = lower::lowerModule(module, options);
  if (!lowered) return tl::unexpected(lowered.error());
  auto engine = std::make_unique<Engine>();
  engine->table = std::move(lowered->table);
  engine->granule_log2 = lowered->granule_log2;
  auto jit = compile(std::move(lowered->module), std::move(lowered->context));
  if (!jit) return tl::unexpected(jit.error());
  engine->jit = std::move(*jit);
  for (lower::Entry& entry : lowered->entries) {
    auto* address = reinterpret_cast<EntryPoint>(engine->jit->lookup(entry.symbol));
    if (!address) return fail(ErrorKind::Internal, "kernel " + entry.kernel + " did not link", module.source.path);
    std::string name = entry.kernel;
    engine->entries.emplace(std::move(name), Engine::Kernel{address, std::move(entry)});
  }
  for (ModuleObject& object : engine->table.objects)
    if (!object.init_symbol.empty()) engine->images[object.init_symbol] = engine->jit->lookup(object.init_symbol);
  return engine;
}

}  // namespace kverify::simt

#pragma once
// One plan on one engine: memory laid out, launches in order, results copied out.
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "simt/executor.h"
#include "simt/jit.h"
#include "simt/lower/pipeline.h"
#include "simt/machine/machine.h"

namespace kverify::simt {

/// A module compiled in one way: with the fast filter, or to tell every event (precise).
struct Engine {
  struct Kernel {
    EntryPoint address = nullptr;
    lower::Entry entry;
  };
  SiteTable table;
  CoverageMap coverage;
  unsigned granule_log2 = 2;
  ShadowDomain shadow = ShadowDomain::None;
  unsigned shadow_granule_log2 = 2;
  std::vector<double> shadow_constants;
  std::unique_ptr<Jit> jit;
  std::map<std::string, Kernel> entries; ///< by mangled name
  std::map<std::string, void*> images;   ///< first contents of device variables
  mutable std::mutex arenas_mutex;
  mutable std::vector<std::unique_ptr<Arena>> arenas; ///< clean ones, ready for the next plan
};

Expected<std::unique_ptr<Engine>> buildEngine(const frontend::DeviceModule& module,
                                              const lower::InstrumentOptions& options);

struct EngineMode {
  bool precise = false;
  bool checks = true;
  std::uint32_t undefined_value = 0;
  bool report_undefined = false;
  std::uint32_t undefined_site = ~0u;
};

struct PlanResult {
  RunResult result;
  std::set<std::uint32_t>
      undefined_sites; ///< gave undefined values; another mode.undefined_value may change the result
  bool doubt = false;  ///< the fast filter could not clear something: the precise engine must run
};

Expected<PlanResult> runPlan(const Engine& engine, const frontend::DeviceModule& module, const LaunchPlan& plan,
                             const RunLimits& limits, const EngineMode& mode);

} // namespace kverify::simt

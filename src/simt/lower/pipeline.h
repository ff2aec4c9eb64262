#pragma once
// All lowering steps in their order.
#include <memory>
#include <string>
#include <vector>

#include "frontend/device_module.h"
#include "kverify/error.h"
#include "simt/lower/lower.h"

namespace kverify::simt::lower {

struct Lowered {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  SiteTable table;
  std::vector<Entry> entries;
  CoverageMap coverage; ///< of InstrumentOptions::coverage
  unsigned granule_log2 = 2;
  unsigned shadow_granule_log2 = 2;     ///< of shadow values (simt/shadow/cell.h)
  std::vector<double> shadow_constants; ///< by number
  std::vector<std::string> unsupported; ///< what the module contains and the executor does not model
};

/// Device bitcode -> host IR, ready to compile.
Expected<Lowered> lowerModule(const frontend::DeviceModule& device, const InstrumentOptions& options);

} // namespace kverify::simt::lower

#pragma once
// Shadow values beside every float of a module (simt/shadow/shadow.h). Runs once everything is inlined and memory is
// instrumented, before calls are bound to the executor.
#include <map>
#include <vector>

#include "simt/lower/lower.h"
#include "simt/shadow/shadow.h"

namespace llvm {
class Module;
} // namespace llvm

namespace kverify::simt::lower {

/// The program's floating-point constants by number: what they stand for is known when it runs.
class ShadowConstants {
public:
  unsigned numberOf(double value);
  const std::vector<double>& values() const { return values_; }

private:
  std::map<std::uint64_t, unsigned> numbers_;
  std::vector<double> values_;
};

/// log2 of the bytes that a cell stands for: 0 where the module converts 1-byte floats, 1 where it has 16-bit ones or
/// narrow accesses, else 2.
unsigned shadowGranuleLog2(llvm::Module& module, unsigned access_granule_log2);

/// Calls of kv_sh_* (simt/shadow/entry_points.h).
void addShadows(llvm::Module& module, ShadowDomain domain, unsigned granule_log2, Sites& sites,
                ShadowConstants& constants, const SiteTable& table);

} // namespace kverify::simt::lower

#pragma once
// A kernel made ready: compiled once, its contract loaded and fitted. What every stage starts from.
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/pipeline/job.h"
#include "frontend/compile.h"
#include "frontend/included_files.h"
#include "fuzz/generate/cases.h"
#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::pipeline {

struct Subject {
  Job job;
  frontend::CompileOptions compile; ///< as it was compiled, so that a replay can do the same
  frontend::DeviceModule module;
  std::optional<Contract> contract; ///< absent: job.launch is set
  std::vector<std::string> kernels; ///< written names, in the order of launching, each once
  std::vector<frontend::IncludedFile> included; ///< that the compilation read
  std::vector<std::string> assumptions;
  std::vector<std::string> system_folders; ///< of headers that are not the user's

  std::string displayName() const; ///< "partial + combine"
  bool judgesValues() const { return contract && contract->spec; }
  const frontend::KernelInfo* kernelInfo(std::string_view written) const;
};

/// Compiles and fits. Errors: as of loadContract, compileFile, fit and assumePlan.
/// Not `to_run`: a kernel without contract may take structs by value, which no plan can be assumed for.
Expected<Subject> prepare(const Job& job, const frontend::CompileOptions& options, bool to_run = true);

/// Where assumed buffers turn out to be too small, they get this many bytes each.
inline constexpr std::uint64_t kLargeAssumedBuffers = std::uint64_t{64} << 20;

/// For a subject without contract: buffers of this size from now on, and assumptions that say so.
void assumeBuffers(Subject& subject, std::uint64_t bytes);

/// The job's cases: drawn from the contract, or a few seeds of the one launch that was asked for.
Expected<generate::CaseSet> casesOf(const Subject& subject, std::uint64_t seed, const generate::CaseBudget& budget);

/// The extents that the kernels work in (frontend::tileExtents): generate::CaseBudget::tiles.
std::vector<std::int64_t> tilesOf(const Subject& subject);

/// The plan of one case. Without contract the case's sizes are values of parameters that the launch leaves open.
/// Errors: as of generate::buildPlan; Limit for a block alone without contract.
Expected<LaunchPlan> planOf(const Subject& subject, const generate::Case& one_case, std::uint64_t memory_bytes);

} // namespace kverify::pipeline

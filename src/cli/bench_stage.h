#pragma once
// The timing stage of an audit.
#include <vector>

#include "bench/timing/contender.h"
#include "cli/pipeline/audit.h"

namespace kverify::cli {

/// The shapes beside the contract, or some that fit. Errors: as of bench::readShapes.
Expected<std::vector<bench::Shape>> shapesFor(const pipeline::Subject& subject, std::uint64_t seed, bool held_back);

/// Times the job's kernel and adds the outcomes of the stage `bench`; the verdict is folded anew.
void judgeTiming(const pipeline::Job& job, const pipeline::AuditOptions& options, KernelReport& report);

} // namespace kverify::cli

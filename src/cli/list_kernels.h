#pragma once
// kverify audit --list: which kernels there are, before anything is judged.
#include <string>
#include <vector>

#include "cli/pipeline/job.h"
#include "frontend/compile.h"

namespace kverify::cli {

/// Prints the kernels of every job's source, as text or as JSON, on stdout; `kernel` keeps those of that name. Returns the
/// exit code: 2 where a source could not be read or a kernel is not there, else 0.
int listKernelsOf(const std::vector<pipeline::Job>& jobs, const frontend::CompileOptions& options, const std::string& kernel,
                  bool as_json);

} // namespace kverify::cli

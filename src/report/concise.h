#pragma once
// A line a finding, as compilers print it, so that editors and grep find their way.
#include <string>

#include "report/format.h"

namespace kverify::report {

/// One kernel: "kernel.cu:41:5: error: … [race.shared-read-write]", its other places as notes, and a line for the kernel.
std::string conciseKernel(const KernelReport& kernel, const RenderOptions& options);

/// All kernels, then the verdict.
std::string renderConcise(const Report& report, const RenderOptions& options);

} // namespace kverify::report

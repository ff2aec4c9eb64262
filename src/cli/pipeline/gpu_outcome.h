#pragma once
// What the runs on a GPU add to a report: outcomes of the stage "gpu", and why others have none.
#include <memory>

#include "cli/pipeline/backend.h"
#include "cli/pipeline/fold.h"
#include "kverify/report.h"

namespace kverify::pipeline {

/// Did a run on the GPU show this finding?
bool onGpu(const Finding& finding, Backend backend);

/// Why nothing could be run.
Unknown whyNoRunner(const ToolError& error);

/// The outcome of a check of which GPU runs show at most violations: Refuted where they did, else Unknown.
Outcome unseen(const CheckInfo& check, const FoldInput& input);

/// Outcomes of gpu.fault and, where both backends ran, of gpu.agreement; and notes with the figures. `record` may be null.
void judgeGpu(const std::shared_ptr<GpuRecord>& record, Backend backend, const FoldInput& input, double seconds,
              KernelReport& report);

} // namespace kverify::pipeline

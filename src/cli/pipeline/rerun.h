#pragma once
// The runs behind a certificate's tests, once more.
#include <functional>
#include <string>
#include <vector>

#include "cli/pipeline/audit_record.h"
#include "cli/pipeline/job.h"
#include "cli/pipeline/stop.h"
#include "frontend/compile.h"
#include "kverify/outcome.h"

namespace kverify::pipeline {

struct Rerun {
  std::size_t runs = 0;
  std::vector<std::string> differences; ///< one sentence each, the first few; empty: the same bits everywhere
  /// What the runs come to, of every check that they judge: to be compared with what was signed.
  std::vector<CheckOutcome> outcomes;
  std::string system_headers_sha256; ///< of this compilation
};

struct RerunOptions {
  unsigned workers = 1;
  StopSwitch* stop = nullptr;
  std::function<void(std::size_t done, std::size_t total)> progress; ///< from any thread; may be empty
};

/// `job` names source and contract; `compile` has the flags, the target and the headers that were recorded.
/// Errors: as of prepare() and of making the module runnable.
Expected<Rerun> rerun(const Job& job, const frontend::CompileOptions& compile, const RecordedRuns& recorded,
                      const RerunOptions& options);

} // namespace kverify::pipeline

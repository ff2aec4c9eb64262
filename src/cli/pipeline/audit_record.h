#pragma once
// What an audit rests on, for a certificate: kept beside the report when somebody asks for it.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/pipeline/case_run.h"
#include "cli/pipeline/subject.h"
#include "contract/instantiate.h"
#include "frontend/device_module.h"
#include "kverify/certificate.h"

namespace kverify::pipeline {

struct AuditOptions;

/// One case that was run, and what came of it.
struct RecordedRun {
  std::string stage; ///< "fuzz" or "stability"
  generate::Case one_case;
  std::string status; ///< "completed", "faulted", "step limit" …
  RunTrace trace;     ///< empty where the run did not get to its end
};

/// All runs that tests were counted from, in their order, with what it takes to run them again beside the source and its
/// contract: kverify.runs/1.
struct RecordedRuns {
  std::vector<std::string> kernels;              ///< written names
  std::optional<contract::AssumeOptions> launch; ///< where there is no contract
  std::uint64_t seed = 0, steps = 0, memory_bytes = 0;
  bool equal_writes = false; ///< threads may write one value to one place
  std::map<std::string, std::string> scopes; ///< of each stage's tests
  std::vector<RecordedRun> runs;
};

/// kverify.record/1, of one kernel. Filled while the audit runs.
struct AuditRecord {
  RecordedRuns runs;
  std::vector<std::string> flags; ///< of the compiler, as it got them
  std::string system_headers_sha256;
  std::string spec_sha256;
  std::map<std::string, std::string> tolerances;
  std::string solver; ///< "z3 4.8.12"
  AuditSettings settings;

  /// The stage's runs, as they are counted.
  void keep(const std::string& stage, std::span<const CaseRun> counted, const std::string& scope);
  /// Once the stages are over.
  void keep(const Subject& subject, const AuditOptions& options);
};

/// runCase; with a trace where there is a record.
CaseRun runRecorded(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                    const simt::RunLimits& limits, const AuditRecord* record);
CaseRun runRecorded(const Subject& subject, const PreparedCase& prepared, simt::Program& program,
                    const simt::RunLimits& limits, const AuditRecord* record);

std::string_view nameOf(simt::RunStatus status);

/// Canonical enough: the same runs give the same bytes.
std::string runsToJson(const RecordedRuns& runs);
/// `name` is for messages. Errors: Input.
Expected<RecordedRuns> runsFromJson(const std::string& name, std::string_view text);

/// Without the runs, which are a file of their own.
std::string recordToJson(const AuditRecord& record);
Expected<AuditRecord> recordFromJson(const std::string& name, std::string_view text);

/// Names in the folder of a record: kverify audit --record.
inline constexpr const char* kRecordFile = "record.json";
inline constexpr const char* kRecordedRuns = "runs.json";
inline constexpr const char* kRecordedQuestions = "questions"; ///< a folder, as --dump-smt2 fills it

/// Writes record.json and runs.json into the folder. Errors: Input.
Expected<void> writeRecord(const std::string& folder, const AuditRecord& record);

} // namespace kverify::pipeline

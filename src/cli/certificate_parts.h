#pragma once
// From an audit's report and its record to a certificate and the bundle beside it.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "attest/bundle.h"
#include "cli/pipeline/audit_record.h"
#include "kverify/certificate.h"
#include "kverify/error.h"
#include "kverify/report.h"

namespace kverify::cli {

/// What an audit left behind.
struct Audited {
  Report report; ///< of one kernel, certified
  pipeline::AuditRecord record; ///< without its runs
  std::string folder; ///< of the record
  std::string runs;   ///< the bytes of runs.json
  std::map<std::string, std::set<std::string>> questions; ///< of each check that is proved, by hash; and of the "step"s on the way
};

/// Reads report and record. Errors: Input, Internal (the report is not of one certified kernel, or was cut short).
Expected<Audited> readAudit(const std::string& report, const std::string& folder);

/// `mutation`: where mutants were tried. Errors: Internal (the report is of another source than `source_bytes`), Input.
Expected<Certificate> certificateOf(const Audited& audited, const Policy& policy, const std::optional<KillScore>& mutation);

/// Writes what it takes to ask again: every question, the runs, the contract. Errors: Input; Internal (a question that was
/// not kept).
Expected<void> writeBundle(const attest::Bundle& bundle, const Audited& audited, const Certificate& certificate);

/// Now, or SOURCE_DATE_EPOCH; how long it took only where the clock counts. Errors: Usage (no number in there).
Expected<AuditTiming> timingOf(const Report& report);

/// `path` as it is named from the folder of `source`: where both lie together, it stays the same everywhere.
std::string nameFrom(const std::string& source, const std::string& path);

} // namespace kverify::cli

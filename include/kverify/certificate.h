#pragma once
// What a certificate says: the audit of one kernel, with everything that it depends on, by hash. src/attest signs it and
// checks it; what it proves, to whom, and what it does not: src/attest/README.md.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kverify/finding.h"
#include "kverify/outcome.h"
#include "kverify/report.h"
#include "kverify/suppression.h"
#include "kverify/verdict.h"

namespace kverify {

/// A file by its name, from the kernel's folder, and its content.
struct FileDigest {
  std::string name;
  std::string sha256; ///< lower-case hex
  bool operator==(const FileDigest&) const = default;
};

/// One check that one stage judged, and what that rests on. CheckOutcome::seconds is left to AuditTiming.
struct Obligation {
  std::string code; ///< CheckInfo::code
  CheckOutcome judged;
  /// Of a proof, sorted: SHA-256 of the SMT-LIB text of every question that must be unsatisfiable. Empty: the check came
  /// out while the questions were being put together, and no solver was asked.
  std::vector<std::string> queries;
  std::optional<FileDigest> replay; ///< of a refutation
};

/// What became of mutants of the kernel.
struct KillScore {
  std::uint64_t killed = 0, survived = 0, equivalent = 0, unjudged = 0;
  std::uint64_t sample = 0; ///< at most so many were tried, spread evenly

  /// Killed of those that are another program; 1 where there are none.
  double score() const {
    std::uint64_t others = killed + survived + unjudged;
    return others ? static_cast<double>(killed) / static_cast<double>(others) : 1.0;
  }
};

/// Something that a person should see, whatever the verdict is.
struct CertifiedFinding {
  std::string check;
  Severity severity = Severity::Warning;
  std::string file; ///< from the kernel's folder
  unsigned line = 0;
  std::string message, fingerprint;
  bool confirmed = false; ///< a run showed it
};

/// How the audit was run, as far as its results depend on it.
struct AuditSettings {
  std::vector<std::string> stages; ///< sorted
  std::uint64_t seed = 0, cases = 0, step_limit = 0;
  bool quick = false;
  std::string backend = "simt";
  std::uint64_t query_ms = 0, kernel_ms = 0; ///< the prover's time for a question, and for the kernel
  double oracle_floor = 0;                   ///< part of the wrong results that the oracle had to reject
  bool require_determinism = false;
  std::optional<bool> equal_writes; ///< as asked for; absent: as the contract says
};

/// The one launch of a kernel that was audited without a contract.
struct CertifiedLaunch {
  std::string grid, block; ///< "8,1,1"
  std::uint64_t shared_bytes = 0;
  std::map<std::string, std::string> args;
};

struct Certificate {
  std::string tool_version;
  std::string tool_build; ///< toolIdentity(); empty: it has none
  Verdict verdict = Verdict::Inconclusive;
  Policy policy;      ///< that the verdict was folded under
  FileDigest source;  ///< the kernel's bytes: the subject
  std::string kernel; ///< display name, "flash<64, true>"
  std::string target; ///< "sm_80"
  std::vector<std::string> flags;   ///< of the compiler
  FileDigest cuda_headers;          ///< "builtin" or "toolkit", and the hash of all that were included
  std::vector<FileDigest> includes; ///< the user's headers, sorted by name
  std::optional<FileDigest> contract, spec;
  std::optional<CertifiedLaunch> launch; ///< where there is no contract
  AuditSettings settings;
  /// What a result may be off by: "limit": "error/bound <= 1", and the arithmetic that the bound is derived from.
  std::map<std::string, std::string> tolerances;
  std::vector<Obligation> obligations; ///< sorted by check, then stage
  std::vector<std::string> steps;      ///< sorted: questions that several proofs stand on, like an invariant's
  std::vector<NothingToJudge> idle;
  unsigned static_checks = 0;
  std::vector<CertifiedFinding> findings;
  std::vector<Suppression> suppressions;
  std::optional<Adequacy> oracle;
  std::optional<KillScore> mutation;
  std::vector<std::string> assumptions, notes;
  std::map<std::string, std::string> environment; ///< "solver": "z3 4.8.12" …
  std::optional<FileDigest> runs;                 ///< every case that was run, with the hashes of its results
};

/// When, and how long: apart, so that the rest is the same bytes every time.
struct AuditTiming {
  std::int64_t issued = 0; ///< seconds since 1970, UTC
  struct Row {
    std::string check, stage;
    double seconds = 0;
  };
  std::optional<double> seconds; ///< of the whole audit; absent (with the rows) under SOURCE_DATE_EPOCH
  std::vector<Row> rows;
};

} // namespace kverify

#pragma once
// The one model behind every output format.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kverify/error.h"
#include "kverify/finding.h"
#include "kverify/outcome.h"
#include "kverify/run.h"
#include "kverify/source.h"
#include "kverify/suppression.h"
#include "kverify/verdict.h"

namespace kverify {

/// A check that had nothing to judge in this kernel: neither passed nor proved.
struct NothingToJudge {
  std::string check;
  std::string why; ///< "no barrier"
};

namespace unknown_reason {
inline constexpr const char* weak_oracle = "oracle too weak";
} // namespace unknown_reason

/// Whether the oracle, its bound and these inputs tell wrong results from right ones.
struct Adequacy {
  /// Results of the kernel's own mutants.
  struct Mutants {
    std::uint64_t rejected = 0, total = 0; ///< wrong results
    std::uint64_t undecided = 0;           ///< accepted, and nobody can tell whether they are wrong
  };
  std::uint64_t rejected = 0, total = 0; ///< wrong results that no kernel needs to compute
  double floor = 1;                      ///< what part of all of them the policy wants rejected
  std::vector<std::string> survivors;    ///< "the last key lost"
  std::optional<Mutants> mutants;        ///< absent: not tried

  std::uint64_t all() const { return total + (mutants ? mutants->total : 0); }
  std::uint64_t allRejected() const { return rejected + (mutants ? mutants->rejected : 0); }
  bool suffices() const { return static_cast<double>(allRejected()) >= floor * static_cast<double>(all()) && total > 0; }
};

/// One stress case and how the kernel's error stood in it.
struct StressRow {
  std::string name, finds, sizes;
  std::string outcome; ///< "pass", "fail", or why nothing is known
  double worst_ratio = 0, signed_mean_error = 0; ///< error/bound; got - want
  std::string where;                             ///< of the worst error: "O[b=0, …]"
  std::uint64_t nonfinite_due = 0, nonfinite_wrong = 0; ///< results that are NaN or infinite by the reference; that disagree
  std::uint64_t impostors_rejected = 0, impostors = 0; ///< could it have failed at all? wrong results, at these inputs
};

/// Largest absolute errors at one length of the reduction.
struct GrowthRow {
  std::int64_t n = 0;
  double error = 0, bound = 0, naive = 0;
};

/// What the stability stage saw.
struct Stability {
  std::vector<StressRow> rows;
  std::string nonfinite; ///< what a NaN in an input does: "reaches every output that depends on it"
  std::uint64_t schedules = 0;
  std::string order_dependent; ///< the first store that another order of blocks changes, or empty
  std::string growth_size;     ///< "N"
  std::vector<GrowthRow> growth;
  double error_exponent = 0, bound_exponent = 0, naive_exponent = 0; ///< error ~ n^exponent; naive: 0 where there is none
  std::string plot;                              ///< path of the SVG, or empty
};

/// One way out of a branch that no case took.
struct WayMissed {
  std::string file;
  unsigned line = 0, column = 0;
  std::string when; ///< "true", "false", "case 3", "default"
};

/// How often a loop went round, in classes: "0", "1", "2", "3-4", "5-8", …
struct LoopTrips {
  std::string file;
  unsigned line = 0;
  std::vector<std::string> classes; ///< that some thread of some case was in
};

struct LineMissed {
  std::string file;
  unsigned line = 0;
};

/// What of the kernel's control flow all cases together reached. What a constant rules out and what ends in a trap is not
/// counted; what the contract rules out is.
struct Coverage {
  std::uint64_t ways = 0, ways_reached = 0; ///< out of branches; a loop's own are told by its trips
  std::uint64_t trip_classes = 0;           ///< reached, over all loops
  std::uint64_t lines = 0;                  ///< with code
  std::vector<WayMissed> ways_missed;
  std::vector<LoopTrips> loops;
  std::vector<LineMissed> lines_missed;
};

/// What the fuzz stage tried.
struct Search {
  std::uint64_t seed = 0;
  std::uint64_t replayed = 0, drawn = 0, guided = 0; ///< cases that ran: saved ones, by size and family, near those kept
  std::uint64_t kept = 0;                            ///< of the guided ones: they reached something new
  std::uint64_t shapes = 0;                          ///< different sizes
  std::uint64_t rejected_requires = 0;               ///< draws outside of what the contract allows
  std::uint64_t rejected_work = 0;                   ///< draws that cost too much
  std::uint64_t rejected_saved = 0;                  ///< saved cases that do not fit this contract
  std::string ended;                                 ///< why the guided part ended; empty: there was none
  std::optional<Coverage> coverage;
};

struct KernelReport {
  std::string file;
  std::string kernel; ///< display name, "flash<64, true>"
  std::string source_sha256;
  std::string contract;        ///< path, or "" where there is none
  std::string contract_sha256; ///< or ""
  std::string spec;            ///< "attention.forward", or ""
  std::string headers;         ///< "builtin" or "toolkit"
  std::string target;          ///< "sm_80"
  Verdict verdict = Verdict::Inconclusive;
  std::vector<CheckOutcome> outcomes;
  std::vector<NothingToJudge> idle;
  std::vector<Finding> findings;
  /// Of a finding, by its replay file: the smallest inputs that show it, and what of them does not matter.
  std::map<std::string, std::string> examples;
  unsigned static_checks = 0;            ///< how many checks read the source
  std::vector<Suppression> suppressions; ///< every one in the source, whether it did anything or not
  std::vector<std::string> profile;      ///< figures about the source that accuse nobody
  std::optional<Search> search;
  std::optional<Adequacy> adequacy;
  std::optional<Stability> stability;
  std::vector<std::string> assumptions;
  std::vector<std::string> notes; ///< what was not judged and why
  std::optional<ToolError> error; ///< the front-end or the contract failed: no verdict on the kernel
  JobRef job;
  /// What else of the user's was read: headers by the path they were opened with, and the SHA-256 of their bytes.
  std::map<std::string, std::string> includes;
  double seconds = 0;
};

struct Report {
  std::string tool_version;
  std::string tool_build; ///< of the program and its libraries (core/tool_identity.h); empty where they do not say
  std::string command;
  Settings settings;
  Environment environment;
  Corpus corpus;
  Shard shard;                  ///< {0, 0}: the whole audit
  std::vector<ShardRun> shards; ///< of a merged report
  std::uint64_t seed = 0;
  std::vector<KernelReport> kernels;
  bool partial = false; ///< interrupted: what is here is true, but not all was done
  double seconds = 0;
  int exit_code = 2;
  std::string started; ///< UTC, "2026-10-09T08:30:00Z"; empty: not known
  std::string folder;  ///< where it was run, from the top of its repository; paths in here are relative to it. "": the top
  std::vector<std::pair<std::string, std::string>> platform; ///< what it ran on: "clang", "solver", "system" …
};

} // namespace kverify

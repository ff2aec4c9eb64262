#pragma once
// Two reports compared: what is new, what is fixed, what is known no longer.
#include <string>
#include <vector>

#include "kverify/report.h"

namespace kverify::report {

inline constexpr const char* kDiffFormat = "kverify.diff/1";

/// A finding of one of the two reports.
struct FindingChange {
  enum class Kind {
    New,
    Confirmed, ///< it was there, and a run has confirmed it since
    Fixed,     ///< gone, and its check has judged the kernel
    Allowed,   ///< gone because a comment in the source allows it now
    Unjudged,  ///< gone, but its check no longer says anything: nobody knows whether it is fixed
    Unchanged,
  };
  Kind kind = Kind::New;
  const Finding* finding = nullptr; ///< of the newer report, where it is there
};

/// What one stage says of one check, before and after. Outcomes that say the same are left out.
struct OutcomeChange {
  enum class Kind {
    Better,
    Other,  ///< neither: other cases, another reason
    Weaker, ///< a proof that covers less or assumes more, or one that cannot be compared with the old one
    Lost,   ///< it was proved or tested, and nobody knows now
    Worse,  ///< it is refuted now
  };
  Kind kind = Kind::Other;
  std::string check, stage;
  const CheckOutcome *before = nullptr, *after = nullptr; ///< null: there is none
  std::string why;                                        ///< in words
};

struct KernelDiff {
  const KernelReport *before = nullptr, *after = nullptr; ///< null: the kernel is new, or gone
  std::vector<FindingChange> findings;
  std::vector<OutcomeChange> outcomes;
  bool verdict_changed = false;
  /// Nothing worth a line.
  bool quiet() const;
};

struct ReportDiff {
  std::vector<KernelDiff> kernels;
  /// 1: a new finding (notes apart), one that is confirmed now, or a check or kernel that is refuted now. Else 3: a weaker
  /// proof, or something that was known and is no longer. Else 0.
  int exit_code = 0;
};

/// Kernels are matched by file and name, those left by name alone where that is unique; findings by fingerprint. The
/// result points into both reports.
ReportDiff compareReports(const Report& before, const Report& after);

/// The old scope of a proof against the new one: is every launch of the old one in the new one? `why` says what is not.
/// Scopes that cannot be compared are not.
bool coversAsMuch(const std::string& before, const std::string& after, std::string& why);

struct DiffNames {
  std::string before, after; ///< what the reports are called
};
/// `verbose`: unchanged findings and outcomes that are better or other, too.
std::string renderDiffText(const ReportDiff& diff, const DiffNames& names, bool color, bool verbose);
/// kverify.diff/1 (specs/schema/diff.schema.json).
std::string renderDiffJson(const ReportDiff& diff, const DiffNames& names);

} // namespace kverify::report

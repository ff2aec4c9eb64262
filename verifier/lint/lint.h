#pragma once
// The static stage: what clang alone can see of a file, its host code included. No solver, no run.
#include <optional>
#include <string>
#include <vector>

#include "frontend/compile.h"
#include "kverify/contract.h"
#include "kverify/finding.h"
#include "kverify/suppression.h"

namespace kverify::verifier::lint {

/// A change of the source that certainly mends a finding and changes nothing else.
struct Fix {
  std::string file;
  std::size_t offset = 0, length = 0; ///< bytes that are replaced
  std::string text;                   ///< by this
};

struct LintFinding {
  Finding finding;
  std::vector<std::string> kernels; ///< those that reach the place; empty for host code
  std::optional<Fix> fix;
};

/// Where a check could not tell, and why.
struct LintUnknown {
  std::string check;
  SourceLocation at;
  std::string reason;
};

struct LintResult {
  KernelSource source;
  std::string headers;              ///< "builtin" or "toolkit"
  std::vector<std::string> kernels; ///< every kernel of the file that has code
  unsigned functions = 0;           ///< of the user, with a body, on either side
  std::vector<LintFinding> findings;
  std::vector<LintUnknown> unknowns;
  std::vector<std::string> profile; ///< lines about the file that accuse nobody
  std::vector<Suppression> suppressions;
  double parse_seconds = 0, check_seconds = 0;
};

/// Runs every check over the file. `contract` may be null; its kernels are instantiated where they are templates.
/// Suppressed findings are not among `findings` any more. Errors: as of frontend::visitFile.
Expected<LintResult> lintFile(const std::string& path, const frontend::CompileOptions& options,
                              const Contract* contract);

/// The checks of other stages that decide what this one only suspects ("barrier.divergent"); empty: nobody does.
std::vector<std::string> decidedBy(const std::string& check);

/// The new text of a file of which these fixes are made, overlapping ones only once.
std::string applyFixes(std::string text, std::vector<Fix> fixes);

} // namespace kverify::verifier::lint

#pragma once
// A fixture: a kernel that says what must be found. First line:
//   // kverify: expect=refuted kernel=row_softmax block=128 grid=1
// Keys: expect (certified, refuted, inconclusive), kernel, block, grid, shared, arg.NAME (scalar parameters), target,
// stages (fuzz, stability, formal, static, bench or several, with a comma; fuzz where nothing is said);
// backend (simt, cuda, both: the GPU is the fake one of tests/support/fake_cuda, told by `// fake:` lines what to do);
// unknown=CHECK (what that check must not be able to tell, whatever the verdict is);
// formal=unknown:REASON (one word: why the formal stage alone refutes not every marked check that it judges);
// the word `contract` takes FIXTURE.contract.json beside it in place of kernel, block and grid.
// On each line where something must be found: // expect: race.shared-write-write
// In a statement of several lines, on its last line; for a finding about a whole kernel, on its signature's last line.
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "kverify/error.h"
#include "kverify/report.h"

namespace kverify::tests {

/// A finding of `check` must touch one of these lines.
struct Expectation {
  std::string check;
  unsigned first = 0, last = 0;
};

struct Fixture {
  std::string path;
  std::string folder; ///< the check that it is about
  std::string expect; ///< name of a verdict
  std::string target = "sm_80";
  pipeline::Stages stages{.fuzz = true, .formal = false};
  pipeline::BackendOptions backend{.launch_ms = 300};
  std::string unknown;        ///< a check whose outcome must be Unknown; empty: none has to be
  std::string formal_unknown; ///< empty: the formal stage alone refutes what is marked, where it judges the check
  pipeline::Job job;
  std::vector<Expectation> expected;

  /// Only the source is read: nothing is run or proved.
  bool isStatic() const { return stages.lint && !stages.fuzz && !stages.formal; }
};

/// Reads the header and the annotations. Errors: Input, with the line.
Expected<Fixture> readFixture(const std::string& path);

/// Two-sided: what was expected and not found, what was found and not expected, a wrong verdict. Empty when all is
/// well. Of a fixture of the static stage only its own check and those that it expects count; and of an unknown_* one the
/// check must say that it cannot tell.
std::vector<std::string> mismatches(const Fixture& fixture, const KernelReport& report);

} // namespace kverify::tests

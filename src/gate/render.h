#pragma once
// The gate's answer as text, Markdown and JSON. Nothing is decided here.
#include <map>
#include <string>
#include <vector>

#include "gate/baseline.h"
#include "gate/judge.h"
#include "report/format.h"

namespace kverify::gate {

inline constexpr const char* kGateFormat = "kverify.gate/1";

/// One kernel and what became of it.
struct GateKernel {
  std::string why;                      ///< it was judged; empty where everything is
  const KernelReport* kernel = nullptr; ///< of the audits
  Decision decision;
  std::vector<BaselineFinding> fixed, gone;
  std::optional<CertificateSeen> certificate; ///< where one is asked for
};

/// A file that was found and not judged, by the policy's word.
struct Ignored {
  std::string file, reason;
};

struct GateReport {
  std::string command;
  std::string policy, preset;    ///< its file, or empty; its preset's name
  std::string baseline;          ///< its file, or empty
  std::string since, base;       ///< the change, or empty: everything was judged
  bool of_change = false;        ///< only what a change touches
  std::size_t found = 0;         ///< files with kernels, before the change picked some
  std::size_t touched = 0;       ///< of these
  std::vector<GateKernel> kernels;
  std::vector<Ignored> ignored;
  std::vector<std::string> notes; ///< "rule 2 matches no kernel", "the change edits kverify.json"
  bool partial = false;
  double seconds = 0;

  Result result() const; ///< the worst; Passed where a change touches no kernel
  int exitCode() const { return exitCodeOf(result()); }
};

/// Kernels that did not pass with all that is known of them, the others in a line; the result last.
std::string renderText(const GateReport& gate, const report::RenderOptions& options);

/// What the change touches and why, and what would be asked of it: nothing is run.
std::string renderPlan(const GateReport& gate, const std::vector<std::pair<std::string, Demands>>& demands);

/// For a step summary or a comment: the result first, at most `limit` bytes.
std::string renderMarkdown(const GateReport& gate, std::size_t limit);

/// kverify.gate/1 (specs/schema/gate.schema.json).
std::string renderJson(const GateReport& gate);

/// "3 kernels: 1 failed, 2 passed; 1 new finding, 2 known, 1 fixed".
std::string countsOf(const GateReport& gate);

} // namespace kverify::gate

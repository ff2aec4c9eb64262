#pragma once
// The one model behind every output format.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kverify/error.h"
#include "kverify/finding.h"
#include "kverify/outcome.h"
#include "kverify/source.h"
#include "kverify/suppression.h"
#include "kverify/verdict.h"

namespace kverify {

/// A check that had nothing to judge in this kernel: neither passed nor proved.
struct NothingToJudge {
  std::string check;
  std::string why; ///< "no barrier"
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
  unsigned static_checks = 0;            ///< how many checks read the source
  std::vector<Suppression> suppressions; ///< every one in the source, whether it did anything or not
  std::vector<std::string> profile;      ///< figures about the source that accuse nobody
  std::vector<std::string> assumptions;
  std::vector<std::string> notes; ///< what was not judged and why
  std::optional<ToolError> error; ///< the front-end or the contract failed: no verdict on the kernel
  double seconds = 0;
};

struct Report {
  std::string tool_version;
  std::string command;
  std::uint64_t seed = 0;
  std::vector<KernelReport> kernels;
  bool partial = false; ///< interrupted: what is here is true, but not all was done
  double seconds = 0;
  int exit_code = 2;
};

} // namespace kverify

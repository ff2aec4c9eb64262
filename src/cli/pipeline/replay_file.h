#pragma once
// kverify.replay/1: everything that a counterexample depends on (specs/schema/replay.schema.json).
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/pipeline/backend.h"
#include "cli/pipeline/case_run.h"
#include "contract/instantiate.h"
#include "frontend/compile.h"
#include "fuzz/generate/cases.h"
#include "kverify/error.h"
#include "kverify/finding.h"

namespace kverify::pipeline {

inline constexpr const char* kReplayFormat = "kverify.replay/1";

struct ReplayFile {
  std::string tool_version;
  std::string source, source_sha256;
  std::string contract, contract_sha256;         ///< empty: `launch` is set
  std::optional<contract::AssumeOptions> launch; ///< of the one kernel in compile.kernels
  frontend::CompileOptions compile;              ///< with the headers that were really used
  Backend backend = Backend::Simt; ///< where the finding was seen
  generate::Case one_case;
  Finding expected; ///< check, message and the places
  RunTrace trace;
};

/// "KV1203-a91f03bc.json": the same finding of the same kernel has the same name in every run.
std::string replayName(const ReplayFile& replay);

std::string replayToJson(const ReplayFile& replay);

/// Errors: Input, with the path and what is wrong in it.
Expected<ReplayFile> replayFromJson(const std::string& path, std::string_view text);

/// Writes `folder/replayName()`, creating the folder; returns the path. Errors: Input (cannot write).
Expected<std::string> writeReplay(const std::string& folder, const ReplayFile& replay);

} // namespace kverify::pipeline

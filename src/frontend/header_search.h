#pragma once
// Headers that a file includes by a path that only its own build knows. In a folder that was just fetched nobody says -I.
#include <optional>
#include <string>
#include <vector>

#include "frontend/clang_job.h"

namespace kverify::frontend {

/// What the run says it could not find, as it is included: "utils.h", "common/half.cuh". Nothing where something else failed.
std::optional<std::string> missingHeader(const ClangRun& run);

/// A folder near `source` from which `header` is there: the first of the source's folder and those above it, up to the root of the
/// checkout, that has one somewhere below. Nothing where that level has several that differ (choosing is the user's), or where none was
/// found among the first some thousand files.
std::optional<FoundHeader> searchHeader(const std::string& header, const std::string& source);

/// What was found for a file before, in this process: it is compiled many times, with the same flags. Thread-safe.
std::vector<FoundHeader> foundBefore(const std::string& source);
void noteFound(const std::string& source, const std::vector<FoundHeader>& found);

} // namespace kverify::frontend

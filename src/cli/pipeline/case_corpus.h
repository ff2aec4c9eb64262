#pragma once
// Cases that once showed a defect, or reached what no case before them did, kept on disk by operation and replayed first: a
// mistake that came back is found by the first launch. One JSON file an operation; broken entries cost themselves only, a broken file is put aside, not lost.
#include <string>
#include <vector>

#include "fuzz/generate/cases.h"
#include "kverify/contract.h"

namespace kverify::pipeline {

inline constexpr const char* kCaseCorpusFormat = "kverify.cases/1";

/// SavedCase::check of a case that showed no defect, but reached something new.
inline constexpr const char* kReachedSomething = "coverage";

struct SavedCase {
  std::string check;  ///< that it showed
  std::string source; ///< of the kernel it was found in
  generate::Case one_case;
};

/// What of a file is replayed.
struct LoadOptions {
  std::string source;                                    ///< cases of this kernel come before those of others
  double work = 2e7;                                     ///< multiply-adds of one case, at most
  std::uint64_t memory_bytes = std::uint64_t{256} << 20; ///< buffers of one case, at most
};

struct LoadedCases {
  std::vector<generate::Case> cases; ///< that this contract allows, each once
  std::size_t rejected = 0; ///< other sizes, values out of range, too much work, families or elements that do not exist
  std::vector<std::string> problems; ///< one sentence each, for the report
};

/// "out/cases/attention.forward.json"; contracts without operation share "no-operation.json".
std::string caseCorpusPath(const std::string& folder, const Contract& contract);

/// At most 24 cases that showed a defect, then at most 12 that reached something, the newest first.
/// A file that is not there is empty. One that can't be read is renamed (its new name is in the problem).
LoadedCases loadCases(const std::string& path, const Contract& contract, const LoadOptions& options = {});

/// Adds what is new (by check, sizes, family, changed elements and property), newest last; 200 that showed a defect and 100
/// others at most, of which the oldest go. Several processes may save at once.
/// Errors: Input (cannot write: the file is as it was before).
Expected<void> saveCases(const std::string& path, const std::vector<SavedCase>& found);

} // namespace kverify::pipeline

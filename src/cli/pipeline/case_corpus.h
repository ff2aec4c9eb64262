#pragma once
// Cases that once showed a defect, kept on disk by operation and replayed first: a mistake that came back is found by the
// first launch. One JSON file an operation; broken entries cost themselves only, a broken file is put aside, not lost.
#include <string>
#include <vector>

#include "fuzz/generate/cases.h"
#include "kverify/contract.h"

namespace kverify::pipeline {

inline constexpr const char* kCaseCorpusFormat = "kverify.cases/1";

struct SavedCase {
  std::string check;  ///< that it showed
  std::string source; ///< of the kernel it was found in
  generate::Case one_case;
};

struct LoadedCases {
  std::vector<generate::Case> cases; ///< that this contract allows, each once
  std::size_t rejected = 0;          ///< other sizes, values that are out of range, families that do not exist
  std::vector<std::string> problems; ///< one sentence each, for the report
};

/// "out/cases/attention.forward.json"; contracts without operation share "no-operation.json".
std::string caseCorpusPath(const std::string& folder, const Contract& contract);

/// A file that is not there is empty. One that can't be read is renamed (its new name is in the problem).
LoadedCases loadCases(const std::string& path, const Contract& contract);

/// Adds what is new (by check, sizes, family and property), newest last, 200 at most. Several processes may save at once.
/// Errors: Input (cannot write: the file is as it was before).
Expected<void> saveCases(const std::string& path, const std::vector<SavedCase>& found);

} // namespace kverify::pipeline

#pragma once
// What makes a job the same job on another machine or another day: its content. Shards are cut by it, journals and shared
// proofs are found by it. The text that is hashed is part of the formats: docs in README.md, changed only with them.
#include <string>
#include <vector>

#include "kverify/report.h"
#include "kverify/run.h"

namespace kverify::farm {

/// What a job is made of. `kernel` and `launch` are "" where the contract says it all.
struct JobParts {
  std::string source, contract; ///< paths, as reports show them; no contract is ""
  std::string kernel, launch;
};

struct JobIdentity {
  std::string content_sha256; ///< equal for equal content, wherever it lies
  std::string key;            ///< also of the names, and different for each job of one audit
};

/// In the order of the jobs. A file that cannot be read counts as one that is not there.
std::vector<JobIdentity> identify(const std::vector<JobParts>& jobs);

Corpus corpusOf(const std::vector<JobParts>& jobs, const std::vector<JobIdentity>& identities);

/// The same from a report's own words, so that a merge can check it: names and contents in the order of the jobs.
Corpus corpusOf(const std::vector<std::pair<std::string, std::string>>& names_and_contents);

/// Are the headers that a verdict stands on what they were?
bool includesHold(const KernelReport& report);

/// What a job is called in the corpus: its source, and its contract or kernel where that tells it apart.
std::string nameOf(const std::string& source, const std::string& contract);

std::string hashOf(const Settings& settings);

} // namespace kverify::farm

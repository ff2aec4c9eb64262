#pragma once
// What a change is: the files that differ from a revision, by git.
#include <set>
#include <string>
#include <vector>

#include "kverify/error.h"

namespace kverify::gate {

struct Change {
  std::string root;            ///< top of the repository, absolute; empty: nothing was asked of git
  std::string since;           ///< as asked: "origin/main"
  std::string base;            ///< the commit that was compared with: the merge base of `since` and HEAD
  std::set<std::string> files; ///< paths from the root; also those that are gone
  std::set<std::string> gone;  ///< of these
};

/// Everything in the working tree (committed or not, and untracked files that are not ignored) that differs from where
/// HEAD left `since`. Errors: Environment (no git, not in a repository), Input (no such revision; no common ancestor, as
/// in a shallow clone), each with git's own words.
Expected<Change> changeSince(const std::string& folder, const std::string& since);

/// The change that `paths` are, as a hook names them. Errors: Environment (not in a repository).
Expected<Change> changeOf(const std::string& folder, const std::vector<std::string>& paths);

/// Every file of the working tree that git knows or would add, from the root. Errors as above.
Expected<std::vector<std::string>> filesOf(const std::string& root);

/// Top of the repository around `folder`, or an Environment error.
Expected<std::string> topOf(const std::string& folder);

} // namespace kverify::gate

#include "gate/change.h"

#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "cuda/subprocess.h"

namespace kverify::gate {
namespace {

namespace fs = std::filesystem;

std::string firstLine(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

/// Standard output of `git -C folder …`.
Expected<std::string> git(const std::string& folder, std::vector<std::string> words, ErrorKind kind, std::string what,
                          std::string hint = {}) {
  std::vector<std::string> command{"git", "-C", folder, "-c", "core.quotePath=false"};
  command.insert(command.end(), words.begin(), words.end());
  cuda::ProcessOptions options{.timeout_s = 300, .environment = {{"LC_ALL", "C"}, {"GIT_OPTIONAL_LOCKS", "0"}}};
  options.most_bytes = std::size_t{1} << 30;
  cuda::ProcessResult result = cuda::runProcess(command, options);
  if (result.exit_code == 0)
    return result.out;
  if (result.exit_code == -1 || result.exit_code == 127)
    return fail(ErrorKind::Environment, "git was not found", "", "apt-get install git");
  std::string said = firstLine(result.err);
  return fail(kind, said.empty() ? what : fmt::format("{} ({})", what, said), "", std::move(hint));
}

/// Records that end with a zero byte: file names may hold anything else.
std::vector<std::string> records(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\0'), text.size());
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

} // namespace

Expected<std::string> topOf(const std::string& folder) {
  auto out = git(folder, {"rev-parse", "--show-toplevel"}, ErrorKind::Environment,
                 fmt::format("'{}' is not in a git repository", folder), "what a change touches is asked of git");
  if (!out)
    return tl::unexpected(out.error());
  return firstLine(*out);
}

Expected<std::vector<std::string>> filesOf(const std::string& root) {
  auto out = git(root, {"ls-files", "-z", "--cached", "--others", "--exclude-standard"}, ErrorKind::Environment,
                 "git does not list the files");
  if (!out)
    return tl::unexpected(out.error());
  return records(*out);
}

Expected<Change> changeSince(const std::string& folder, const std::string& since) {
  auto root = topOf(folder);
  if (!root)
    return tl::unexpected(root.error());
  Change change{.root = *root, .since = since};
  // --end-of-options: a revision that begins with a dash is no flag.
  auto commit = git(*root, {"rev-parse", "--verify", "--quiet", "--end-of-options", since + "^{commit}"}, ErrorKind::Input,
                    fmt::format("there is no revision '{}' here", since),
                    "in a CI: fetch the target branch, with its history (fetch-depth: 0)");
  if (!commit)
    return tl::unexpected(commit.error());
  auto base = git(*root, {"merge-base", firstLine(*commit), "HEAD"}, ErrorKind::Input,
                  fmt::format("HEAD and '{}' have no common ancestor here", since),
                  "a shallow clone lacks it: fetch the whole history (fetch-depth: 0, git fetch --unshallow)");
  if (!base)
    return tl::unexpected(base.error());
  change.base = firstLine(*base);
  // Renames are a file that is gone and a new one: both can touch a kernel.
  auto differ = git(*root, {"diff", "--name-status", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", change.base, "--"},
                    ErrorKind::Input, "git cannot compare");
  if (!differ)
    return tl::unexpected(differ.error());
  std::vector<std::string> words = records(*differ);
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    change.files.insert(words[i + 1]);
    if (words[i].starts_with("D"))
      change.gone.insert(words[i + 1]);
  }
  auto untracked = git(*root, {"ls-files", "-z", "--others", "--exclude-standard"}, ErrorKind::Input, "git does not list new files");
  if (!untracked)
    return tl::unexpected(untracked.error());
  for (std::string& file : records(*untracked))
    change.files.insert(std::move(file));
  return change;
}

Expected<Change> changeOf(const std::string& folder, const std::vector<std::string>& paths) {
  auto root = topOf(folder);
  if (!root)
    return tl::unexpected(root.error());
  Change change{.root = *root};
  std::error_code error;
  for (const std::string& path : paths) {
    fs::path absolute = fs::absolute(fs::path(folder) / path).lexically_normal();
    std::string below = fs::weakly_canonical(absolute.parent_path(), error).append(absolute.filename().string()).lexically_relative(*root).generic_string();
    if (below.empty() || below.starts_with(".."))
      return fail(ErrorKind::Input, fmt::format("'{}' is not in the repository '{}'", path, *root), "--changed");
    change.files.insert(below);
    if (!fs::exists(absolute, error))
      change.gone.insert(below);
  }
  return change;
}

} // namespace kverify::gate

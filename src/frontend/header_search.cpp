#include "frontend/header_search.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLevels = 8;      ///< above the source's folder
constexpr std::size_t kMostEntries = 30000; ///< that are looked at, in all

std::string bytesOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Is it a place that no project lies in, but many beside each other?
bool isNoProject(const fs::path& folder) {
  return !folder.has_relative_path() || folder == "/tmp" || folder == "/home" || folder == "/root" || folder == "/usr" || folder.parent_path() == "/home";
}

/// Files below `folder` that end with `header`, in the order of their paths; `skip` was looked at before.
std::vector<fs::path> endingWith(const fs::path& header, const fs::path& folder, const fs::path& skip, std::size_t& entries) {
  std::vector<fs::path> found;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && at != end && entries < kMostEntries; at.increment(error), ++entries) {
    const fs::path& path = at->path();
    std::string name = path.filename().string();
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (path == skip || name.starts_with('.') || name == "build" || name == "node_modules")
        at.disable_recursion_pending();
      continue;
    }
    if (name != header.filename())
      continue;
    auto mine = std::distance(path.begin(), path.end()), wanted = std::distance(header.begin(), header.end());
    if (mine > wanted && std::equal(header.begin(), header.end(), std::next(path.begin(), mine - wanted)))
      found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct Before {
  std::mutex mutex;
  std::map<std::string, std::vector<FoundHeader>> by_source;
};
Before& before() {
  static Before all;
  return all;
}

} // namespace

std::vector<FoundHeader> foundBefore(const std::string& source) {
  std::lock_guard lock(before().mutex);
  auto known = before().by_source.find(source);
  return known == before().by_source.end() ? std::vector<FoundHeader>() : known->second;
}

void noteFound(const std::string& source, const std::vector<FoundHeader>& found) {
  std::lock_guard lock(before().mutex);
  before().by_source[source] = found;
}

std::optional<std::string> missingHeader(const ClangRun& run) {
  for (const ClangRun::Error& error : run.errors_at) {
    // 'utils.h' file not found [with <angled> include; use "quotes" instead]
    std::size_t end = error.message.find("' file not found");
    if (error.message.starts_with('\'') && end != std::string::npos && end > 1)
      return error.message.substr(1, end - 1);
  }
  return std::nullopt;
}

std::optional<FoundHeader> searchHeader(const std::string& header, const std::string& source) {
  fs::path wanted = fs::path(header).lexically_normal();
  std::error_code error;
  fs::path folder = fs::absolute(source, error).lexically_normal().parent_path(), looked_at;
  if (error || wanted.empty() || wanted.is_absolute() || *wanted.begin() == "..")
    return std::nullopt;
  std::size_t entries = 0;
  for (std::size_t level = 0; level <= kMostLevels && !isNoProject(folder) && entries < kMostEntries; ++level) {
    std::vector<fs::path> found = endingWith(wanted, folder, looked_at, entries);
    if (!found.empty()) {
      std::string bytes = bytesOf(found[0]);
      bool same = std::all_of(found.begin() + 1, found.end(), [&](const fs::path& other) { return bytesOf(other) == bytes; });
      fs::path root = found[0];
      for (auto part = wanted.begin(); part != wanted.end(); ++part)
        root = root.parent_path();
      return same ? std::optional<FoundHeader>({header, root.string()}) : std::nullopt;
    }
    if (fs::exists(folder / ".git", error))
      break;
    looked_at = folder;
    folder = folder.parent_path();
  }
  return std::nullopt;
}

} // namespace kverify::frontend

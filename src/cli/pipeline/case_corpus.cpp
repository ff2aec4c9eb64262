#include "cli/pipeline/case_corpus.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include "fuzz/generate/families.h"
#include "fuzz/properties/property.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostCases = 200;
constexpr std::size_t kMostReplayed = 24;

/// Held while a file is read, changed and replaced.
class FileLock {
public:
  explicit FileLock(const std::string& path) : fd_(open((path + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (fd_ >= 0)
      flock(fd_, LOCK_EX);
  }
  ~FileLock() {
    if (fd_ >= 0)
      close(fd_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

private:
  int fd_;
};

Json toJson(const SavedCase& saved) {
  const generate::Case& one = saved.one_case;
  Json j = {{"check", saved.check},   {"source", saved.source}, {"sizes", one.sizes},
            {"family", one.family}, {"seed", one.seed}};
  if (!one.property.empty())
    j["property"] = one.property;
  if (!one.kept.empty())
    j["kept"] = one.kept;
  return j;
}

SavedCase savedFrom(const Json& j) {
  SavedCase saved{.check = j.at("check"), .source = j.at("source")};
  saved.one_case.sizes = j.at("sizes").get<Sizes>();
  saved.one_case.family = j.at("family");
  saved.one_case.seed = j.at("seed");
  saved.one_case.property = j.value("property", "");
  if (j.contains("kept"))
    saved.one_case.kept = j.at("kept").get<std::map<std::string, std::vector<std::int64_t>>>();
  return saved;
}

struct Contents {
  std::vector<SavedCase> saved;
  std::vector<std::string> problems;
  bool broken = false; ///< not a file of this kind at all
};

Contents read(const std::string& path) {
  Contents contents;
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return contents;
  std::ostringstream bytes;
  bytes << in.rdbuf();
  Json j = Json::parse(bytes.str(), nullptr, false);
  contents.broken = j.is_discarded() || !j.is_object() || !j.contains("format") || j["format"] != kCaseCorpusFormat ||
                    !j.contains("cases") || !j["cases"].is_array();
  if (contents.broken)
    return contents;
  std::size_t place = 0;
  for (const Json& entry : j["cases"]) {
    try {
      contents.saved.push_back(savedFrom(entry));
    } catch (const Json::exception& e) {
      contents.problems.push_back(fmt::format("case {} of '{}' can't be read and is left out: {}", place, path, e.what()));
    }
    ++place;
  }
  return contents;
}

/// Moves a file that can't be read out of the way, under a name that is not taken.
std::string putAside(const std::string& path) {
  for (int i = 1; i < 1000; ++i) {
    std::string aside = fmt::format("{}.broken-{}", path, i);
    std::error_code error;
    if (fs::exists(aside, error))
      continue;
    fs::rename(path, aside, error);
    if (error)
      return fmt::format("'{}' is not a file of saved cases, and can't be moved out of the way: {}", path,
                         error.message());
    return fmt::format("'{}' is not a file of saved cases: it is now '{}', and a new one is begun", path, aside);
  }
  return fmt::format("'{}' is not a file of saved cases", path);
}

bool allowed(const Contract& contract, const generate::Case& one) {
  Sizes free;
  for (const SizeDecl& size : contract.sizes) {
    if (size.kind == SizeDecl::Kind::Equals)
      continue;
    auto at = one.sizes.find(size.name);
    if (at == one.sizes.end() || !size.allows(at->second))
      return false;
    free[size.name] = at->second;
  }
  auto sizes = completeSizes(contract, free);
  if (!sizes || *sizes != one.sizes)
    return false;
  auto broken = brokenRequirement(contract, *sizes);
  for (const auto& [tensor, elements] : one.kept)
    if (!contract.findTensor(tensor))
      return false;
  bool known = generate::parseFamily(one.family) && (one.property.empty() || properties::findProperty(one.property));
  return broken && !*broken && known && (one.property.empty() || contract.spec);
}

auto keyOf(const SavedCase& saved) {
  return std::tuple(saved.check, saved.one_case.sizes, saved.one_case.family, saved.one_case.property);
}

Expected<void> write(const std::string& path, const std::vector<SavedCase>& all) {
  Json j = {{"format", kCaseCorpusFormat}, {"cases", Json::array()}};
  for (const SavedCase& saved : all)
    j["cases"].push_back(toJson(saved));
  // Whole or not at all: a full disk must not cost what is there.
  std::string draft = fmt::format("{}.{}", path, getpid());
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << j.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
    if (!out.flush()) {
      std::error_code ignored;
      fs::remove(draft, ignored);
      return fail(ErrorKind::Input, fmt::format("the cases found can't be saved in '{}': {}", path, std::strerror(errno)));
    }
  }
  std::error_code error;
  fs::rename(draft, path, error);
  if (error)
    return fail(ErrorKind::Input, fmt::format("the cases found can't be saved in '{}': {}", path, error.message()));
  return {};
}

} // namespace

std::string caseCorpusPath(const std::string& folder, const Contract& contract) {
  return (fs::path(folder) / ((contract.spec ? contract.spec->name : "no-operation") + ".json")).string();
}

LoadedCases loadCases(const std::string& path, const Contract& contract) {
  LoadedCases loaded;
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return loaded;
  FileLock lock(path);
  Contents contents = read(path);
  loaded.problems = std::move(contents.problems);
  if (contents.broken)
    loaded.problems.push_back(putAside(path));
  std::set<std::string> seen;
  // The newest first: they are about what is worked on.
  for (auto saved = contents.saved.rbegin(); saved != contents.saved.rend(); ++saved) {
    if (!allowed(contract, saved->one_case))
      ++loaded.rejected;
    else if (loaded.cases.size() < kMostReplayed && seen.insert(saved->one_case.describe()).second)
      loaded.cases.push_back(saved->one_case);
  }
  return loaded;
}

Expected<void> saveCases(const std::string& path, const std::vector<SavedCase>& found) {
  if (found.empty())
    return {};
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error)
    return fail(ErrorKind::Input, fmt::format("the cases found can't be saved in '{}': {}", path, error.message()));
  FileLock lock(path);
  Contents contents = read(path);
  if (contents.broken)
    putAside(path);
  std::vector<SavedCase> all = std::move(contents.saved);
  for (const SavedCase& saved : found) {
    std::erase_if(all, [&](const SavedCase& known) { return keyOf(known) == keyOf(saved); });
    all.push_back(saved);
  }
  if (all.size() > kMostCases)
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(kMostCases));
  return write(path, all);
}

} // namespace kverify::pipeline

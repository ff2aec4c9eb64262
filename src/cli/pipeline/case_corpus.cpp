#include "cli/pipeline/case_corpus.h"

#include <algorithm>
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

#include "cli/pipeline/case_json.h"
#include "contract/instantiate.h"
#include "core/write_file.h"
#include "fuzz/generate/families.h"
#include "fuzz/generate/sizes.h"
#include "fuzz/properties/property.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostCases = 200;
constexpr std::size_t kMostKept = 100; ///< that reached something
constexpr std::size_t kMostReplayed = 24, kMostReached = 12;

bool isOfCoverage(const SavedCase& saved) {
  return saved.check == kReachedSomething;
}

/// Leaves at most so many of one kind.
void dropOldest(std::vector<SavedCase>& all, bool of_coverage, std::size_t most) {
  std::size_t count = static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const SavedCase& saved) { return isOfCoverage(saved) == of_coverage; }));
  std::size_t excess = count > most ? count - most : 0;
  std::erase_if(all, [&](const SavedCase& saved) { return isOfCoverage(saved) == of_coverage && excess > 0 && excess-- > 0; });
}

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
  Json j = {{"check", saved.check}, {"source", saved.source}};
  j.update(caseToJson(saved.one_case));
  return j;
}

SavedCase savedFrom(const Json& j) {
  return {.check = j.at("check"), .source = j.at("source"), .one_case = caseFromJson(j)};
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

/// Do all elements that a case names exist?
bool hasElements(const Contract& contract, const generate::Case& one) {
  auto cost = contract::planCost(contract, one.sizes);
  if (!cost)
    return false;
  auto isIn = [&](const std::string& name, std::int64_t element) {
    for (std::size_t i = 0; i < contract.tensors.size(); ++i)
      if (contract.tensors[i].name == name)
        return element >= 0 && static_cast<double>(element) < cost->elements[i];
    return false;
  };
  auto isInput = [&](const std::string& name) {
    const TensorDecl* tensor = contract.findTensor(name);
    return tensor && (tensor->access == Access::Read || tensor->access == Access::ReadWrite);
  };
  for (const auto& [tensor, elements] : one.kept)
    if (!isInput(tensor) || !std::all_of(elements.begin(), elements.end(), [&, &name = tensor](auto each) { return isIn(name, each); }))
      return false;
  for (const auto& [tensor, values] : one.changed)
    if (!isInput(tensor) || !isFloat(contract.findTensor(tensor)->dtype) ||
        !std::all_of(values.begin(), values.end(), [&, &name = tensor](const auto& each) { return isIn(name, each.first); }))
      return false;
  return true;
}

/// The case with what it costs, where this contract allows it.
std::optional<generate::Case> allowed(const Contract& contract, generate::Case one, const LoadOptions& options) {
  Sizes free;
  for (const SizeDecl& size : contract.sizes) {
    if (size.kind == SizeDecl::Kind::Equals)
      continue;
    auto at = one.sizes.find(size.name);
    if (at == one.sizes.end() || !size.allows(at->second))
      return std::nullopt;
    free[size.name] = at->second;
  }
  auto sizes = completeSizes(contract, free);
  if (!sizes || *sizes != one.sizes)
    return std::nullopt;
  auto broken = brokenRequirement(contract, *sizes);
  bool known = generate::parseFamily(one.family) && (one.property.empty() || properties::findProperty(one.property));
  if (!broken || *broken || !known || (!one.property.empty() && !contract.spec) || !hasElements(contract, one))
    return std::nullopt;
  auto cost = generate::estimateCost(contract, *sizes);
  if (!cost || cost->work > options.work || cost->bytes > static_cast<double>(options.memory_bytes))
    return std::nullopt;
  one.work = cost->work;
  return one;
}

auto keyOf(const SavedCase& saved) {
  const generate::Case& one = saved.one_case;
  return std::tuple(saved.check, one.sizes, one.family, one.property, one.changed);
}

Expected<void> write(const std::string& path, const std::vector<SavedCase>& all) {
  Json j = {{"format", kCaseCorpusFormat}, {"cases", Json::array()}};
  for (const SavedCase& saved : all)
    j["cases"].push_back(toJson(saved));
  if (auto written = writeWhole(path, j.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"); !written)
    return fail(ErrorKind::Input, "the cases found can't be saved: " + written.error().message);
  return {};
}

} // namespace

std::string caseCorpusPath(const std::string& folder, const Contract& contract) {
  return (fs::path(folder) / ((contract.spec ? contract.spec->name : "no-operation") + ".json")).string();
}

LoadedCases loadCases(const std::string& path, const Contract& contract, const LoadOptions& options) {
  LoadedCases loaded;
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return loaded;
  FileLock lock(path);
  Contents contents = read(path);
  loaded.problems = std::move(contents.problems);
  if (contents.broken)
    loaded.problems.push_back(putAside(path));
  // The newest first: they are about what is worked on.
  std::reverse(contents.saved.begin(), contents.saved.end());
  std::stable_sort(contents.saved.begin(), contents.saved.end(), [&](const SavedCase& a, const SavedCase& b) {
    auto rank = [&](const SavedCase& saved) { return isOfCoverage(saved) ? saved.source == options.source ? 1 : 2 : 0; };
    return rank(a) < rank(b);
  });
  std::set<std::string> seen;
  std::size_t found = 0, reached = 0;
  for (const SavedCase& saved : contents.saved) {
    auto one = allowed(contract, saved.one_case, options);
    loaded.rejected += !one;
    std::size_t& count = isOfCoverage(saved) ? reached : found;
    if (!one || count >= (isOfCoverage(saved) ? kMostReached : kMostReplayed) || !seen.insert(one->describe()).second)
      continue;
    ++count;
    loaded.cases.push_back(std::move(*one));
  }
  return loaded;
}

Expected<void> saveCases(const std::string& path, const std::vector<SavedCase>& found) {
  if (found.empty())
    return {};
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error)
    return fail(ErrorKind::Input, fmt::format("the cases found can't be saved: '{}': {}", path, error.message()));
  FileLock lock(path);
  Contents contents = read(path);
  if (contents.broken)
    putAside(path);
  std::vector<SavedCase> all = std::move(contents.saved);
  for (const SavedCase& saved : found) {
    std::erase_if(all, [&](const SavedCase& known) { return keyOf(known) == keyOf(saved); });
    all.push_back(saved);
  }
  dropOldest(all, false, kMostCases);
  dropOldest(all, true, kMostKept);
  return write(path, all);
}

} // namespace kverify::pipeline

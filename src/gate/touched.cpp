#include "gate/touched.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace kverify::gate {
namespace {

namespace fs = std::filesystem;

/// The changed file that `path` is, or the changed folder (a submodule) that it is in; or "".
std::string changedAt(const std::string& path, const Change& change) {
  if (change.files.count(path))
    return path;
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (std::string folder = path.substr(0, slash); change.files.count(folder))
      return folder;
  return {};
}

/// Both names that a contract may have, whether it is there or was taken away.
std::vector<std::string> contractsBeside(const std::string& source) {
  fs::path own = fs::path(source).replace_extension(".contract.json");
  return {own.generic_string(), (fs::path(source).parent_path() / "contract.json").generic_string()};
}

std::string withVerb(const std::string& path, const Change& change) {
  return fmt::format("{}, which {}", path, change.gone.count(path) ? "is gone" : "changed");
}

} // namespace

std::string whyTouched(const KernelFile& kernel, const Change& change, const SharedFiles& shared, IncludeGraph& graph) {
  if (!changedAt(kernel.source, change).empty())
    return "it changed";
  std::vector<std::string> documents = contractsBeside(kernel.source);
  documents.insert(documents.end(), kernel.documents.begin(), kernel.documents.end());
  for (const std::string& document : documents)
    if (std::string at = changedAt(document, change); !at.empty())
      return fmt::format("it is judged by {}", withVerb(at, change));
  Reach reach = graph.reachOf(kernel.source);
  for (const std::string& file : reach.files)
    if (std::string at = changedAt(file, change); !at.empty())
      return fmt::format("it includes {}", withVerb(at, change));
  for (const std::string& file : shared.policy)
    if (change.files.count(file))
      return fmt::format("what must pass is said by {}", withVerb(file, change));
  for (const std::string& file : change.files)
    if (fs::path(file).filename() == "compile_commands.json")
      return fmt::format("its flags may be those of {}", withVerb(file, change));
  if (reach.computed && !change.files.empty())
    return "it includes a file whose name is a macro's value, and something changed";
  return {};
}

} // namespace kverify::gate

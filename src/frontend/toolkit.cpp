#include "frontend/toolkit.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;

/// CUDART_VERSION (13000) of the root's headers as "13.0"; nothing when there are no headers.
std::optional<std::string> versionOf(const fs::path& root) {
  std::error_code ignored;
  if (!fs::exists(root / "include" / "cuda_runtime.h", ignored))
    return std::nullopt;
  std::ifstream header(root / "include" / "cuda_runtime_api.h");
  for (std::string line; std::getline(header, line);) {
    std::istringstream words(line);
    std::string define, name;
    int number = 0;
    if (words >> define >> name >> number && define == "#define" && name == "CUDART_VERSION")
      return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
  }
  return "unknown";
}

std::optional<Toolkit> toolkitAt(const fs::path& root, const char* found_by) {
  if (std::optional<std::string> version = versionOf(root))
    return Toolkit{root.string(), *version, found_by};
  return std::nullopt;
}

/// The root above the nvcc that a shell would run; follows links, since /usr/bin/nvcc may be one.
std::optional<fs::path> rootOfNvcc() {
  const char* path = std::getenv("PATH");
  if (!path)
    return std::nullopt;
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code failed;
    fs::path nvcc = fs::canonical(fs::path(folder) / "nvcc", failed);
    if (!failed)
      return nvcc.parent_path().parent_path();
  }
  return std::nullopt;
}

} // namespace

std::optional<Toolkit> findToolkit() {
  if (const char* home = std::getenv("CUDA_HOME"); home && *home)
    if (auto toolkit = toolkitAt(home, "CUDA_HOME"))
      return toolkit;
  if (std::optional<fs::path> root = rootOfNvcc())
    if (auto toolkit = toolkitAt(*root, "nvcc on PATH"))
      return toolkit;
  return toolkitAt("/usr/local/cuda", "its usual place");
}

std::optional<std::string> findClangResourceDir() {
  std::vector<std::string> candidates;
  if (const char* given = std::getenv("KVERIFY_CLANG_RESOURCE_DIR"); given && *given)
    candidates.push_back(given);
  for (const char* prefix : {"/usr/lib/llvm-19/lib/clang/19", "/usr/lib/clang/19", "/usr/lib64/clang/19",
                             "/usr/local/lib/clang/19", "/usr/lib/llvm-19/lib/clang/19.1.7"})
    candidates.push_back(prefix);
  for (const std::string& candidate : candidates) {
    std::error_code ignored;
    if (fs::exists(fs::path(candidate) / "include" / "__clang_cuda_builtin_vars.h", ignored))
      return candidate;
  }
  return std::nullopt;
}

} // namespace kverify::frontend

#include "cli/pipeline/source_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "frontend/python_source.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;

std::string textOf(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

/// "a/b.cuh" of `#include "a/b.cuh"`: its last component.
void addIncluded(const std::string& text, std::set<std::string>& names) {
  for (std::size_t at = text.find("#include"); at != std::string::npos; at = text.find("#include", at)) {
    at += 8;
    std::size_t end = text.find('\n', at);
    std::size_t open = text.find_first_of("\"<", at);
    if (open == std::string::npos || open > end)
      continue;
    std::size_t close = text.find_first_of("\">", open + 1);
    if (close != std::string::npos && close <= end)
      names.insert(fs::path(text.substr(open + 1, close - open - 1)).filename().string());
  }
}

/// Headers with a kernel are audited by themselves where no file of the folder includes them.
std::vector<fs::path> ownHeaders(const std::vector<fs::path>& headers, const std::vector<fs::path>& all) {
  std::vector<fs::path> kept;
  std::vector<fs::path> with_kernel;
  for (const fs::path& header : headers)
    if (textOf(header).find("__global__") != std::string::npos)
      with_kernel.push_back(header);
  if (with_kernel.empty())
    return kept;
  std::set<std::string> included;
  for (const fs::path& file : all)
    addIncluded(textOf(file), included);
  for (const fs::path& header : with_kernel)
    if (!included.count(header.filename().string()))
      kept.push_back(header);
  return kept;
}

/// The pieces of a Python file that go to a compiler, and the files that a load() names.
std::vector<SourceFile> piecesOf(const std::string& path) {
  auto file = frontend::readPython(path);
  if (!file)
    return {SourceFile{path, file.error()}};
  std::vector<SourceFile> sources;
  for (const frontend::PythonPiece& piece : file->pieces) {
    if (piece.kind != frontend::PythonPiece::Kind::Load)
      sources.push_back({file->pieces.size() == 1 ? path : fmt::format("{}@{}", path, piece.line), {}});
    for (const std::string& source : piece.sources)
      if (isCudaSource(source))
        sources.push_back({source, {}});
  }
  return sources;
}

} // namespace

bool isCudaSource(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  return ending == ".cu" || ending == ".cuh";
}

Expected<std::vector<SourceFile>> sourcesOf(const std::string& file) {
  if (isCudaSource(file))
    return std::vector<SourceFile>{{file, {}}};
  if (!frontend::isPython(file))
    return fail(ErrorKind::Input, fmt::format("'{}' is neither a folder nor a .cu, .cuh or Python file", file));
  auto [path, line] = frontend::splitPiecePath(file);
  if (line) {
    auto piece = frontend::pieceAt(file);
    if (!piece)
      return tl::unexpected(piece.error());
    return std::vector<SourceFile>{{file, {}}};
  }
  auto read = frontend::readPython(path);
  if (!read)
    return tl::unexpected(read.error());
  if (read->pieces.empty())
    return fail(ErrorKind::Input, fmt::format("there is no CUDA text in '{}'", path));
  return piecesOf(path);
}

std::vector<SourceFile> sourcesBelow(const std::string& folder) {
  std::vector<fs::path> cuda, headers, others;
  std::vector<std::string> python;
  std::error_code ignored;
  for (auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, ignored);
       at != fs::recursive_directory_iterator(); at.increment(ignored)) {
    const fs::path& path = at->path();
    if (at->is_directory() && path.filename().string().starts_with("."))
      at.disable_recursion_pending();
    if (!at->is_regular_file())
      continue;
    std::string ending = path.extension().string();
    if (ending == ".cu")
      cuda.push_back(path);
    else if (ending == ".cuh")
      headers.push_back(path);
    else if (ending == ".h" || ending == ".hpp" || ending == ".cpp" || ending == ".cc")
      others.push_back(path);
    else if (ending == ".py")
      python.push_back(path.string());
  }
  std::vector<SourceFile> sources;
  for (const fs::path& file : cuda)
    sources.push_back({file.string(), {}});
  others.insert(others.end(), cuda.begin(), cuda.end());
  others.insert(others.end(), headers.begin(), headers.end());
  for (const fs::path& file : ownHeaders(headers, others))
    sources.push_back({file.string(), {}});
  frontend::readPythonAhead(python);
  for (const std::string& file : python)
    for (SourceFile& source : piecesOf(file)) {
      auto known = std::find_if(sources.begin(), sources.end(), [&](const SourceFile& one) {
        return fs::path(one.path).lexically_normal() == fs::path(source.path).lexically_normal();
      });
      if (known == sources.end())
        sources.push_back(std::move(source));
    }
  std::stable_sort(sources.begin(), sources.end(),
                   [](const SourceFile& a, const SourceFile& b) { return fs::path(a.path) < fs::path(b.path); });
  return sources;
}

} // namespace kverify::pipeline

#include "frontend/python_source.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Program.h>
#include <llvm/Support/raw_ostream.h>
#include <nlohmann/json.hpp>

#include "frontend/embedded_headers.h"

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// The scripts as one program: each comes after what it imports.
std::string program() {
  std::string all;
  for (std::string_view name : {"literals.py", "evaluate.py", "extract.py"})
    for (const EmbeddedHeader& script : embeddedScripts()) {
      if (script.name != name)
        continue;
      std::string text(script.bytes);
      for (std::string_view import : {"from literals import", "from evaluate import"})
        if (std::size_t at = text.find(import); at != std::string::npos)
          text.erase(at, text.find('\n', at) - at);
      all += text + "\n";
    }
  return all;
}

std::string bytesOf(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

/// Runs python3 on the paths; returns its lines of JSON.
Expected<std::string> runPython(const std::vector<std::string>& paths) {
  llvm::ErrorOr<std::string> python = llvm::sys::findProgramByName("python3");
  if (!python)
    return fail(ErrorKind::Environment, "CUDA inside a Python file is found by Python's own parser, and there is no python3",
                "", "apt-get install python3");
  llvm::SmallString<128> in, out, err;
  if (llvm::sys::fs::createTemporaryFile("kverify", "paths", in) || llvm::sys::fs::createTemporaryFile("kverify", "json", out) ||
      llvm::sys::fs::createTemporaryFile("kverify", "log", err))
    return fail(ErrorKind::Environment, "no temporary file could be made");
  {
    std::ofstream list(in.c_str(), std::ios::binary);
    for (const std::string& path : paths)
      list << path << '\n';
  }
  std::string code = program();
  // -I: nothing of the user's environment is imported.
  std::array<llvm::StringRef, 5> arguments = {*python, "-I", "-B", "-c", code};
  std::array<std::optional<llvm::StringRef>, 3> redirects = {in.str(), out.str(), err.str()};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(*python, arguments, std::nullopt, redirects, /*SecondsToWait=*/300, 0, &message);
  std::string text = bytesOf(out.c_str()), log = bytesOf(err.c_str());
  for (const auto& path : {in, out, err})
    llvm::sys::fs::remove(path);
  if (status == 0)
    return text;
  while (!log.empty() && log.back() == '\n')
    log.pop_back();
  return fail(ErrorKind::Internal, "python3 could not look for CUDA: " +
                                       (log.empty() ? message : log.substr(log.rfind('\n') == std::string::npos ? 0 : log.rfind('\n') + 1)));
}

using Rows = std::vector<std::pair<unsigned, std::string>>;

/// Appends rows with the directives that make clang count them as the Python file does.
class TextWriter {
public:
  explicit TextWriter(const std::string& path) {
    for (char c : path)
      quoted_ += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  void plain(const std::string& line, unsigned at) {
    place(at);
    text_ += line + "\n";
    ++next_;
  }
  void rows(const Json& rows) {
    for (const Json& row : rows) {
      place(row.at(0).get<unsigned>());
      text_ += row.at(1).get<std::string>() + "\n";
      ++next_;
    }
  }
  std::string take() { return std::move(text_); }

private:
  void place(unsigned line) {
    if (line != next_)
      text_ += fmt::format("#line {} \"{}\"\n", line, quoted_);
    next_ = line;
  }

  std::string quoted_, text_;
  unsigned next_ = 0;
};

PythonPiece::Kind kindOf(const std::string& name) {
  static const std::map<std::string, PythonPiece::Kind> kinds = {
      {"load_inline", PythonPiece::Kind::LoadInline}, {"load", PythonPiece::Kind::Load},
      {"raw_kernel", PythonPiece::Kind::RawKernel},   {"raw_module", PythonPiece::Kind::RawModule},
      {"source_module", PythonPiece::Kind::SourceModule}};
  auto found = kinds.find(name);
  return found == kinds.end() ? PythonPiece::Kind::String : found->second;
}

bool namesTorch(const Json& texts) {
  for (const Json& text : texts)
    for (const Json& row : text)
      for (const char* word : {"torch::", "at::", "PYBIND11_MODULE"})
        if (row.at(1).get<std::string>().find(word) != std::string::npos)
          return true;
  return false;
}

/// load_inline writes cuda.cu (torch/types.h, cuda.h, cuda_runtime.h, then the texts) and main.cpp (torch/extension.h, the
/// texts, and a module with the functions). Here the second follows the first in one file: what is declared in both is the
/// same, and what is not agrees, since the linker joins them.
std::string textOf(const Json& piece, const std::string& path) {
  TextWriter writer(path);
  auto line = piece.at("line").get<unsigned>();
  const Json &cuda = piece.at("cuda"), &cpp = piece.at("cpp");
  bool is_inline = piece.at("kind") == "load_inline";
  if (is_inline || namesTorch(cuda))
    for (const char* include : {"#include <torch/types.h>", "#include <cuda.h>", "#include <cuda_runtime.h>"})
      writer.plain(include, line);
  for (const Json& text : cuda)
    writer.rows(text);
  if (is_inline) {
    writer.plain("#include <torch/extension.h>", line);
    for (const Json& text : cpp)
      writer.rows(text);
    if (!piece.at("functions").empty()) {
      std::string module = "PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {";
      for (const Json& function : piece.at("functions"))
        module += fmt::format(" m.def(\"{0}\", {0}, \"{0}\");", function.get<std::string>());
      writer.plain(module + " }", line);
    }
  }
  std::string named;
  for (const Json& kernel : piece.at("kernels"))
    if (auto name = kernel.get<std::string>(); name.find('<') != std::string::npos)
      named += fmt::format(" (void)&{};", name);
  if (!named.empty()) // a module compiles the instances that Python asks for by name
    writer.plain("[[maybe_unused]] static void kverify_named_by_python() {" + named + " }", line);
  return writer.take();
}

PythonPiece pieceOf(const Json& json, const std::string& path) {
  PythonPiece piece;
  piece.kind = kindOf(json.at("kind"));
  json.at("name").get_to(piece.name);
  json.at("line").get_to(piece.line);
  json.at("sources").get_to(piece.sources);
  json.at("functions").get_to(piece.functions);
  json.at("kernels").get_to(piece.kernels);
  json.at("flags").get_to(piece.flags);
  for (const Json& folder : json.at("folders"))
    piece.flags.push_back("-I" + folder.get<std::string>());
  for (const Json& hole : json.at("holes"))
    piece.holes.push_back({hole.at("name"), hole.at("expression"), hole.at("why"), hole.at("line")});
  for (const Json& one : json.at("defaults"))
    piece.assumptions.push_back(fmt::format("{} = {}, the default of a parameter (line {})", one.at(0).get<std::string>(),
                                            one.at(1).get<std::string>(), one.at(2).get<unsigned>()));
  if (const Json& unknown = json.at("unknown"); !unknown.is_null())
    piece.unknown = fmt::format("line {}: {}", unknown.at("line").get<unsigned>(), unknown.at("why").get<std::string>());
  if (piece.kind != PythonPiece::Kind::Load)
    piece.text = textOf(json, path);
  return piece;
}

Expected<PythonFile> fileOf(const Json& json) {
  PythonFile file;
  json.at("path").get_to(file.path);
  if (auto error = json.find("error"); error != json.end())
    return fail(ErrorKind::Input, error->get<std::string>(), fmt::format("{}:{}", file.path, json.at("line").get<unsigned>()));
  file.bytes = bytesOf(file.path);
  for (const Json& piece : json.at("pieces"))
    file.pieces.push_back(pieceOf(piece, file.path));
  return file;
}

std::mutex known_mutex;
std::map<std::string, Expected<PythonFile>>& known() {
  static std::map<std::string, Expected<PythonFile>> files;
  return files;
}

std::string listed(const std::vector<PythonPiece>& pieces, const std::string& path) {
  std::string text;
  for (const PythonPiece& piece : pieces)
    text += fmt::format("{}{}@{}{}", text.empty() ? "" : ", ", path, piece.line, piece.name.empty() ? "" : " (" + piece.name + ")");
  return text;
}

} // namespace

std::vector<std::string> loadFlags(const std::string& path) {
  auto normal = [](const std::string& one) { return fs::path(one).lexically_normal(); };
  std::lock_guard lock(known_mutex);
  for (const auto& [python, file] : known()) {
    if (!file)
      continue;
    for (const PythonPiece& piece : file->pieces)
      for (const std::string& source : piece.sources)
        if (normal(source) == normal(path))
          return piece.flags;
  }
  return {};
}

std::pair<std::string, unsigned> splitPiecePath(std::string_view path) {
  std::size_t at = path.rfind(".py@");
  if (at == std::string_view::npos)
    return {std::string(path), 0};
  std::string_view digits = path.substr(at + 4);
  if (digits.empty() || digits.size() > 8 || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return {std::string(path), 0};
  return {std::string(path.substr(0, at + 3)), static_cast<unsigned>(std::stoul(std::string(digits)))};
}

bool isPython(std::string_view path) {
  return splitPiecePath(path).first.ends_with(".py");
}

void readPythonAhead(const std::vector<std::string>& paths) {
  if (paths.empty())
    return;
  auto lines = runPython(paths);
  std::lock_guard lock(known_mutex);
  if (!lines) {
    for (const std::string& path : paths)
      known().insert_or_assign(path, tl::unexpected(lines.error()));
    return;
  }
  std::size_t begin = 0;
  while (begin < lines->size()) {
    std::size_t end = std::min(lines->find('\n', begin), lines->size());
    Json json = Json::parse(lines->substr(begin, end - begin), nullptr, /*allow_exceptions=*/false);
    begin = end + 1;
    if (json.is_object())
      known().insert_or_assign(json.at("path").get<std::string>(), fileOf(json));
  }
}

Expected<PythonFile> readPython(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return fail(ErrorKind::Input, "no such file", path);
  auto find = [&]() -> std::optional<Expected<PythonFile>> {
    std::lock_guard lock(known_mutex);
    auto found = known().find(path);
    return found == known().end() ? std::nullopt : std::optional(found->second);
  };
  if (auto found = find(); found && (!*found || (*found)->bytes == bytesOf(path))) // else it was changed meanwhile
    return *found;
  readPythonAhead({path});
  if (auto found = find())
    return *found;
  return fail(ErrorKind::Internal, "python3 said nothing about this file", path);
}

Expected<PythonPiece> pieceAt(const std::string& path) {
  auto [file_path, line] = splitPiecePath(path);
  auto file = readPython(file_path);
  if (!file)
    return tl::unexpected(file.error());
  if (file->pieces.empty())
    return fail(ErrorKind::Input, "there is no CUDA text in this Python file", file_path);
  if (line == 0 && file->pieces.size() == 1)
    return file->pieces[0];
  for (const PythonPiece& piece : file->pieces)
    if (line && piece.line == line)
      return piece;
  return fail(ErrorKind::Input,
              line ? fmt::format("no CUDA text begins at line {} of this file", line)
                   : fmt::format("this file has {} CUDA texts", file->pieces.size()),
              file_path, "there are " + listed(file->pieces, file_path));
}

} // namespace kverify::frontend

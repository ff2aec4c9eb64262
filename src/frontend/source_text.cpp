#include "frontend/source_text.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "core/hash.h"

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;

Expected<std::string> bytesOf(const std::string& path) {
  std::error_code failed;
  fs::file_status status = fs::status(path, failed);
  if (!fs::exists(status))
    return fail(ErrorKind::Input, "no such file", path);
  if (fs::is_directory(status))
    return fail(ErrorKind::Input, "this is a folder, not a CUDA source file", path);
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    return fail(ErrorKind::Input, "the file can't be opened for reading", path);
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

Expected<SourceText> pythonText(const std::string& path) {
  auto piece = pieceAt(path);
  if (!piece)
    return tl::unexpected(piece.error());
  auto file = readPython(splitPiecePath(path).first);
  if (piece->kind == PythonPiece::Kind::Load)
    return fail(ErrorKind::Input, fmt::format("this load() compiles files of their own: {}", fmt::join(piece->sources, ", ")),
                path, "audit those");
  if (piece->text.empty())
    return fail(ErrorKind::Input, "the CUDA text is not known before the file runs (" + piece->unknown + ")", path);
  return SourceText{path, piece->text, {path, file->bytes, sha256Hex(file->bytes)}, piece->flags, piece->holes};
}

} // namespace

Expected<SourceText> sourceAt(const std::string& path) {
  if (isPython(path))
    return pythonText(path);
  auto bytes = bytesOf(path);
  if (!bytes)
    return tl::unexpected(bytes.error());
  return SourceText{path, *bytes, {path, *bytes, sha256Hex(*bytes)}, {}, {}};
}

} // namespace kverify::frontend

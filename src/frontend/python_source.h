#pragma once
// CUDA inside Python files: what load_inline, RawKernel and their like are given, and other strings with a kernel.
// Python's own parser finds it (`python3`, src/frontend/python); the file is never run.
#include <string>
#include <string_view>
#include <vector>

#include "kverify/error.h"

namespace kverify::frontend {

/// A place of a text whose value only a run of the file gives: `{BLOCK}` of an f-string. The identifier `name` stands for
/// it in the text, so that -DBLOCK=64 gives it.
struct PythonHole {
  std::string name, expression, why;
  unsigned line = 0;
};

/// One text that goes to the compiler.
struct PythonPiece {
  enum class Kind { LoadInline, Load, RawKernel, RawModule, SourceModule, String };
  Kind kind = Kind::String;
  std::string name;  ///< of the extension, or of the variable that holds the string; may be empty
  unsigned line = 0; ///< of the text's first line in the Python file
  /// As torch (load_inline) or cupy hands it to nvcc, with #line directives: whatever clang says about it names the
  /// Python file and its lines. Empty for Load.
  std::string text;
  std::vector<std::string> sources;   ///< of Load: paths, made relative to the Python file's folder
  std::vector<std::string> functions; ///< that Python calls
  std::vector<std::string> kernels;   ///< that Python names: "axpy", "scan<float>"
  std::vector<std::string> flags;     ///< for the compiler
  std::vector<PythonHole> holes;
  std::vector<std::string> assumptions; ///< "BLOCK = 128, the default of a parameter (line 7)"
  std::string unknown;                  ///< why (part of) the text is not known before the file runs; usually empty
};

struct PythonFile {
  std::string path;
  std::string bytes;
  std::vector<PythonPiece> pieces; ///< in the order of the file
};

/// True for "model.py" and for "model.py@12", the piece whose text begins at line 12.
bool isPython(std::string_view path);

/// "model.py@12" as {"model.py", 12}; line 0 where there is none.
std::pair<std::string, unsigned> splitPiecePath(std::string_view path);

/// The flags that a load() of a Python file read so far gives to this source; empty for any other.
std::vector<std::string> loadFlags(const std::string& path);

/// Reads many files with one start of Python, for later readPython calls: they need none then.
void readPythonAhead(const std::vector<std::string>& paths);

/// The file's pieces. Errors: Input (no such file, not Python, with its line), Environment (there is no python3).
Expected<PythonFile> readPython(const std::string& path);

/// The piece that a path means: the only one of its file, or the one at its line.
/// Errors: as of readPython; Input (none, or several and no line; the message lists them).
Expected<PythonPiece> pieceAt(const std::string& path);

} // namespace kverify::frontend

#pragma once
// What a path stands for: a CUDA file, or a CUDA text inside a Python file.
#include <string>
#include <vector>

#include "frontend/python_source.h"
#include "kverify/source.h"

namespace kverify::frontend {

struct SourceText {
  std::string path;   ///< as the user wrote it
  std::string bytes;  ///< for clang
  KernelSource shown; ///< the file whose lines findings name: the same bytes, or the Python file's
  std::vector<std::string> flags; ///< that the Python file gives
  std::vector<PythonHole> holes;  ///< of a Python text
};

/// Errors: Input (no such file, a folder, empty, not Python, no or no single CUDA text in it), Environment.
Expected<SourceText> sourceAt(const std::string& path);

} // namespace kverify::frontend

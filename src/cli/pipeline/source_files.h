#pragma once
// The CUDA sources behind a path: .cu files, headers with kernels that nobody includes, and CUDA texts in Python files.
#include <optional>
#include <string>
#include <vector>

#include "kverify/error.h"

namespace kverify::pipeline {

struct SourceFile {
  std::string path;               ///< "a.cu", "model.py" (its only text), "model.py@12" (the one at line 12)
  std::optional<ToolError> error; ///< it can't be read; the others can
};

bool isCudaSource(const std::string& path);

/// Of one file that the user named. Errors: Input (neither CUDA nor Python with CUDA in it).
Expected<std::vector<SourceFile>> sourcesOf(const std::string& file);

/// Of a folder, hidden ones left out, sorted by path. Python files without CUDA are no sources.
std::vector<SourceFile> sourcesBelow(const std::string& folder);

} // namespace kverify::pipeline

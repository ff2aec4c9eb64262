#pragma once
// Which files a compilation read, and what was in them.
#include <memory>
#include <string>
#include <vector>

#include "frontend/compile.h"

namespace clang {
class DependencyCollector;
} // namespace clang

namespace kverify::frontend {

/// A file that was included, by its bytes as clang read them.
struct IncludedFile {
  std::string path;    ///< as clang opened it
  std::string sha256;  ///< lower-case hex
  bool system = false; ///< CUDA's, the host's libraries', clang's own: found below -isystem and the like
};

/// compileFile; `included` gets the files that the accepted compilation read, sorted by path, each once, without the source
/// itself and what clang makes up.
Expected<DeviceModule> compileFileNoting(const std::string& path, const CompileOptions& options,
                                         std::vector<IncludedFile>& included);

/// Listens to one compiler's preprocessor. Add it with CompilerInstance::addDependencyCollector; `files` is complete after
/// the run.
struct IncludedFilesListener {
  std::vector<IncludedFile> files;
  std::shared_ptr<clang::DependencyCollector> collector();
};

} // namespace kverify::frontend

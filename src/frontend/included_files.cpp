#include "frontend/included_files.h"

#include <algorithm>

#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include "core/hash.h"

namespace kverify::frontend {
namespace {

class Callbacks : public clang::PPCallbacks {
public:
  Callbacks(clang::SourceManager& sources, std::vector<IncludedFile>& files) : sources_(sources), files_(files) {}

  void FileChanged(clang::SourceLocation at, FileChangeReason reason, clang::SrcMgr::CharacteristicKind kind,
                   clang::FileID) override {
    if (reason != EnterFile)
      return;
    clang::FileID id = sources_.getFileID(at);
    clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(id);
    auto bytes = sources_.getBufferDataOrNone(id);
    if (id == sources_.getMainFileID() || !entry || !bytes)
      return;
    // What travels inside the program is the system's, also where it is included by the command line.
    const bool embedded = entry->getName().starts_with("/kverify/");
    IncludedFile file{entry->getName().str(), {}, embedded || clang::SrcMgr::isSystem(kind)};
    auto same = [&](const IncludedFile& other) { return other.path == file.path; };
    if (std::any_of(files_.begin(), files_.end(), same))
      return;
    file.sha256 = sha256Hex(std::string_view(bytes->data(), bytes->size()));
    files_.push_back(std::move(file));
  }

  void EndOfMainFile() override {
    std::sort(files_.begin(), files_.end(), [](const IncludedFile& a, const IncludedFile& b) { return a.path < b.path; });
  }

private:
  clang::SourceManager& sources_;
  std::vector<IncludedFile>& files_;
};

/// Clang asks its collectors to attach themselves; what they collect by themselves has no contents.
class Collector : public clang::DependencyCollector {
public:
  explicit Collector(std::vector<IncludedFile>& files) : files_(files) {}
  void attachToPreprocessor(clang::Preprocessor& preprocessor) override {
    preprocessor.addPPCallbacks(std::make_unique<Callbacks>(preprocessor.getSourceManager(), files_));
  }

private:
  std::vector<IncludedFile>& files_;
};

} // namespace

std::shared_ptr<clang::DependencyCollector> IncludedFilesListener::collector() {
  return std::make_shared<Collector>(files);
}

} // namespace kverify::frontend

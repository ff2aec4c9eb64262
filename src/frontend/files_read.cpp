#include "frontend/files_read.h"

#include <fstream>
#include <iterator>
#include <mutex>
#include <vector>

#include "core/hash.h"
#include "frontend/toolkit.h"

namespace kverify::frontend {
namespace {

struct Noted {
  std::mutex mutex;
  std::map<std::string, std::string> files;
};

Noted& noted() {
  static Noted all;
  return all;
}

bool isOfTheMachine(const std::string& path) {
  static const std::vector<std::string> folders = [] {
    std::vector<std::string> known = {"/usr/include/", "/usr/lib/", "/usr/local/include/", "/etc/", "/proc/", "/sys/"};
    if (auto clang = findClangResourceDir())
      known.push_back(*clang + "/");
    if (auto toolkit = findToolkit())
      known.push_back(toolkit->path + "/");
    return known;
  }();
  for (const std::string& folder : folders)
    if (path.starts_with(folder))
      return true;
  return false;
}

class NotingFiles : public llvm::vfs::ProxyFileSystem {
public:
  using ProxyFileSystem::ProxyFileSystem;

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine& path) override {
    auto file = ProxyFileSystem::openFileForRead(path);
    if (file)
      noteRead(path.str());
    return file;
  }
};

} // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> notingReads(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> below) {
  return llvm::makeIntrusiveRefCnt<NotingFiles>(std::move(below));
}

void noteRead(const std::string& path) {
  if (isOfTheMachine(path))
    return;
  Noted& all = noted();
  std::lock_guard lock(all.mutex);
  auto [at, is_new] = all.files.try_emplace(path);
  if (!is_new)
    return;
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  at->second = sha256Hex(bytes);
}

std::map<std::string, std::string> filesRead() {
  Noted& all = noted();
  std::lock_guard lock(all.mutex);
  return all.files;
}

} // namespace kverify::frontend

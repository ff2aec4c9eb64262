#include "farm/store.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/descriptor.h"

namespace kverify::farm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = std::size_t{64} << 20;

bool onlyOursCanWrite(const struct stat& info) {
  return (info.st_uid == geteuid() || info.st_uid == 0) && !(info.st_mode & (S_IWGRP | S_IWOTH));
}

/// The whole file behind `fd`; nothing where it cannot be read to its end.
std::optional<std::string> readAll(int fd) {
  std::string text;
  char bytes[1 << 16];
  for (ssize_t n; (n = read(fd, bytes, sizeof(bytes))) != 0;) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 || text.size() > kLargest)
      return std::nullopt;
    text.append(bytes, static_cast<std::size_t>(n));
  }
  return text;
}

} // namespace

bool isOurs(const std::string& folder) {
  struct stat info {};
  return stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && onlyOursCanWrite(info);
}

std::string FolderStore::pathOf(const std::string& name) const {
  return fmt::format("{}/{}/{}", folder_, name.substr(0, 2), name);
}

Expected<std::optional<std::string>> FolderStore::get(const std::string& name) {
  int fd = open(pathOf(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return std::optional<std::string>();
  struct stat info {};
  bool usable = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (!only_ours_ || onlyOursCanWrite(info));
  // On a network file system a file that was replaced since may be stale: that is no error, and no entry.
  std::optional<std::string> text = usable ? readAll(fd) : std::nullopt;
  close(fd);
  return text;
}

Expected<void> FolderStore::put(const std::string& name, const std::string& bytes) {
  std::string path = pathOf(name);
  auto cannot = [&] {
    return fail(ErrorKind::Environment, fmt::format("'{}' cannot be written: {}", folder_, std::strerror(errno)), "--cache",
                "name a folder that you can write, or --no-cache");
  };
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error)
    return errno = error.value(), cannot();
  // mkstemp's name is new on every machine that shares the folder: it is made with O_EXCL.
  std::string draft = path + ".XXXXXX";
  int fd = mkostemp(draft.data(), O_CLOEXEC);
  if (fd < 0)
    return cannot();
  bool done = writeAll(fd, bytes) && fsync(fd) == 0;
  if (!only_ours_ && done)
    done = fchmod(fd, 0644) == 0;
  done = close(fd) == 0 && done && rename(draft.c_str(), path.c_str()) == 0;
  if (done)
    return {};
  int why = errno;
  unlink(draft.c_str());
  errno = why;
  return cannot();
}

} // namespace kverify::farm

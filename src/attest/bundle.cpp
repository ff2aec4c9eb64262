#include "attest/bundle.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/descriptor.h"
#include "core/hash.h"

namespace kverify::attest {
namespace {

namespace fs = std::filesystem;

/// Closes a descriptor at the end.
struct Descriptor {
  explicit Descriptor(int number) : number(number) {}
  ~Descriptor() {
    if (number >= 0)
      close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

enum class ReadFault { None, Missing, NotPlain, TooLarge, Failed };

/// O_NONBLOCK: a pipe in the place of a file must not make us wait for a writer.
ReadFault readFrom(const std::string& path, std::size_t limit, int flags, std::string& bytes) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));
  if (file.number < 0)
    return errno == ENOENT || errno == ENOTDIR ? ReadFault::Missing : errno == ELOOP ? ReadFault::NotPlain : ReadFault::Failed;
  struct stat status {};
  if (fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode))
    return ReadFault::NotPlain;
  if (static_cast<std::uint64_t>(status.st_size) > limit)
    return ReadFault::TooLarge;
  bytes.clear();
  char part[1 << 16];
  for (;;) {
    ssize_t n = ::read(file.number, part, sizeof(part));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return ReadFault::Failed;
    if (n == 0)
      return ReadFault::None;
    bytes.append(part, static_cast<std::size_t>(n));
    if (bytes.size() > limit) // it grew meanwhile
      return ReadFault::TooLarge;
  }
}

/// Parts that are plain names: nothing that leads out of the folder.
bool isInside(const std::string& name) {
  fs::path path(name);
  bool plain = !name.empty() && path.is_relative();
  for (const fs::path& part : path)
    plain = plain && !part.empty() && part != "." && part != "..";
  return plain;
}

} // namespace

std::string queryFile(const std::string& sha256) {
  return fmt::format("queries/{}.smt2", sha256);
}

std::string replayFile(const std::string& replay_name) {
  return fmt::format("replays/{}", replay_name);
}

Checked<std::string> Bundle::read(const std::string& name, const std::string& sha256) const {
  std::string bytes;
  if (!isInside(name))
    return refuse(Reason::BundleIncomplete, fmt::format("'{}' is no name of a file in a bundle", name));
  switch (readFrom(pathOf(name), kLargestBundleFile, O_NOFOLLOW, bytes)) {
  case ReadFault::None: break;
  case ReadFault::TooLarge:
    return refuse(Reason::TooLarge, fmt::format("'{}' of the bundle has more than {} bytes", name, kLargestBundleFile));
  default: return refuse(Reason::BundleIncomplete, fmt::format("the bundle '{}' has no plain file '{}'", folder_, name));
  }
  if (sha256Hex(bytes) != sha256)
    return refuse(Reason::BundleMismatch, fmt::format("'{}' of the bundle is not the file that was signed: its SHA-256 is {}, and {} was signed",
                                                      name, sha256Hex(bytes), sha256));
  return bytes;
}

Expected<void> Bundle::write(const std::string& name, std::string_view bytes) const {
  std::error_code error;
  fs::create_directories(fs::path(pathOf(name)).parent_path(), error);
  if (error)
    return fail(ErrorKind::Input, fmt::format("the bundle can't be written: {}", error.message()), folder_);
  return writeWhole(pathOf(name), bytes);
}

Expected<std::string> readBounded(const std::string& path, std::size_t limit) {
  std::string bytes;
  switch (readFrom(path, limit, 0, bytes)) {
  case ReadFault::None: return bytes;
  case ReadFault::Missing: return fail(ErrorKind::Input, "there is no such file", path);
  case ReadFault::NotPlain: return fail(ErrorKind::Input, "this is no plain file", path);
  case ReadFault::TooLarge: return fail(ErrorKind::Input, fmt::format("this has more than {} bytes", limit), path);
  case ReadFault::Failed: break;
  }
  return fail(ErrorKind::Input, fmt::format("this can't be read: {}", std::strerror(errno)), path);
}

Expected<void> writeWhole(const std::string& path, std::string_view bytes) {
  std::string draft = fmt::format("{}.{}.part", path, getpid());
  Descriptor file(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  bool written = file.number >= 0 && writeAll(file.number, bytes) && fsync(file.number) == 0;
  if (written && rename(draft.c_str(), path.c_str()) == 0)
    return {};
  std::string why = std::strerror(errno);
  if (file.number >= 0)
    unlink(draft.c_str());
  return fail(ErrorKind::Input, fmt::format("this can't be written: {}", why), path);
}

} // namespace kverify::attest

#include "core/write_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace kverify {

Expected<void> writeWhole(const std::string& path, std::string_view text) {
  namespace fs = std::filesystem;
  auto failed = [&](const std::string& why) {
    return fail(ErrorKind::Input, fmt::format("'{}' can't be written: {}", path, why));
  };
  std::error_code error;
  if (fs::path folder = fs::path(path).parent_path(); !folder.empty())
    fs::create_directories(folder, error);
  if (error)
    return failed(error.message());
  const std::string draft = fmt::format("{}.{}.part", path, getpid());
  errno = 0;
  std::ofstream out(draft, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  const int reason = errno;
  if (out)
    fs::rename(draft, path, error);
  if (out && !error)
    return {};
  std::error_code ignored;
  fs::remove(draft, ignored);
  return failed(error ? error.message() : std::strerror(reason ? reason : EIO));
}

} // namespace kverify

#pragma once
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "kverify/error.h"

namespace kverify::contract {

/// The whole file. Errors: Input with the system's reason.
inline Expected<std::string> readFile(const std::string& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code))
    return fail(ErrorKind::Input, "is a folder, not a file", path);
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(ErrorKind::Input, std::string("can't be read: ") + std::strerror(errno), path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

} // namespace kverify::contract

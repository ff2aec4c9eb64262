#include "cli/loop/chained_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/descriptor.h"
#include "core/hash.h"

namespace kverify::loop {
namespace {

constexpr const char* kHint = "--no-resume starts it afresh";

ToolError cannot(const std::string& path, const char* what) {
  return {ErrorKind::Environment, fmt::format("the journal '{}' cannot be {}: {}", path, what, std::strerror(errno)), "--journal",
          "name a file in a folder that you can write"};
}

/// Over the text of the entry as it stands in the line, which dump() gives again: keys keep their order.
std::string checkOf(const std::string& last_check, const Json& entry) {
  return sha256Hex(last_check + "\n" + entry.dump()).substr(0, 32);
}

} // namespace

Expected<std::unique_ptr<ChainedLog>> ChainedLog::open(const std::string& path, bool afresh) {
  std::error_code ignored;
  if (auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder, ignored);
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return tl::unexpected(cannot(path, "opened"));
  std::unique_ptr<ChainedLog> log(new ChainedLog(path, fd));
  if (!std::filesystem::is_regular_file(path, ignored))
    return fail(ErrorKind::Input, fmt::format("the journal '{}' is no ordinary file", path), "--journal");
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return fail(ErrorKind::Input, fmt::format("another loop is writing the journal '{}'", path), "--journal",
                "wait for it, or give this one a journal of its own");
  if (afresh && ftruncate(fd, 0) != 0)
    return tl::unexpected(cannot(path, "emptied"));
  if (auto read = log->read(); !read)
    return tl::unexpected(read.error());
  return log;
}

ChainedLog::~ChainedLog() {
  close(fd_);
}

Expected<void> ChainedLog::read() {
  std::ifstream in(path_, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const std::string text = bytes.str();
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.find('\n', begin);
    Json line = end == std::string::npos ? Json() : Json::parse(text.substr(begin, end - begin), nullptr, false);
    bool whole = line.is_object() && line.contains("entry") && line.value("check", Json()) == checkOf(last_check_, line["entry"]);
    bool last = end == std::string::npos || end + 1 == text.size();
    if (!whole && last && text.compare(begin, 10, R"({"check":")", 0, std::min<std::size_t>(10, text.size() - begin)) == 0) {
      cut_off_ = true;
      break;
    }
    if (!whole)
      return fail(ErrorKind::Input, fmt::format("line {} of the journal '{}' is damaged, or no line of a journal", entries_.size() + 1, path_),
                  fmt::format("{}:{}", path_, entries_.size() + 1), kHint);
    last_check_ = line["check"].get<std::string>();
    entries_.push_back(std::move(line["entry"]));
    begin = end + 1;
  }
  if (ftruncate(fd_, static_cast<off_t>(begin)) != 0 || lseek(fd_, 0, SEEK_END) < 0)
    return tl::unexpected(cannot(path_, "written"));
  return {};
}

Expected<void> ChainedLog::append(const Json& entry) {
  if (broken_)
    return fail(ErrorKind::Environment, fmt::format("the journal '{}' could not be written before", path_), "--journal");
  std::string check = checkOf(last_check_, entry);
  off_t before = lseek(fd_, 0, SEEK_CUR);
  bool done = writeAll(fd_, Json{{"check", check}, {"entry", entry}}.dump() + "\n") && (fdatasync(fd_) == 0 || errno == EINVAL);
  if (done) {
    last_check_ = check;
    return {};
  }
  ToolError error = cannot(path_, "written");
  broken_ = before < 0 || ftruncate(fd_, before) != 0 || lseek(fd_, before, SEEK_SET) < 0; // half a line must not stay
  return tl::unexpected(error);
}

} // namespace kverify::loop

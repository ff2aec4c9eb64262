#include "farm/journal.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/descriptor.h"
#include "core/hash.h"
#include "report/json.h"

namespace kverify::farm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kBefore = R"({"check":")", kBetween = R"(","entry":)", kAfter = "}";
constexpr std::size_t kDigits = 32;

std::string checkOf(const std::string& last_check, std::string_view entry) {
  return sha256Hex(last_check + "\n" + std::string(entry)).substr(0, kDigits);
}

/// The entry of a line, or nothing where its checksum is another.
std::optional<std::string> entryIn(std::string_view line, const std::string& last_check) {
  std::size_t head = kBefore.size() + kDigits + kBetween.size();
  if (line.size() <= head || !line.starts_with(kBefore) || !line.ends_with(kAfter) ||
      line.substr(kBefore.size() + kDigits, kBetween.size()) != kBetween)
    return std::nullopt;
  std::string entry(line.substr(head, line.size() - head - kAfter.size()));
  return line.substr(kBefore.size(), kDigits) == checkOf(last_check, entry) ? std::optional(entry) : std::nullopt;
}

std::string startOf(const JournalRun& run) {
  return Json{{"format", kJournalFormat},
              {"tool_version", run.tool_version},
              {"tool_build", run.tool_build},
              {"settings", run.settings}}
      .dump();
}

std::string whyOther(const Json& start, const JournalRun& run) {
  if (start.value("tool_version", "") != run.tool_version)
    return fmt::format("was written by kverify {}, this is {}", start.value("tool_version", "?"), run.tool_version);
  if (start.value("tool_build", "") != run.tool_build)
    return "was written by another build of kverify, or with other libraries";
  Settings then = start.value("settings", Settings{});
  for (const auto& [name, value] : run.settings)
    if (then[name] != value)
      return fmt::format("is of an audit with {} = {}, this one has {}", name, then[name].empty() ? "nothing" : then[name],
                         value.empty() ? "nothing" : value);
  return then == run.settings ? "" : "is of an audit with other flags";
}

ToolError cannot(const std::string& path, const char* what) {
  return {ErrorKind::Environment, fmt::format("the journal '{}' cannot be {}: {}", path, what, std::strerror(errno)),
          "--journal", "name a file in a folder that you can write"};
}

Expected<std::string> wholeFile(int fd, const std::string& path) {
  std::string text;
  char bytes[1 << 16];
  for (ssize_t n; (n = pread(fd, bytes, sizeof(bytes), static_cast<off_t>(text.size()))) != 0;) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return tl::unexpected(cannot(path, "read"));
    text.append(bytes, static_cast<std::size_t>(n));
  }
  return text;
}

} // namespace

Expected<std::unique_ptr<Journal>> Journal::open(const std::string& path, const JournalRun& run, bool afresh) {
  std::error_code ignored;
  std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty())
    std::filesystem::create_directories(parent, ignored);
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0)
    return tl::unexpected(cannot(path, "opened"));
  std::unique_ptr<Journal> journal(new Journal(path, fd));
  if (!S_ISREG(info.st_mode))
    return fail(ErrorKind::Input, fmt::format("the journal '{}' is no ordinary file", path), "--journal");
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return fail(ErrorKind::Input, fmt::format("another audit is writing the journal '{}'", path), "--journal",
                "wait for it, or give this one a journal of its own");
  if (afresh && ftruncate(fd, 0) != 0)
    return tl::unexpected(cannot(path, "emptied"));
  if (auto read = journal->read(run); !read)
    return tl::unexpected(read.error());
  return journal;
}

Journal::~Journal() {
  close(fd_);
}

Expected<void> Journal::read(const JournalRun& run) {
  auto text = wholeFile(fd_, path_);
  if (!text)
    return tl::unexpected(text.error());
  std::size_t begin = 0, number = 0;
  for (std::size_t end; begin < text->size(); begin = end + 1) {
    end = text->find('\n', begin);
    ++number;
    auto entry = end == std::string::npos
                     ? std::nullopt
                     : entryIn(std::string_view(*text).substr(begin, end - begin), last_check_);
    bool is_last = end == std::string::npos || end + 1 == text->size();
    if (!entry && (!is_last || (number == 1 && !text->starts_with(kBefore.substr(0, text->size())))))
      return fail(ErrorKind::Input,
                  number == 1 ? fmt::format("'{}' is no journal of kverify", path_)
                              : fmt::format("line {} of the journal '{}' is damaged", number, path_),
                  fmt::format("{}:{}", path_, number), "--no-resume starts it afresh");
    if (!entry) {
      problem_ = fmt::format("the last line of the journal was cut off: its kernel is judged again");
      break;
    }
    if (auto taken = takeEntry(*entry, run, number); !taken)
      return taken;
    last_check_ = checkOf(last_check_, *entry);
  }
  if (ftruncate(fd_, static_cast<off_t>(begin)) != 0 || lseek(fd_, 0, SEEK_END) < 0)
    return tl::unexpected(cannot(path_, "written"));
  return begin == 0 ? append(startOf(run)) : Expected<void>{};
}

Expected<void> Journal::takeEntry(const std::string& entry, const JournalRun& run, std::size_t line) {
  Json j = Json::parse(entry, nullptr, false);
  std::string place = fmt::format("{}:{}", path_, line);
  if (line == 1) {
    if (!j.is_object() || j.value("format", "") != kJournalFormat)
      return fail(ErrorKind::Input, fmt::format("'{}' is no {}", path_, kJournalFormat), place,
                  "--no-resume starts it afresh");
    std::string why = whyOther(j, run);
    return why.empty() ? Expected<void>{}
                       : fail(ErrorKind::Input, fmt::format("the journal '{}' {}", path_, why), place,
                              "--no-resume starts it afresh");
  }
  Expected<KernelReport> report = tl::unexpected(ToolError{});
  bool well_formed = j.is_object() && j.contains("kernel") && j.contains("key") && j["key"].is_string();
  if (well_formed)
    report = report::kernelFromJson(j["kernel"].dump());
  if (report && j.value("again", Json(false)) == true)
    verdicts_.erase(j["key"].get<std::string>());
  if (!report || !verdicts_.emplace(j["key"].get<std::string>(), std::move(*report)).second)
    return fail(ErrorKind::Input,
                fmt::format("line {} of the journal '{}' is no verdict, or one that was there before", line, path_), place,
                "--no-resume starts it afresh");
  return {};
}

Expected<void> Journal::append(const std::string& entry) {
  if (broken_)
    return fail(ErrorKind::Environment, fmt::format("the journal '{}' could not be written before", path_), "--journal");
  std::string check = checkOf(last_check_, entry);
  std::string line = fmt::format("{}{}{}{}{}\n", kBefore, check, kBetween, entry, kAfter);
  off_t before = lseek(fd_, 0, SEEK_CUR);
  bool done = writeAll(fd_, line) && (fdatasync(fd_) == 0 || errno == EINVAL);
  if (!done) {
    ToolError error = cannot(path_, "written");
    // Half a line must not stand before the next one.
    if (before < 0 || ftruncate(fd_, before) != 0 || lseek(fd_, before, SEEK_SET) < 0)
      broken_ = true;
    return tl::unexpected(error);
  }
  last_check_ = check;
  return {};
}

const KernelReport* Journal::find(const std::string& key) const {
  auto at = verdicts_.find(key);
  return at == verdicts_.end() ? nullptr : &at->second;
}

Expected<void> Journal::add(const std::string& key, const KernelReport& report, bool again) {
  if (find(key) && !again)
    return fail(ErrorKind::Internal, fmt::format("'{}' was judged twice", report.file));
  std::string entry =
      fmt::format(R"({{"key":"{}","again":{},"kernel":{}}})", key, again, report::kernelToJson(report));
  auto added = append(entry);
  if (added)
    verdicts_.insert_or_assign(key, report);
  return added;
}

void Journal::remove() {
  unlink(path_.c_str());
}

std::string defaultJournalFolder() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state && *state == '/')
    return std::string(state) + "/kverify/journals";
  return home && *home == '/' ? std::string(home) + "/.local/state/kverify/journals" : std::string();
}

} // namespace kverify::farm

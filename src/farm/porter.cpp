#include "farm/porter.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/tool_identity.h"
#include "farm/seal.h"
#include "farm/store.h"

namespace kverify::farm {
namespace {

constexpr std::uint64_t kLargest = std::uint64_t{64} << 20;

bool isAddress(const std::string& place) {
  return place.find("://") != std::string::npos;
}

/// Messages: a letter, the lengths of two texts, the texts.
struct Message {
  char what = 0;
  std::string first, second;
};

bool sendAll(int fd, const char* bytes, std::size_t size) {
  while (size) {
    ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes += n, size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool receiveAll(int fd, char* bytes, std::size_t size) {
  while (size) {
    ssize_t n = recv(fd, bytes, size, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes += n, size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool sendMessage(int fd, const Message& m) {
  std::string bytes(1 + 2 * sizeof(std::uint64_t), m.what);
  std::uint64_t sizes[2] = {m.first.size(), m.second.size()};
  std::memcpy(bytes.data() + 1, sizes, sizeof(sizes));
  bytes += m.first + m.second;
  return sendAll(fd, bytes.data(), bytes.size());
}

bool receiveMessage(int fd, Message& m) {
  char head[1 + 2 * sizeof(std::uint64_t)];
  std::uint64_t sizes[2];
  if (!receiveAll(fd, head, sizeof(head)))
    return false;
  m.what = head[0];
  std::memcpy(sizes, head + 1, sizeof(sizes));
  if (sizes[0] > kLargest || sizes[1] > kLargest)
    return false;
  m.first.resize(sizes[0]);
  m.second.resize(sizes[1]);
  return receiveAll(fd, m.first.data(), m.first.size()) && receiveAll(fd, m.second.data(), m.second.size());
}

Expected<std::unique_ptr<Store>> openStore(const SharedCache& cache) {
  if (isAddress(cache.place)) {
    if (cache.key_file.empty())
      return fail(ErrorKind::Input, "a cache behind an address needs a key: whoever can write there could plant a false proof",
                  "--cache", "--cache-key FILE; openssl rand -hex 32 > FILE makes one");
    return openHttpStore(cache.place, cache.header_file);
  }
  std::error_code error;
  std::filesystem::create_directories(cache.place, error);
  bool there = std::filesystem::is_directory(cache.place, error);
  if (!there || access(cache.place.c_str(), R_OK | X_OK) != 0)
    return fail(ErrorKind::Environment, fmt::format("the cache '{}' is no folder that can be made and read", cache.place),
                "--cache", "name a folder that you can write, or --no-cache");
  if (access(cache.place.c_str(), W_OK) != 0)
    return fail(ErrorKind::Environment, fmt::format("the cache '{}' cannot be written", cache.place), "--cache",
                "name a folder that you can write, or --no-cache");
  bool ours = isOurs(cache.place);
  if (!ours && cache.key_file.empty())
    return fail(ErrorKind::Input,
                fmt::format("others can write the cache '{}': one of them could plant a false proof", cache.place), "--cache",
                "--cache-key FILE, or chmod go-w");
  return std::unique_ptr<Store>(new FolderStore(cache.place, cache.key_file.empty()));
}

Message answer(Store& store, const SecretKey* key, const Message& asked) {
  if (asked.what == 'P') {
    auto put = store.put(asked.first, seal(asked.first, asked.second, key));
    return put ? Message{'K'} : Message{'E', put.error().message};
  }
  auto got = store.get(asked.first);
  if (!got)
    return {'E', got.error().message};
  if (!*got)
    return {'N'};
  auto value = unseal(asked.first, **got, key);
  if (value)
    return {'V', std::move(*value)};
  switch (value.error()) {
  case Broken::OtherTool: return {'N'};
  case Broken::NotOurs: return {'B', "was not sealed with this key"};
  case Broken::Damaged: break;
  }
  return {'B', "was damaged"};
}

/// Says whether it could start, then answers until the other end is closed.
[[noreturn]] void bePorter(int fd, const SharedCache& cache) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 0); // not even this user's other processes may look into it
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN); // it ends when it is no longer needed
  std::optional<SecretKey> key;
  Expected<void> ready;
  if (!cache.key_file.empty()) {
    auto read = SecretKey::read(cache.key_file);
    if (read)
      key.emplace(std::move(*read));
    else
      ready = tl::unexpected(read.error());
  }
  auto store = ready ? openStore(cache) : Expected<std::unique_ptr<Store>>(tl::unexpected(ready.error()));
  if (!store) {
    const ToolError& error = store.error();
    sendMessage(fd, {static_cast<char>('0' + static_cast<int>(error.kind)), error.message,
                     error.place + "\n" + error.hint});
    _exit(1);
  }
  sendMessage(fd, {'K'});
  for (Message asked; receiveMessage(fd, asked);)
    if (!sendMessage(fd, answer(**store, key ? &*key : nullptr, asked)))
      break;
  _exit(0);
}

} // namespace

Expected<std::unique_ptr<Porter>> Porter::start(const SharedCache& cache) {
  if (toolIdentity().empty())
    return fail(ErrorKind::Environment, "a part of this program has no build id: its proofs cannot be told from others'",
                "--cache", "--no-cache");
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(ErrorKind::Environment, fmt::format("no process for the cache: {}", std::strerror(errno)));
  std::fflush(nullptr);
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    bePorter(ends[1], cache);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return fail(ErrorKind::Environment, fmt::format("no process for the cache: {}", std::strerror(errno)));
  }
  std::unique_ptr<Porter> porter(new Porter(pid, ends[0]));
  Message ready;
  if (!receiveMessage(ends[0], ready))
    return fail(ErrorKind::Internal, "the process for the cache ended early");
  if (ready.what != 'K') {
    std::size_t newline = ready.second.find('\n');
    return fail(static_cast<ErrorKind>(ready.what - '0'), ready.first, ready.second.substr(0, newline),
                ready.second.substr(newline + 1));
  }
  return porter;
}

Porter::~Porter() {
  if (fd_ >= 0)
    close(fd_);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Porter::note(const std::string& problem) {
  if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end())
    problems_.push_back(problem);
}

std::vector<std::string> Porter::problems() const {
  std::vector<std::string> all = problems_;
  for (const auto& [why, count] : broken_)
    all.push_back(fmt::format("{} of the shared cache {}, and {} not used", count == 1 ? "an entry" : fmt::format("{} entries", count),
                              count == 1 ? why : "were" + why.substr(3), count == 1 ? "was" : "were"));
  return all;
}

std::optional<std::pair<char, std::string>> Porter::ask(char what, const std::string& name, const std::string& value) {
  Message reply;
  if (fd_ < 0 || !sendMessage(fd_, {what, name, value}) || !receiveMessage(fd_, reply))
    return std::nullopt;
  return std::pair(reply.what, std::move(reply.first));
}

std::optional<std::string> Porter::get(const std::string& name) {
  auto reply = ask('G', name, "");
  if (!reply) {
    if (fd_ >= 0)
      note("the shared cache was not used: its process is gone");
    return std::nullopt;
  }
  if (reply->first == 'V')
    return std::move(reply->second);
  if (reply->first == 'E') {
    note("the shared cache was not used: " + reply->second);
    close(std::exchange(fd_, -1)); // once is enough: each try may take half a minute
  } else if (reply->first == 'B') {
    ++broken_[reply->second];
  }
  return std::nullopt;
}

void Porter::put(const std::string& name, const std::string& value) {
  auto reply = ask('P', name, value);
  if (reply && reply->first == 'E')
    note("proofs were not kept in the shared cache: " + reply->second);
}

} // namespace kverify::farm

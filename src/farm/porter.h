#pragma once
// The one process that holds the key and the credentials of a shared cache, and talks to it. It judges nothing and starts
// nothing. The processes that judge are forked from one that never had the secrets in its memory.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "kverify/error.h"

namespace kverify::farm {

struct SharedCache {
  std::string place;       ///< a folder, or http(s)://…
  std::string key_file;    ///< empty: none, which only a folder that nobody else can write may do without
  std::string header_file; ///< for an address
};

class Porter {
public:
  /// Forks it; to be called while this process has one thread. Errors: Input (no key where one is needed; a bad key or
  /// header file), Environment (no process, no libcurl, a folder that cannot be made or written).
  static Expected<std::unique_ptr<Porter>> start(const SharedCache& cache);
  ~Porter();
  Porter(const Porter&) = delete;
  Porter& operator=(const Porter&) = delete;

  /// The value kept under this name by this tool and with this key, or nothing. Never fails: what went wrong is noted.
  std::optional<std::string> get(const std::string& name);
  void put(const std::string& name, const std::string& value);

  /// What went wrong, one sentence each: entries that were damaged or not authentic, a store that could not be reached.
  std::vector<std::string> problems() const;

private:
  Porter(pid_t pid, int fd) : pid_(pid), fd_(fd) {}
  void note(const std::string& problem);
  /// One question and its answer: a letter and a text. Nothing where the porter is gone.
  std::optional<std::pair<char, std::string>> ask(char what, const std::string& name, const std::string& value);

  pid_t pid_;
  int fd_;
  std::vector<std::string> problems_;
  std::map<std::string, int> broken_; ///< entries that were not used, by why
};

} // namespace kverify::farm

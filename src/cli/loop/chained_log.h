#pragma once
// A file of JSON lines that only ever grows. Each line carries a checksum over itself and all lines before it, and is on the
// disk before what it says counts; so a loop that was killed goes on where it was. (specs/schema/loop-journal.schema.json)
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "kverify/error.h"

namespace kverify::loop {

using Json = nlohmann::ordered_json;

class ChainedLog {
public:
  /// Opens, or starts one. `afresh`: what is there is thrown away. A last line that was cut off is dropped. Errors: Input
  /// (a line before the last is damaged; no such file; another process writes it), Environment (cannot be made or written).
  static Expected<std::unique_ptr<ChainedLog>> open(const std::string& path, bool afresh);
  ~ChainedLog();
  ChainedLog(const ChainedLog&) = delete;
  ChainedLog& operator=(const ChainedLog&) = delete;

  /// What was there when it was opened.
  const std::vector<Json>& entries() const { return entries_; }
  bool wasCutOff() const { return cut_off_; }
  const std::string& path() const { return path_; }

  /// On the disk when this returns. Errors: Environment.
  Expected<void> append(const Json& entry);

private:
  ChainedLog(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Expected<void> read();

  std::string path_, last_check_;
  std::vector<Json> entries_;
  int fd_;
  bool cut_off_ = false, broken_ = false; ///< broken: half a line could not be taken back
};

} // namespace kverify::loop

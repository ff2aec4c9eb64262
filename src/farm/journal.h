#pragma once
// The journal of an audit: each verdict as soon as it is known, so that an audit that was killed goes on where it was. One
// file of JSON lines that only ever grows; each line carries a checksum over itself and all lines before it, and is on the
// disk before the verdict counts. No database: there is one writer, it only appends, and a network file system's locks and
// shared memory, which SQLite stands on, are what a farm cannot rely on. (specs/schema/journal.schema.json)
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "kverify/error.h"
#include "kverify/report.h"

namespace kverify::farm {

inline constexpr const char* kJournalFormat = "kverify.journal/1";

/// What verdicts of another run must have in common with this one to be its own.
struct JournalRun {
  std::string tool_version, tool_build;
  Settings settings;
};

class Journal {
public:
  /// Opens, or starts one. A last line that was cut off is dropped, and said under `problem`. `afresh`: what is there is
  /// thrown away. Errors: Input (a line before the last is damaged; not a journal; of another tool or of other flags;
  /// another audit writes it now), Environment (cannot be made or written).
  static Expected<std::unique_ptr<Journal>> open(const std::string& path, const JournalRun& run, bool afresh);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// The verdict that this key got, in this run or before.
  const KernelReport* find(const std::string& key) const;
  std::size_t size() const { return verdicts_.size(); }

  /// On the disk when this returns. Errors: Environment; Internal where the key has a verdict, unless `again`: the one
  /// before no longer holds.
  Expected<void> add(const std::string& key, const KernelReport& report, bool again = false);

  /// The audit is over and the file of no more use.
  void remove();

  const std::string& path() const { return path_; }
  const std::string& problem() const { return problem_; }

private:
  Journal(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Expected<void> read(const JournalRun& run);
  Expected<void> append(const std::string& entry);
  Expected<void> takeEntry(const std::string& entry, const JournalRun& run, std::size_t line);

  std::string path_, problem_, last_check_;
  int fd_ = -1;
  bool broken_ = false; ///< half a line could not be taken back
  std::map<std::string, KernelReport> verdicts_;
};

/// $XDG_STATE_HOME/kverify/journals or ~/.local/state/kverify/journals; empty where there is no home.
std::string defaultJournalFolder();

} // namespace kverify::farm

#pragma once
// The text of the files that a report is about, shown only where it is still what was judged.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kverify/report.h"
#include "report/text.h"

namespace kverify::report {

/// Reads files once, and compares those whose hash the report has. Not thread-safe.
class Sources {
public:
  /// The bytes of a file, or nothing where it cannot be read.
  using Reader = std::function<std::optional<std::string>(const std::string& path)>;

  enum class State {
    Same,    ///< its hash is the report's, or the report has none of it (a header)
    Changed, ///< it is another text by now: not shown
    Missing,
  };

  /// Nothing can be read: renderers leave the source out.
  Sources() = default;
  explicit Sources(Reader reader) : reader_(std::move(reader)) {}

  /// From disk. What is not found as written is looked for in `folder`, where the audit was run.
  static Sources onDisk(std::string folder = {});

  /// The hashes that files must have, from a report.
  void expect(const Report& report);

  State state(const std::string& file);
  /// Its lines without their ends; null where it cannot be shown.
  const std::vector<std::string>* lines(const std::string& file);
  /// One line, counted from 1.
  std::optional<std::string> line(const std::string& file, unsigned number);
  LineReader lineReader();

private:
  struct File {
    State state = State::Missing;
    std::vector<std::string> lines;
  };
  File& open(const std::string& file);

  Reader reader_;
  std::map<std::string, std::string> expected_;
  std::map<std::string, File> files_;
};

/// A file's path from the top of its repository: `report.folder` before a relative path, `root` taken off an absolute
/// one. What is not below the top stays as it is. `root`: absolute, or empty.
std::string repositoryPath(const Report& report, const std::string& root, const std::string& file);

/// A path as (part of) a URI: every byte that is not unreserved, nor a slash, is escaped (RFC 3986).
std::string uriOf(const std::string& path);

} // namespace kverify::report

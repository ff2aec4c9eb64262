#pragma once
// kverify merge: the reports of all shards of an audit, put together as if one machine had done it.
#include <string>
#include <vector>

#include "kverify/error.h"
#include "kverify/report.h"

namespace kverify::farm {

struct NamedReport {
  std::string file;
  Report report;
};

/// Reads one report of a shard. Errors: Input (no such file, cut off, not a report, or not of a shard).
Expected<NamedReport> readShardReport(const std::string& file);

/// All shards of one audit, each once, to one report with the kernels in their order. The exit code is folded again.
/// Errors: Input, with the files that do not fit: an overlap (a shard twice, a kernel twice), a hole (a shard that is
/// missing or was interrupted, a kernel that no shard has), another tool, other flags, other files.
Expected<Report> merge(const std::vector<NamedReport>& parts);

} // namespace kverify::farm

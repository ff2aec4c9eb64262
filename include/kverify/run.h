#pragma once
// How an audit was run: what shut its processes in, where its proofs came from, and which part of a larger audit it is.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kverify {

/// Which job of the whole audit a kernel's report answers, whatever shard did it.
struct JobRef {
  std::string content_sha256; ///< of source, contract and launch; empty where the report is not of an audit
  std::uint64_t index = 0;    ///< among all jobs of all shards, from 0, in the order of the report
};

/// What held the processes that judged, as it was tried out before the first.
struct Isolation {
  bool processes = false;           ///< each kernel in a process of its own
  std::vector<std::string> layers;  ///< in force: "seccomp", "landlock 7", "network namespace", …
  std::vector<std::string> missing; ///< sentences
  bool sockets_refused = false, writes_confined = false, tracing_refused = false; ///< seen when tried
  std::uint64_t memory_bytes = 0; ///< of one kernel's processes; 0 = no limit
  std::uint64_t file_bytes = 0;   ///< of one file
  double seconds = 0;             ///< of one kernel; 0 = no limit
};

struct Environment {
  Isolation isolation;
  unsigned jobs = 1;          ///< kernels at a time
  std::uint64_t resumed = 0;  ///< kernels whose verdict an earlier, interrupted run of this audit had reached
  std::string cache;          ///< where proofs are kept: "none", "local", "folder", "store"
  std::vector<std::string> notes;
};

/// The whole audit, of which this report may be a part.
struct Corpus {
  std::uint64_t jobs = 0;
  std::string sha256; ///< over names and contents of all jobs
};

/// "Part `index` of `count`", both from 1. {0, 0}: no part of anything.
struct Shard {
  unsigned index = 0, count = 0;

  bool operator==(const Shard&) const = default;
};

/// What a merged report keeps of each part.
struct ShardRun {
  Shard shard;
  std::uint64_t jobs = 0;
  double seconds = 0;
  Environment environment;
};

/// What was asked for and decides outcomes, flag by flag; equal for reports that may be put together.
using Settings = std::map<std::string, std::string>;

} // namespace kverify

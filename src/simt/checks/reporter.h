#pragma once
// From a check's facts to a Finding: words for threads and blocks, deduplication, the launch.
#include <set>
#include <string>
#include <vector>

#include "kverify/finding.h"
#include "kverify/launch.h"
#include "simt/checks/memory_map.h"
#include "simt/machine/thread.h"
#include "simt/site_table.h"

namespace kverify::simt {

/// One thread of one launch, as messages name it.
struct ThreadName {
  std::uint32_t tid[3] = {0, 0, 0};
  std::uint32_t block[3] = {0, 0, 0};
  static ThreadName of(const Thread& thread);
  std::string text() const; ///< "thread (0,0,0) of block (0,0,0)"
};

class Reporter {
public:
  Reporter(const SiteTable& table, const MemoryMap& map, const LaunchPlan& plan)
      : table_(table), map_(map), plan_(plan) {}
  void setLaunch(std::uint32_t index) { launch_ = index; }

  FindingLocation location(std::uint32_t site, const ThreadName& thread, const std::string& what) const;
  /// Keeps the first finding of each check at each pair of places.
  void report(const CheckInfo& check, std::string message, std::vector<FindingLocation> locations,
              std::string help = {});
  const MemoryMap& map() const { return map_; }
  std::vector<Finding> take() { return std::move(findings_); }
  bool empty() const { return findings_.empty(); }

  bool event_raced = false; ///< the access that the checks are looking at was found to race

private:
  const SiteTable& table_;
  const MemoryMap& map_;
  const LaunchPlan& plan_;
  std::uint32_t launch_ = 0;
  std::vector<Finding> findings_;
  std::set<std::string> seen_;
};

/// "reads 4 bytes", "writes 16 bytes", "updates 4 bytes atomically"
std::string describeAccess(abi::Kind kind, std::uint64_t bytes);

} // namespace kverify::simt

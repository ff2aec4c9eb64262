#pragma once
// From a check's facts to a Finding: words for threads and blocks, deduplication, the launch.
#include <set>
#include <string>
#include <vector>

#include "kverify/finding.h"
#include "kverify/launch.h"
#include "simt/checks/memory_map.h"
#include "simt/checks/observer.h"
#include "simt/checks/scene.h"
#include "simt/machine/thread.h"
#include "simt/site_table.h"

namespace kverify::simt {

/// One thread of one launch, as messages name it.
struct ThreadName {
  std::uint32_t tid[3] = {0, 0, 0};
  std::uint32_t block[3] = {0, 0, 0};
  static ThreadName of(const Thread& thread);
  std::string text() const; ///< "thread (0,0,0) of block (0,0,0)"
  ThreadId id() const;
};

/// What a report draws around itself, once that can be seen.
struct Drawing {
  std::uint64_t address = 0, bytes = 0; ///< the access in the middle
  enum class When {
    Now,
    IntervalEnds, ///< everything that other threads do until the next barrier is to be seen
    LaunchEnds,
  };
  When when = When::Now;
  std::optional<ThreadId> missed; ///< who touched what is not there

  static Drawing of(const AccessEvent& event, When when = When::Now) { return {event.address, event.bytes, when, {}}; }
};

/// What a report may have beside its sentence.
struct Details {
  std::string help; ///< empty: the check's own
  FindingFacts facts = {}; ///< launch, object and tile are filled in
  std::optional<Drawing> drawing = {};
};

class Reporter {
public:
  Reporter(const SiteTable& table, const MemoryMap& map, const LaunchPlan& plan, const Arena& arena)
      : table_(table), map_(map), plan_(plan), scene_(arena, map, table) {}
  void setLaunch(std::uint32_t index) { launch_ = index; }

  FindingLocation location(std::uint32_t site, const ThreadName& thread, const std::string& what) const;
  /// The same of an access, in words and as numbers.
  FindingLocation location(const AccessEvent& event) const;
  /// Keeps the first finding of each check at each pair of places.
  void report(const CheckInfo& check, std::string message, std::vector<FindingLocation> locations, Details details = {});
  const MemoryMap& map() const { return map_; }
  std::vector<Finding> take() { return std::move(findings_); }
  bool empty() const { return findings_.empty(); }

  Scene& scene() { return scene_; }
  const Scene& scene() const { return scene_; }
  /// Draws again what waits for the end of the interval (`barrier`: what ended it), or of the launch too.
  void finishDrawings(const std::optional<SourceLocation>& barrier, bool launch_ends);
  /// Another launch begins: shared memory is gone, and what was drawn of it stays.
  void dropDrawings();

  bool event_raced = false; ///< the access that the checks are looking at was found to race

private:
  const SiteTable& table_;
  const MemoryMap& map_;
  const LaunchPlan& plan_;
  std::uint32_t launch_ = 0;
  LaunchFacts launchFacts() const;
  std::vector<Finding> findings_;
  std::vector<std::pair<std::size_t, Drawing>> drawings_; ///< that wait, by finding
  std::set<std::string> seen_;
  Scene scene_;
};

/// "reads 4 bytes", "writes 16 bytes", "updates 4 bytes atomically"
std::string describeAccess(abi::Kind kind, std::uint64_t bytes);
AccessKind accessKind(abi::Kind kind);

} // namespace kverify::simt

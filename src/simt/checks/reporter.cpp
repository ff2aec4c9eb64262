#include "simt/checks/reporter.h"

#include <algorithm>

#include <fmt/format.h>

namespace kverify::simt {
namespace {

std::string dims(const Dim3& d) {
  if (d.y == 1 && d.z == 1)
    return std::to_string(d.x);
  return fmt::format("({},{},{})", d.x, d.y, d.z);
}

} // namespace

ThreadName ThreadName::of(const Thread& thread) {
  ThreadName name;
  for (int i = 0; i < 3; ++i) {
    name.tid[i] = thread.tid[i];
    name.block[i] = thread.ctaid[i];
  }
  return name;
}

std::string ThreadName::text() const {
  return fmt::format("thread ({},{},{}) of block ({},{},{})", tid[0], tid[1], tid[2], block[0], block[1], block[2]);
}

ThreadId ThreadName::id() const {
  return {{tid[0], tid[1], tid[2]}, {block[0], block[1], block[2]}};
}

AccessKind accessKind(abi::Kind kind) {
  return kind == abi::kRead ? AccessKind::Read : kind == abi::kWrite ? AccessKind::Write : AccessKind::Atomic;
}

std::string describeAccess(abi::Kind kind, std::uint64_t bytes) {
  std::string amount = fmt::format("{} byte{}", bytes, bytes == 1 ? "" : "s");
  switch (kind) {
  case abi::kRead: return "reads " + amount;
  case abi::kWrite: return "writes " + amount;
  default: return "updates " + amount + " atomically";
  }
}

FindingLocation Reporter::location(std::uint32_t site, const ThreadName& thread, const std::string& what) const {
  return {table_.sites[site].stack, thread.text() + " " + what, thread.id(), std::nullopt};
}

FindingLocation Reporter::location(const AccessEvent& event) const {
  FindingLocation here = location(event.site, ThreadName::of(event.thread), describeAccess(event.kind, event.bytes));
  AccessKind kind = event.atomic ? AccessKind::Atomic : event.async ? AccessKind::Copy : accessKind(event.kind);
  here.access = scene_.accessTo(event.address, event.bytes, kind);
  return here;
}

LaunchFacts Reporter::launchFacts() const {
  const KernelLaunch& launch = plan_.launches[launch_];
  return {.kernel = launch.kernel,
          .grid = launch.grid,
          .block = launch.block,
          .shared_bytes = launch.dynamic_shared_bytes,
          .sizes = plan_.sizes,
          .only_block = plan_.only_block};
}

void Reporter::finishDrawings(const std::optional<SourceLocation>& barrier, bool launch_ends) {
  for (auto& [index, drawing] : drawings_) {
    if (drawing.when == Drawing::When::LaunchEnds && !launch_ends)
      continue;
    FindingFacts& facts = findings_[index].facts;
    facts.tile = scene_.tileAround(drawing.address, drawing.bytes, drawing.missed);
    if (facts.interval && drawing.when == Drawing::When::IntervalEnds)
      facts.interval->closed_by = barrier;
    drawing.bytes = 0; // done
  }
  std::erase_if(drawings_, [](const auto& one) { return one.second.bytes == 0; });
}

void Reporter::dropDrawings() {
  drawings_.clear();
}

void Reporter::report(const CheckInfo& check, std::string message, std::vector<FindingLocation> locations,
                      Details details) {
  std::vector<std::string> places; // sorted: A before B and B before A are one finding
  for (const FindingLocation& location : locations)
    if (!location.stack.empty())
      places.push_back(
          fmt::format("{}:{}:{}", location.stack[0].file, location.stack[0].line, location.stack[0].column));
  std::sort(places.begin(), places.end());
  std::string key = fmt::format("{}|{}", check.id, fmt::join(places, "|"));
  if (findings_.size() >= 64 || !seen_.insert(key).second)
    return;
  Finding finding;
  finding.check = check.id;
  finding.severity = check.severity;
  finding.message = std::move(message);
  finding.locations = std::move(locations);
  const KernelLaunch& launch = plan_.launches[launch_];
  finding.launch = fmt::format("grid={} block={}", dims(launch.grid), dims(launch.block));
  if (launch.dynamic_shared_bytes)
    finding.launch += fmt::format(" shared={}", launch.dynamic_shared_bytes);
  const char* separator = ", ";
  for (const auto& [name, value] : plan_.sizes) {
    finding.launch += fmt::format("{}{}={}", separator, name, value);
    separator = " ";
  }
  if (const auto& only = plan_.only_block)
    finding.launch += fmt::format("{}block ({},{},{}) alone", separator[0] == ',' ? separator : ", ", only->x, only->y, only->z);
  finding.help = details.help.empty() ? check.fix : std::move(details.help);
  finding.confirmed = true;
  finding.facts = std::move(details.facts);
  finding.facts.launch = launchFacts();
  if (const auto& drawing = details.drawing) {
    finding.facts.object = scene_.objectAt(drawing->address);
    finding.facts.tile = scene_.tileAround(drawing->address, drawing->bytes, drawing->missed);
    if (drawing->when != Drawing::When::Now)
      drawings_.emplace_back(findings_.size(), *drawing);
  }
  findings_.push_back(std::move(finding));
}

} // namespace kverify::simt

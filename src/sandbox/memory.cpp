#include "sandbox/memory.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

namespace kverify::sandbox {
namespace {

std::optional<std::uint64_t> numberIn(const std::string& path) {
  std::ifstream in(path);
  std::uint64_t value = 0;
  return in >> value ? std::optional(value) : std::nullopt; // "max" is no number
}

std::uint64_t ofMachine() {
  std::ifstream in("/proc/meminfo");
  std::uint64_t kilobytes = 0;
  for (std::string line; std::getline(in, line);)
    if (std::sscanf(line.c_str(), "MemAvailable: %" SCNu64, &kilobytes) == 1)
      return kilobytes * 1024;
  return 0;
}

/// The path of this process in the hierarchy that has the memory controller: "MOUNT/PATH" and its files' names.
struct Group {
  std::string folder;
  const char *limit, *used;
};

std::optional<Group> memoryGroup() {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("0::"))
      if (Group group{"/sys/fs/cgroup" + line.substr(3), "memory.max", "memory.current"};
          numberIn(group.folder + "/" + group.used))
        return group;
    std::size_t at = line.find(":memory:");
    if (at != std::string::npos)
      return Group{"/sys/fs/cgroup/memory" + line.substr(at + 8), "memory.limit_in_bytes", "memory.usage_in_bytes"};
  }
  return std::nullopt;
}

} // namespace

std::uint64_t availableMemory() {
  std::uint64_t available = ofMachine();
  auto group = memoryGroup();
  for (std::string folder = group ? group->folder : ""; folder.size() > std::string("/sys/fs/cgroup").size();
       folder = folder.substr(0, folder.rfind('/'))) { // each group is also under its parents' limits
    auto limit = numberIn(folder + "/" + group->limit), used = numberIn(folder + "/" + group->used);
    if (limit && used && *limit >= *used)
      available = std::min(available, *limit - *used);
  }
  return available;
}

} // namespace kverify::sandbox

#include "cli/farm_flags.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "cli/options.h"
#include "sandbox/memory.h"

namespace kverify::cli {

void addHowToSpread(CLI::App& sub, FarmFlags& flags) {
  sub.add_option("--isolation", flags.isolation,
                 "sandbox of each kernel's process: auto takes what the machine gives, require insists that sockets are "
                 "refused and writes confined, none")
      ->check(CLI::IsMember({"auto", "require", "none"}))
      ->capture_default_str();
  sub.add_option("--memory-limit", flags.memory_limit, "of one kernel's processes: 4G, 800M, none, or a share of what is there")
      ->capture_default_str();
  sub.add_option("--kernel-timeout", flags.kernel_timeout, "time for one kernel: 90s, 10m, 1h, none")->capture_default_str();
  sub.add_option("--shard", flags.shard, "only the I-th of N parts, cut by content: I/N, counted from 1");
  sub.add_option("--journal", flags.journal, "file of the verdicts so far: the same command goes on from it after a kill")->type_name("FILE");
  sub.add_flag("--no-resume", flags.no_resume, "judge again what an interrupted run had judged");
  sub.add_option("--cache", flags.cache, "a folder or an http(s) address where machines share proofs")->type_name("DIR");
  sub.add_option("--cache-key", flags.cache_key, "file with the key that shared proofs are sealed with")->type_name("FILE");
  sub.add_option("--cache-headers", flags.cache_headers, "file with headers for the address, one 'Name: value' a line")->type_name("FILE");
}

Expected<std::uint64_t> memoryLimit(const std::string& text, std::size_t children) {
  constexpr std::uint64_t kLeast = std::uint64_t{512} << 20;
  if (text == "none")
    return 0;
  if (text == "auto") {
    // A tenth stays for this process, the page cache and the neighbours.
    std::uint64_t share = sandbox::availableMemory() / 10 * 9 / std::max<std::size_t>(1, children);
    return share ? std::max(share, kLeast) : 0;
  }
  double value = 0;
  auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(next, text.data() + text.size());
  double scale = unit == "G" || unit == "GiB" ? 1 << 30 : unit == "M" || unit == "MiB" ? 1 << 20 : 0;
  if (error != std::errc() || scale == 0 || value * scale < (1 << 20))
    return fail(ErrorKind::Usage, fmt::format("'{}' is no amount of memory", text), "--memory-limit",
                "for example 4G or 800M, auto or none");
  return static_cast<std::uint64_t>(value * scale);
}

Expected<double> kernelTimeout(const std::string& text) {
  if (text == "none")
    return 0;
  return parseDuration(text, "--kernel-timeout");
}

} // namespace kverify::cli

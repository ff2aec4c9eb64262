#pragma once
// Flags of kverify audit about many kernels and many machines: isolation, limits, shards, the journal, shared proofs.
#include <cstdint>
#include <string>

#include <CLI/App.hpp>

#include "kverify/error.h"
#include "kverify/run.h"

namespace kverify::cli {

struct FarmFlags {
  std::string shard, journal, cache, cache_key, cache_headers;
  std::string isolation = "auto", memory_limit = "auto", kernel_timeout = "10m";
  bool no_resume = false;
};

void addHowToSpread(CLI::App& sub, FarmFlags& flags);

/// "4G", "800M", "none" (0) in bytes; "auto": a share of what is there for each of `children`. Errors: Usage.
Expected<std::uint64_t> memoryLimit(const std::string& text, std::size_t children);

/// As parseDuration, but "none" is 0.
Expected<double> kernelTimeout(const std::string& text);

} // namespace kverify::cli

#pragma once
// A BenchReport as text, as JSON (specs/schema/bench.schema.json), and as figures.
#include <string>

#include "bench/timing/bench.h"

namespace kverify::bench {

inline constexpr const char* kBenchFormat = "kverify.bench/1";

std::string renderText(const BenchReport& report);
std::string renderJson(const BenchReport& report, const std::string& tool_version, const std::string& command);

/// Time against the first size that varies, with the floor, as SVG; empty where fewer than two shapes were timed.
std::string plotTimes(const BenchReport& report);
/// Each shape's gap with the interval of all, as SVG; empty without a baseline.
std::string plotGaps(const BenchReport& report);

/// Writes both below `folder`; returns the paths. Problems become notes of the report.
void writePlots(const std::string& folder, BenchReport& report);

} // namespace kverify::bench

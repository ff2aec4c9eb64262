#pragma once
// The answers of kverify.baseline/1, read with suspicion.
#include <string>
#include <vector>

#include "kverify/error.h"

namespace kverify::bench {

inline constexpr const char* kBaselineFormat = "kverify.baseline/1";

/// "torch SDPA flash (torch 2.11.0+cu130)". Errors: Input: not this format; Environment: what the baseline says is wrong.
Expected<std::string> readHello(const std::string& line);
Expected<void> readReady(const std::string& line);
/// As many finite, positive times as were asked for.
Expected<std::vector<double>> readTimes(const std::string& line, unsigned samples);

} // namespace kverify::bench

#pragma once
// --shard I/N: which jobs of a folder this machine does.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kverify/error.h"
#include "kverify/run.h"

namespace kverify::farm {

/// "2/8", counted from 1. Errors: Usage.
Expected<Shard> parseShard(const std::string& text);

/// The part that a content belongs to, from 1: its SHA-256's first 16 hex digits as a number, modulo `count`, plus 1. It
/// depends on nothing else, so that a file that is added or renamed moves no other.
unsigned shardOf(std::string_view content_sha256, unsigned count);

} // namespace kverify::farm

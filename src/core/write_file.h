#pragma once
// Files that are written whole or not at all: a full disk costs what was to be written, not what was there.
#include <string>
#include <string_view>

#include "kverify/error.h"

namespace kverify {

/// Creates the folder, writes a draft beside `path`, and puts it in its place.
/// Errors: Input: "'out/KV2001-3f2a91c0.json' can't be written: No space left on device".
Expected<void> writeWhole(const std::string& path, std::string_view text);

} // namespace kverify

#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kverify {

/// The candidate closest to `name` by edit distance, if it is close enough to be a likely typing mistake.
std::optional<std::string> nearestName(std::string_view name, std::span<const std::string> candidates);

/// " Did you mean 'X'?" or "".
std::string didYouMean(std::string_view name, std::span<const std::string> candidates);

} // namespace kverify

#pragma once
// JSON from somebody who may want to harm: bounded, and with one reading only.
#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

namespace kverify::attest {

using Json = nlohmann::json;

/// What is taken at most. The defaults are for a payload.
struct JsonLimits {
  std::size_t bytes = std::size_t{8} << 20;
  std::size_t depth = 16;
  std::size_t values = 400'000; ///< of every kind, keys not counted
};

struct JsonFault {
  enum class Kind {
    TooLarge,     ///< bytes or values
    TooDeep,      ///< nesting
    NotText,      ///< a NUL, a byte order mark, or bytes that are not UTF-8
    DuplicateKey, ///< a key given twice: two readers may take different ones
    BadNumber,    ///< one that a double cannot hold exactly, or not at all
    Malformed,    ///< no JSON, or something after it
  };
  Kind kind = Kind::Malformed;
  std::string message; ///< one sentence
};

/// Integers that every JSON reader agrees on: |n| <= 2^53 - 1 (RFC 7493, I-JSON).
inline constexpr std::int64_t kLargestInteger = (std::int64_t{1} << 53) - 1;

/// Parses one JSON text and nothing after it but blanks. RFC 8259 with the restrictions of I-JSON (RFC 7493): no key
/// twice, no integer beyond kLargestInteger, only UTF-8. No comments.
tl::expected<Json, JsonFault> parseStrictly(std::string_view text, const JsonLimits& limits = {});

} // namespace kverify::attest

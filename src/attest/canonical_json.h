#pragma once
// One value, one text: JSON as the JSON Canonicalization Scheme writes it (RFC 8785).
#include <string>

#include "attest/strict_json.h"
#include "kverify/error.h"

namespace kverify::attest {

/// No blanks, keys in the order of their UTF-16 code units, the shortest escapes, numbers as ECMAScript prints them.
/// Errors: Internal, for what has no such text: an integer beyond kLargestInteger, a number that is not finite, a string
/// that is not UTF-8.
Expected<std::string> canonical(const Json& value);

/// A double as ECMAScript's Number::toString writes it (ECMA-262, 6.1.6.1.20), which RFC 8785 asks for.
/// `value` is finite.
std::string ecmaNumber(double value);

} // namespace kverify::attest

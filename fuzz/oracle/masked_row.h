#pragma once

namespace kverify::oracle {

/// What a row holds whose scores are all -inf, or that sees no key.
enum class MaskedRow { Zero, NaN, Any };

} // namespace kverify::oracle

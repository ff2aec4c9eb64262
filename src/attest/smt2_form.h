#pragma once
// Is this text one plain question? A bundle's questions go to a solver as they are, so nothing in them may do anything but
// declare, assert, and ask once.
#include <optional>
#include <string>
#include <string_view>

namespace kverify::attest {

/// Nothing where the text is `(set-info :status unknown)`, `(declare-fun name () Int|Bool)` and `(assert …)` commands in any
/// number, and one `(check-sat)` at the end; otherwise what else there is, in one sentence. Commands that print (echo,
/// get-*), set options, define, push, reset or exit could make any answer look like a proof.
std::optional<std::string> whyNotPlain(std::string_view smt2);

} // namespace kverify::attest

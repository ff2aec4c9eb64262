#pragma once
// From a trace to a path: shapes settled, names that stand for others replaced, and what is only guessed said.
#include <optional>
#include <variant>

#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {

/// Nothing where no input takes this way or nothing is launched; what is missing where a launch can't be run.
std::variant<std::monostate, HostPath, Missing> closed(Trace trace, const clang::FunctionDecl& entry, clang::ASTContext& context);

/// A path without launches: what may be given on this way, for one whose launches were not followed to their end. Nothing where no
/// input takes it.
std::optional<HostPath> inputsOf(Trace trace, const clang::FunctionDecl& entry, clang::ASTContext& context);

} // namespace kverify::frontend::host

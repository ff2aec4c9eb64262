#pragma once
// From a trace to a path: shapes settled, names that stand for others replaced, and what is only guessed said.
#include <variant>

#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {

/// Nothing where no input takes this way or nothing is launched; what is missing where a launch can't be run.
std::variant<std::monostate, HostPath, Missing> closed(Trace trace, const clang::FunctionDecl& entry, clang::ASTContext& context);

} // namespace kverify::frontend::host

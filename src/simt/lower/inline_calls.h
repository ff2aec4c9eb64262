#pragma once
// Every device call becomes part of its kernel. Private to src/simt/lower.
#include <llvm/IR/Module.h>

namespace kverify::simt::lower {

/// Inlines all calls of functions that are always inlined, and promotes locals to registers; with `checks`, all but those
/// that are accessed outside of their bounds (keepOutOfBounds). Of a large module callees first, each promoted before its callers take it: a
/// template library's thousands of small functions else become one with as many variables, whose promotion takes minutes.
void inlineCalls(llvm::Module& module, bool checks);

} // namespace kverify::simt::lower

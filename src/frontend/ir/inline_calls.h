#pragma once
// Every device call becomes part of its kernel.
#include <functional>

#include <llvm/IR/Module.h>

namespace kverify::frontend {

/// Inlines all calls of functions that are always inlined, drops what nobody calls any more, and calls `promote` for every function
/// that is left. Of a large module callees come first, each promoted before its callers take it: a template library's
/// thousands of small functions else become one with as many variables, whose promotion takes minutes.
void inlineCalls(llvm::Module& module, const std::function<void(llvm::Function&)>& promote);

} // namespace kverify::frontend

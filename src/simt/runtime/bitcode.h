#pragma once
#include <string_view>

namespace kverify::simt {

/// The checks that are inlined into kernels, as LLVM bitcode (built from runtime/fast_checks.cpp).
std::string_view runtimeBitcode();

} // namespace kverify::simt

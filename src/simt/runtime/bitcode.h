#pragma once
#include <string_view>

#include "simt/shadow/shadow.h"

namespace kverify::simt {

/// The checks that are inlined into kernels, as LLVM bitcode (built from runtime/fast_checks.cpp).
std::string_view runtimeBitcode();
/// The inlined half of a domain of shadow values (simt/shadow/*_ops.cpp).
std::string_view shadowBitcode(ShadowDomain domain);

} // namespace kverify::simt

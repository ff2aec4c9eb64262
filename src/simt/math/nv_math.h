#pragma once
// The device runtime for mathematics: libdevice's functions (__nv_*) and the PTX helpers (kv_*) as LLVM bitcode, and
// the host functions that this bitcode calls.
#include <string_view>
#include <utility>
#include <vector>

namespace kverify::simt {

/// Bitcode of one module, triple x86_64-pc-linux-gnu, target-cpu x86-64-v3. Link it "only needed".
std::string_view nvMathBitcode();

/// Every symbol outside the bitcode that it may call: libm, and kv_host_* for what libm lacks. Sorted by name.
const std::vector<std::pair<const char*, void*>>& mathHostSymbols();

} // namespace kverify::simt

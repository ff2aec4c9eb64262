#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {

/// llvm.nvvm.mma.*, wmma.*, ldmatrix.*, cp.async.*; `words` are the name's parts after llvm.nvvm. Leaves the call alone
/// when it is none of these.
void lowerMatrixIntrinsic(llvm::CallInst* call, Runtime& rt, const std::vector<std::string>& words);
bool lowerWmmaIntrinsic(llvm::CallInst* call, Runtime& rt, const std::vector<std::string>& words);

} // namespace kverify::simt::ptx

#pragma once
// Emission of warp-matrix operations, shared by inline asm and intrinsics.
#include <optional>
#include <string>
#include <vector>

#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {

/// ldmatrix m8n8.b16: `row` is this lane's row address (used in lanes 0 … 8*count-1). One i32 per matrix.
std::vector<llvm::Value*> emitLoadMatrix(Runtime& rt, llvm::Value* row, unsigned count, bool transpose);
void emitStoreMatrix(Runtime& rt, llvm::Value* row, llvm::ArrayRef<llvm::Value*> fragments, bool transpose);
/// The operation of simt/warp_ops with this name; nullopt when there is none, or its operands number otherwise.
std::optional<std::vector<llvm::Value*>> emitWarpOp(Runtime& rt, const std::string& name,
                                                    llvm::ArrayRef<llvm::Value*> in);

} // namespace kverify::simt::ptx

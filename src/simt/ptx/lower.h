#pragma once
// Turns what is PTX in device IR into plain LLVM IR. Runs on the module after retargeting and before instrumentation,
// so that every memory access of an asm becomes an ordinary load, store or atomic and is checked like the others.
//
// Addresses: an address that PTX takes as an integer becomes `inttoptr` to the instruction's address space (1 global,
// 3 shared, 4 constant, 5 local, 0 generic), for i32 shared addresses too; giving these a meaning is the caller's task.
// Calls that come out are named kv_* (the executor's ABI below, and helpers of simt/math) or llvm.*.
//
// Executor ABI used: kv_unsupported, kv_lane_id, kv_warp_op, kv_barrier, kv_barrier_arrive, kv_barrier_reduce,
// kv_syncwarp, kv_shfl, kv_vote, kv_match, kv_activemask, kv_redux, kv_fence, kv_clock, kv_trap, kv_async_copy,
// kv_async_commit, kv_async_wait, and llvm.nvvm.read.ptx.sreg.* for special registers.
#include <string>
#include <vector>

namespace llvm {
class Module;
}

namespace kverify::simt::ptx {

/// Replaces every inline asm call. What is not known becomes a call of kv_unsupported(text) in its place with zeroed
/// outputs, and its text is added to `unsupported` once.
void lowerInlineAsm(llvm::Module& module, std::vector<std::string>& unsupported);

/// Replaces llvm.nvvm.* arithmetic, conversion, matrix and async-copy intrinsics, and the __nv_* functions that write
/// through pointers. Warp, barrier, fence and special-register intrinsics stay for the executor.
void lowerMathIntrinsics(llvm::Module& module, std::vector<std::string>& unsupported);

/// Rewrites half and bfloat operations that x86-64 would turn into calls that libgcc lacks, or would round twice.
void lowerHalfTypes(llvm::Module& module);

/// bfloat loads, stores, comparisons, selects and phis on 16-bit integers; after lowerHalfTypes nothing else is left.
void keepBfloatsAsBits(llvm::Module& module);

} // namespace kverify::simt::ptx

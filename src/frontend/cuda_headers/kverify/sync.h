// Barriers of a block and memory fences. __syncthreads itself is a builtin of clang.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"

KV_DEVICE int __syncthreads_count(int predicate) { return __nvvm_bar0_popc(predicate); }
KV_DEVICE int __syncthreads_and(int predicate) { return __nvvm_bar0_and(predicate); }
KV_DEVICE int __syncthreads_or(int predicate) { return __nvvm_bar0_or(predicate); }
KV_DEVICE void __syncwarp(unsigned mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
KV_DEVICE void __barrier_sync(unsigned id) { __nvvm_barrier_sync(id); }
KV_DEVICE void __barrier_sync_count(unsigned id, unsigned count) { __nvvm_barrier_sync_cnt(id, count); }
KV_DEVICE void __threadfence_block() { __nvvm_membar_cta(); }
KV_DEVICE void __threadfence() { __nvvm_membar_gl(); }
KV_DEVICE void __threadfence_system() { __nvvm_membar_sys(); }

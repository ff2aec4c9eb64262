// __pipeline_memcpy_async and what belongs to it.
#pragma once
#pragma GCC system_header
#include "cuda_runtime.h"
#include "kverify/async_copy.h"

KV_DEVICE void __pipeline_memcpy_async(void* __restrict__ shared, const void* __restrict__ global, size_t size,
                                       size_t zfill = 0) {
  kverify_copy_async(shared, global, size, size - zfill);
}
KV_DEVICE void __pipeline_commit() { __nvvm_cp_async_commit_group(); }
KV_DEVICE void __pipeline_wait_prior(size_t groups_left) { kverify_wait_async(groups_left); }

// threadIdx, blockIdx, blockDim, gridDim, warpSize: clang's own, reading the special registers.
#pragma once
#pragma GCC system_header
#include "vector_types.h"
#include <__clang_cuda_builtin_vars.h>

#define KV_BUILTIN_VAR(type)                                                     \
  __device__ inline type::operator dim3() const { return dim3(x, y, z); }        \
  __device__ inline type::operator uint3() const { return uint3{x, y, z}; }
KV_BUILTIN_VAR(__cuda_builtin_threadIdx_t)
KV_BUILTIN_VAR(__cuda_builtin_blockIdx_t)
KV_BUILTIN_VAR(__cuda_builtin_blockDim_t)
KV_BUILTIN_VAR(__cuda_builtin_gridDim_t)
#undef KV_BUILTIN_VAR

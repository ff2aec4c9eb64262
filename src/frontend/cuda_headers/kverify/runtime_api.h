// The host runtime's declarations. Host code is parsed, never compiled, so declarations are all it takes.
#pragma once
#include "vector_types.h"

enum cudaError_t : int { cudaSuccess = 0 };
typedef struct CUstream_st* cudaStream_t;
extern "C" unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared = 0, void* stream = 0);
extern "C" cudaError_t cudaConfigureCall(dim3 grid, dim3 block, size_t shared = 0, cudaStream_t stream = 0);

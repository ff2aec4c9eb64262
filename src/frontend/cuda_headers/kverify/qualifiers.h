// The words that CUDA adds to C++.
#pragma once
#pragma GCC system_header

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __managed__ __attribute__((managed))
#define __grid_constant__
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __attribute__((aligned(n)))
#define __nv_pure__ __attribute__((pure))
#define __location__(a) __##a##__
#define CUDARTAPI
#define __NV_SILENCE_DEPRECATION_BEGIN
#define __NV_SILENCE_DEPRECATION_END
#define CUDART_CB

#define __CUDACC__ 1
#define __NVCC__ 1
#define __CUDACC_VER_MAJOR__ 13
#define __CUDACC_VER_MINOR__ 0
#define __CUDACC_VER_BUILD__ 0
#define CUDA_VERSION 13000
#define CUDART_VERSION 13000
#define __CUDACC_EXTENDED_LAMBDA__ 1
#define __CUDACC_RELAXED_CONSTEXPR__ 1

// The guards of NVIDIA's own basic headers. A library's header that lies in a system folder (cublas_v2.h …) may
// include its neighbours; what they hold is here already.
#define __HOST_DEFINES_H__
#define __VECTOR_TYPES_H__
#define __VECTOR_FUNCTIONS_H__
#define __DEVICE_TYPES_H__
#define __BUILTIN_TYPES_H__
#define __DRIVER_TYPES_H__
#define __CUDA_RUNTIME_API_H__
#define __CUDA_RUNTIME_H__

// Functions of these headers: in the device code only when used, always inlined there, and without lines of their own,
// so that what happens in them is told at the line of the user who called them.
#define KV_NODEBUG __attribute__((nodebug))
#define KV_DEVICE static __device__ __forceinline__ KV_NODEBUG
// The same for member functions.
#define KV_METHOD __host__ __device__ __forceinline__ KV_NODEBUG
#define KV_HOST_DEVICE static __host__ __device__ __forceinline__ KV_NODEBUG

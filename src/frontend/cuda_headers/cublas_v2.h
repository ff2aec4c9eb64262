// cuBLAS as host code names it: enough to type-check, to follow what its calls write, and to run the host code on the CPU,
// where a product is told (kverify_host_computed) and not computed.
#pragma once
#pragma GCC system_header
#include <cstdint>

#include "cuComplex.h"
#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "cuda_runtime.h"

// The toolkit's own would say all this again: cublasLt.h includes them.
#define CUBLAS_V2_H_
#define CUBLAS_API_H_

#if !defined(CUBLASAPI)
#define CUBLASAPI
#endif
#if !defined(CUBLASWINAPI)
#define CUBLASWINAPI
#endif
#define CUBLAS_VER_MAJOR 13
#define CUBLAS_VERSION 130000

struct cublasContext;
typedef struct cublasContext* cublasHandle_t;

typedef enum {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_NOT_INITIALIZED = 1,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_ARCH_MISMATCH = 8,
  CUBLAS_STATUS_MAPPING_ERROR = 11,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
  CUBLAS_STATUS_INTERNAL_ERROR = 14,
  CUBLAS_STATUS_NOT_SUPPORTED = 15,
  CUBLAS_STATUS_LICENSE_ERROR = 16
} cublasStatus_t;
typedef enum { CUBLAS_FILL_MODE_LOWER = 0, CUBLAS_FILL_MODE_UPPER = 1, CUBLAS_FILL_MODE_FULL = 2 } cublasFillMode_t;
typedef enum { CUBLAS_DIAG_NON_UNIT = 0, CUBLAS_DIAG_UNIT = 1 } cublasDiagType_t;
typedef enum { CUBLAS_SIDE_LEFT = 0, CUBLAS_SIDE_RIGHT = 1 } cublasSideMode_t;
typedef enum {
  CUBLAS_OP_N = 0, CUBLAS_OP_T = 1, CUBLAS_OP_C = 2, CUBLAS_OP_HERMITAN = 2, CUBLAS_OP_CONJG = 3
} cublasOperation_t;
typedef enum { CUBLAS_POINTER_MODE_HOST = 0, CUBLAS_POINTER_MODE_DEVICE = 1 } cublasPointerMode_t;
typedef enum { CUBLAS_ATOMICS_NOT_ALLOWED = 0, CUBLAS_ATOMICS_ALLOWED = 1 } cublasAtomicsMode_t;
typedef enum {
  CUBLAS_GEMM_DFALT = -1, CUBLAS_GEMM_DEFAULT = -1,
  CUBLAS_GEMM_ALGO0 = 0, CUBLAS_GEMM_ALGO1 = 1, CUBLAS_GEMM_ALGO2 = 2, CUBLAS_GEMM_ALGO3 = 3, CUBLAS_GEMM_ALGO4 = 4,
  CUBLAS_GEMM_DEFAULT_TENSOR_OP = 99, CUBLAS_GEMM_DFALT_TENSOR_OP = 99, CUBLAS_GEMM_ALGO0_TENSOR_OP = 100
} cublasGemmAlgo_t;
typedef enum {
  CUBLAS_DEFAULT_MATH = 0, CUBLAS_TENSOR_OP_MATH = 1, CUBLAS_PEDANTIC_MATH = 2, CUBLAS_TF32_TENSOR_OP_MATH = 3,
  CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16
} cublasMath_t;
typedef enum {
  CUBLAS_COMPUTE_16F = 64, CUBLAS_COMPUTE_16F_PEDANTIC = 65, CUBLAS_COMPUTE_32F = 68, CUBLAS_COMPUTE_32F_PEDANTIC = 69,
  CUBLAS_COMPUTE_64F = 70, CUBLAS_COMPUTE_64F_PEDANTIC = 71, CUBLAS_COMPUTE_32I = 72, CUBLAS_COMPUTE_32I_PEDANTIC = 73,
  CUBLAS_COMPUTE_32F_FAST_16F = 74, CUBLAS_COMPUTE_32F_FAST_16BF = 75, CUBLAS_COMPUTE_32F_FAST_TF32 = 77
} cublasComputeType_t;
typedef cudaDataType cublasDataType_t;

extern "C" void kverify_host_computed(const char* operation, void* storage, std::uint64_t bytes);

namespace kverify_blas {
/// Bytes from the first element that a vector or a matrix in columns touches to past its last.
template <class T> std::uint64_t bytesOf(std::int64_t rows, std::int64_t columns, std::int64_t stride, std::uint64_t element = sizeof(T)) {
  return rows > 0 && columns > 0 ? static_cast<std::uint64_t>((columns - 1) * stride + rows) * element : 0;
}
inline std::uint64_t bytesOf(cudaDataType type) {
  switch (type) {
  case CUDA_R_8I: case CUDA_R_8U: case CUDA_R_8F_E4M3: case CUDA_R_8F_E5M2: return 1;
  case CUDA_R_16F: case CUDA_R_16BF: return 2;
  case CUDA_R_64F: case CUDA_C_32F: return 8;
  case CUDA_C_64F: return 16;
  default: return 4;
  }
}
inline cublasStatus_t computed(const char* operation, void* storage, std::uint64_t bytes) {
  if (bytes)
    kverify_host_computed(operation, storage, bytes);
  return CUBLAS_STATUS_SUCCESS;
}
} // namespace kverify_blas

inline cublasStatus_t cublasCreate(cublasHandle_t* handle) { return *handle = nullptr, CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasDestroy(cublasHandle_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasGetVersion(cublasHandle_t, int* version) { return *version = CUBLAS_VERSION, CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetStream(cublasHandle_t, cudaStream_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasGetStream(cublasHandle_t, cudaStream_t* stream) { return *stream = nullptr, CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetPointerMode(cublasHandle_t, cublasPointerMode_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetAtomicsMode(cublasHandle_t, cublasAtomicsMode_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasGetMathMode(cublasHandle_t, cublasMath_t* mode) {
  return *mode = CUBLAS_DEFAULT_MATH, CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetWorkspace(cublasHandle_t, void*, size_t) { return CUBLAS_STATUS_SUCCESS; }
inline const char* cublasGetStatusString(cublasStatus_t) { return "CUBLAS_STATUS_SUCCESS"; }
inline const char* cublasGetStatusName(cublasStatus_t) { return "CUBLAS_STATUS_SUCCESS"; }

#define KVERIFY_BLAS(name, parameters, storage, bytes)                                                                  \
  inline cublasStatus_t name parameters { return kverify_blas::computed(#name, storage, bytes); }

// Of every type that a function exists for: S, D, C, Z.
#define KVERIFY_BLAS_TYPED(L, T)                                                                                        \
  KVERIFY_BLAS(cublas##L##axpy, (cublasHandle_t, int n, const T*, const T*, int, T* y, int incy), y,                    \
               kverify_blas::bytesOf<T>(1, n, incy))                                                                    \
  KVERIFY_BLAS(cublas##L##scal, (cublasHandle_t, int n, const T*, T* x, int incx), x,                                   \
               kverify_blas::bytesOf<T>(1, n, incx))                                                                    \
  KVERIFY_BLAS(cublas##L##copy, (cublasHandle_t, int n, const T*, int, T* y, int incy), y,                              \
               kverify_blas::bytesOf<T>(1, n, incy))                                                                    \
  KVERIFY_BLAS(cublas##L##gemv, (cublasHandle_t, cublasOperation_t op, int m, int n, const T*, const T*, int,           \
               const T*, int, const T*, T* y, int incy), y,                                                             \
               kverify_blas::bytesOf<T>(1, op == CUBLAS_OP_N ? m : n, incy))                                            \
  KVERIFY_BLAS(cublas##L##gemm, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int,               \
               const T*, const T*, int, const T*, int, const T*, T* c, int ldc), c,                                     \
               kverify_blas::bytesOf<T>(m, n, ldc))                                                                     \
  KVERIFY_BLAS(cublas##L##gemmStridedBatched, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n,      \
               int, const T*, const T*, int, long long, const T*, int, long long, const T*, T* c, int ldc,              \
               long long stride, int count), c,                                                                         \
               count > 0 ? kverify_blas::bytesOf<T>(m, n, ldc) + static_cast<std::uint64_t>(count - 1) * stride * sizeof(T) : 0) \
  KVERIFY_BLAS(cublas##L##geam, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, const T*,          \
               const T*, int, const T*, const T*, int, T* c, int ldc), c, kverify_blas::bytesOf<T>(m, n, ldc))          \
  KVERIFY_BLAS(cublas##L##dgmm, (cublasHandle_t, cublasSideMode_t, int m, int n, const T*, int, const T*, int, T* c,    \
               int ldc), c, kverify_blas::bytesOf<T>(m, n, ldc))                                                        \
  KVERIFY_BLAS(cublas##L##trsm, (cublasHandle_t, cublasSideMode_t, cublasFillMode_t, cublasOperation_t,                 \
               cublasDiagType_t, int m, int n, const T*, const T*, int, T* b, int ldb), b,                              \
               kverify_blas::bytesOf<T>(m, n, ldb))                                                                     \
  KVERIFY_BLAS(cublas##L##trmm, (cublasHandle_t, cublasSideMode_t, cublasFillMode_t, cublasOperation_t,                 \
               cublasDiagType_t, int m, int n, const T*, const T*, int, const T*, int, T* c, int ldc), c,               \
               kverify_blas::bytesOf<T>(m, n, ldc))                                                                     \
  KVERIFY_BLAS(cublas##L##syrk, (cublasHandle_t, cublasFillMode_t, cublasOperation_t, int n, int, const T*, const T*,   \
               int, const T*, T* c, int ldc), c, kverify_blas::bytesOf<T>(n, n, ldc))                                   \
  KVERIFY_BLAS(cublas##L##symm, (cublasHandle_t, cublasSideMode_t, cublasFillMode_t, int m, int n, const T*,            \
               const T*, int, const T*, int, const T*, T* c, int ldc), c, kverify_blas::bytesOf<T>(m, n, ldc))
KVERIFY_BLAS_TYPED(S, float)
KVERIFY_BLAS_TYPED(D, double)
KVERIFY_BLAS_TYPED(C, cuComplex)
KVERIFY_BLAS_TYPED(Z, cuDoubleComplex)
#undef KVERIFY_BLAS_TYPED

KVERIFY_BLAS(cublasSger, (cublasHandle_t, int m, int n, const float*, const float*, int, const float*, int, float* a,
             int lda), a, kverify_blas::bytesOf<float>(m, n, lda))
KVERIFY_BLAS(cublasDger, (cublasHandle_t, int m, int n, const double*, const double*, int, const double*, int, double* a,
             int lda), a, kverify_blas::bytesOf<double>(m, n, lda))
KVERIFY_BLAS(cublasHgemm, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int, const __half*,
             const __half*, int, const __half*, int, const __half*, __half* c, int ldc), c,
             kverify_blas::bytesOf<__half>(m, n, ldc))
KVERIFY_BLAS(cublasHgemmStridedBatched, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int,
             const __half*, const __half*, int, long long, const __half*, int, long long, const __half*, __half* c, int ldc,
             long long stride, int count), c,
             count > 0 ? kverify_blas::bytesOf<__half>(m, n, ldc) + static_cast<std::uint64_t>(count - 1) * stride * 2 : 0)
KVERIFY_BLAS(cublasSgemmEx, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int, const float*,
             const void*, cudaDataType, int, const void*, cudaDataType, int, const float*, void* c, cudaDataType type, int ldc),
             c, kverify_blas::bytesOf<char>(m, n, ldc, kverify_blas::bytesOf(type)))
KVERIFY_BLAS(cublasGemmEx, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int, const void*,
             const void*, cudaDataType, int, const void*, cudaDataType, int, const void*, void* c, cudaDataType type, int ldc,
             cublasComputeType_t, cublasGemmAlgo_t), c,
             kverify_blas::bytesOf<char>(m, n, ldc, kverify_blas::bytesOf(type)))
KVERIFY_BLAS(cublasGemmEx, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int, const void*,
             const void*, cudaDataType, int, const void*, cudaDataType, int, const void*, void* c, cudaDataType type, int ldc,
             cudaDataType, cublasGemmAlgo_t), c,
             kverify_blas::bytesOf<char>(m, n, ldc, kverify_blas::bytesOf(type)))
KVERIFY_BLAS(cublasGemmStridedBatchedEx, (cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int,
             const void*, const void*, cudaDataType, int, long long, const void*, cudaDataType, int, long long, const void*,
             void* c, cudaDataType type, int ldc, long long stride, int count, cublasComputeType_t, cublasGemmAlgo_t), c,
             count > 0 ? kverify_blas::bytesOf<char>(m, n, ldc, kverify_blas::bytesOf(type)) +
                             static_cast<std::uint64_t>(count - 1) * stride * kverify_blas::bytesOf(type)
                       : 0)
#undef KVERIFY_BLAS

// What these write is a number of the host's or the device's, or lies behind pointers: a run of host code ends here.
extern "C" {
#define KVERIFY_BLAS_RESULT(L, T, R)                                                                                    \
  cublasStatus_t cublas##L##dot(cublasHandle_t, int n, const T* x, int incx, const T* y, int incy, T* result);          \
  cublasStatus_t cublas##L##nrm2(cublasHandle_t, int n, const T* x, int incx, R* result);                               \
  cublasStatus_t cublas##L##asum(cublasHandle_t, int n, const T* x, int incx, R* result);                               \
  cublasStatus_t cublas##L##swap(cublasHandle_t, int n, T* x, int incx, T* y, int incy);                                \
  cublasStatus_t cublas##L##gemmBatched(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,      \
                                        const T* alpha, const T* const a[], int lda, const T* const b[], int ldb,       \
                                        const T* beta, T* const c[], int ldc, int count);
KVERIFY_BLAS_RESULT(S, float, float)
KVERIFY_BLAS_RESULT(D, double, double)
#undef KVERIFY_BLAS_RESULT
cublasStatus_t cublasIsamax(cublasHandle_t, int n, const float* x, int incx, int* result);
cublasStatus_t cublasIdamax(cublasHandle_t, int n, const double* x, int incx, int* result);
cublasStatus_t cublasIsamin(cublasHandle_t, int n, const float* x, int incx, int* result);
cublasStatus_t cublasIdamin(cublasHandle_t, int n, const double* x, int incx, int* result);
cublasStatus_t cublasSetVector(int n, int element_size, const void* x, int incx, void* device_y, int incy);
cublasStatus_t cublasGetVector(int n, int element_size, const void* device_x, int incx, void* y, int incy);
cublasStatus_t cublasSetMatrix(int rows, int columns, int element_size, const void* a, int lda, void* device_b, int ldb);
cublasStatus_t cublasGetMatrix(int rows, int columns, int element_size, const void* device_a, int lda, void* b, int ldb);
}

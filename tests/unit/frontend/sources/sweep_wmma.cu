// Warp matrix functions, and the PTX forms that kernels write by hand.
#include <mma.h>

using namespace nvcuda;

template <int m, int n, int k, class T, class LA, class LB> __device__ void product(const T* a, const T* b, float* c) {
  wmma::fragment<wmma::matrix_a, m, n, k, T, LA> fa;
  wmma::fragment<wmma::matrix_b, m, n, k, T, LB> fb;
  wmma::fragment<wmma::accumulator, m, n, k, float> fc;
  wmma::fill_fragment(fc, 0.0f);
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 16);
  wmma::mma_sync(fc, fa, fb, fc);
  for (int i = 0; i < fc.num_elements; ++i) fc.x[i] *= 2.0f;
  wmma::load_matrix_sync(fc, c, n, wmma::mem_row_major);
  wmma::store_matrix_sync(c, fc, n, wmma::mem_row_major);
  wmma::store_matrix_sync(c, fc, m, wmma::mem_col_major);
}

__global__ void shapes(const half* a, const __nv_bfloat16* b, float* c) {
  using wmma::col_major;
  using wmma::row_major;
  product<16, 16, 16, half, row_major, row_major>(a, a, c);
  product<16, 16, 16, half, row_major, col_major>(a, a, c);
  product<16, 16, 16, half, col_major, row_major>(a, a, c);
  product<16, 16, 16, half, col_major, col_major>(a, a, c);
  product<32, 8, 16, half, row_major, col_major>(a, a, c);
  product<8, 32, 16, half, row_major, col_major>(a, a, c);
  product<16, 16, 16, __nv_bfloat16, row_major, col_major>(b, b, c);
  product<32, 8, 16, __nv_bfloat16, row_major, col_major>(b, b, c);
  product<8, 32, 16, __nv_bfloat16, row_major, col_major>(b, b, c);
}

__global__ void halfAccumulator(const half* a, half* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, half> fc;
  wmma::fill_fragment(fc, __float2half(0.0f));
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, a, 16);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}

__global__ void tf32(const float* a, float* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> fc;
  wmma::fill_fragment(fc, 0.0f);
  wmma::load_matrix_sync(fa, a, 8);
  wmma::load_matrix_sync(fb, a, 8);
  for (int i = 0; i < fa.num_elements; ++i) fa.x[i] = wmma::__float_to_tf32(fa.x[i]);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}

__global__ void byHand(const half* a, float* c) {
  __shared__ alignas(16) half s[16 * 16];
  s[threadIdx.x] = a[threadIdx.x];
  __syncwarp();
  unsigned r0, r1, r2, r3, at = (unsigned)__cvta_generic_to_shared(s);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(r0), "=r"(r1), "=r"(r2), "=r"(r3) : "r"(at));
  float d0 = 0, d1 = 0, d2 = 0, d3 = 0;
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
               "{%0,%1,%2,%3};\n"
               : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3) : "r"(r0), "r"(r1), "r"(r2), "r"(r3), "r"(r0), "r"(r1));
  c[threadIdx.x] = d0 + d1 + d2 + d3;
}

// Warp matrix functions: nvcuda::wmma fragments of half, bfloat16 and tf32 on clang's builtins for wmma.load,
// wmma.store and wmma.mma. The elements of a fragment are spread over the lanes in a way PTX leaves open; x[] is this
// lane's share.
#pragma once
#pragma GCC system_header
#include "cuda_bf16.h"
#include "cuda_fp16.h"

namespace nvcuda {
namespace wmma {

struct row_major;
struct col_major;
struct matrix_a;
struct matrix_b;
struct accumulator;
enum layout_t { mem_row_major, mem_col_major };
namespace precision {
struct tf32;
}
KV_DEVICE float __float_to_tf32(float x) { return __builtin_bit_cast(float, __nvvm_f2tf32_rna(x)); }

template <class T, int count> struct __attribute__((aligned(8))) __frag_base {
  typedef T element_type;
  typedef T storage_element_type;
  enum { num_elements = count, num_storage_elements = count };
  T x[count];
};

template <class Use, int m, int n, int k, class T, class Layout = void> class fragment;

template <class T, int count>
KV_DEVICE void fill_fragment(__frag_base<T, count>& f, const typename kverify_detail::Identity<T>::type& value) {
#pragma unroll
  for (int i = 0; i < count; ++i) f.x[i] = value;
}

// A and B of one shape and type: `words` elements of type Stored each; ld is the builtins' common name.
#define KV_WMMA_INPUT(Use, m, n, k, T, Stored, count, ld)                                                             \
  template <> class fragment<Use, m, n, k, T, row_major> : public __frag_base<Stored, count> {};                      \
  template <> class fragment<Use, m, n, k, T, col_major> : public __frag_base<Stored, count> {};                      \
  KV_DEVICE void load_matrix_sync(fragment<Use, m, n, k, T, row_major>& f, const Stored* p, unsigned stride) {        \
    ld((int*)f.x, (const int*)p, stride, 0);                                                                          \
  }                                                                                                                   \
  KV_DEVICE void load_matrix_sync(fragment<Use, m, n, k, T, col_major>& f, const Stored* p, unsigned stride) {        \
    ld((int*)f.x, (const int*)p, stride, 1);                                                                          \
  }
#define KV_WMMA_ACCUMULATOR(m, n, k, T, Word, ld, st)                                                                 \
  template <> class fragment<accumulator, m, n, k, T> : public __frag_base<T, 8> {};                                  \
  KV_DEVICE void load_matrix_sync(fragment<accumulator, m, n, k, T>& f, const T* p, unsigned stride,                  \
                                  layout_t layout) {                                                                  \
    if (layout == mem_row_major) ld((Word*)f.x, (const Word*)p, stride, 0);                                           \
    else ld((Word*)f.x, (const Word*)p, stride, 1);                                                                   \
  }                                                                                                                   \
  KV_DEVICE void store_matrix_sync(T* p, const fragment<accumulator, m, n, k, T>& f, unsigned stride,                 \
                                   layout_t layout) {                                                                 \
    if (layout == mem_row_major) st((Word*)p, (const Word*)f.x, stride, 0);                                           \
    else st((Word*)p, (const Word*)f.x, stride, 1);                                                                   \
  }
// d = a * b + c for one pair of layouts; `order` is the builtin's number for the pair.
#define KV_WMMA_MMA_ONE(m, n, k, T, D, DWord, C, CWord, mma, LayoutA, LayoutB, order)                                 \
  KV_DEVICE void mma_sync(fragment<accumulator, m, n, k, D>& d, const fragment<matrix_a, m, n, k, T, LayoutA>& a,     \
                          const fragment<matrix_b, m, n, k, T, LayoutB>& b,                                           \
                          const fragment<accumulator, m, n, k, C>& c) {                                               \
    mma((DWord*)d.x, (const int*)a.x, (const int*)b.x, (const CWord*)c.x, order, 0);                                  \
  }
#define KV_WMMA_MMA(m, n, k, T, D, DWord, C, CWord, mma)                                                              \
  KV_WMMA_MMA_ONE(m, n, k, T, D, DWord, C, CWord, mma, row_major, row_major, 0)                                       \
  KV_WMMA_MMA_ONE(m, n, k, T, D, DWord, C, CWord, mma, row_major, col_major, 1)                                       \
  KV_WMMA_MMA_ONE(m, n, k, T, D, DWord, C, CWord, mma, col_major, row_major, 2)                                       \
  KV_WMMA_MMA_ONE(m, n, k, T, D, DWord, C, CWord, mma, col_major, col_major, 3)

#define KV_WMMA_SHAPE(m, n, k, shape, bf16_a, bf16_b)                                                                 \
  KV_WMMA_INPUT(matrix_a, m, n, k, __half, __half, 16, __hmma_##shape##_ld_a)                                         \
  KV_WMMA_INPUT(matrix_b, m, n, k, __half, __half, 16, __hmma_##shape##_ld_b)                                         \
  KV_WMMA_INPUT(matrix_a, m, n, k, __nv_bfloat16, __nv_bfloat16, bf16_a, __mma_bf16_##shape##_ld_a)                   \
  KV_WMMA_INPUT(matrix_b, m, n, k, __nv_bfloat16, __nv_bfloat16, bf16_b, __mma_bf16_##shape##_ld_b)                   \
  KV_WMMA_ACCUMULATOR(m, n, k, __half, int, __hmma_##shape##_ld_c_f16, __hmma_##shape##_st_c_f16)                     \
  KV_WMMA_ACCUMULATOR(m, n, k, float, float, __hmma_##shape##_ld_c_f32, __hmma_##shape##_st_c_f32)                    \
  KV_WMMA_MMA(m, n, k, __half, __half, int, __half, int, __hmma_##shape##_mma_f16f16)                                 \
  KV_WMMA_MMA(m, n, k, __half, float, float, __half, int, __hmma_##shape##_mma_f32f16)                                \
  KV_WMMA_MMA(m, n, k, __half, float, float, float, float, __hmma_##shape##_mma_f32f32)                               \
  KV_WMMA_MMA(m, n, k, __half, __half, int, float, float, __hmma_##shape##_mma_f16f32)                                \
  KV_WMMA_MMA(m, n, k, __nv_bfloat16, float, float, float, float, __mma_bf16_##shape##_mma_f32)
KV_WMMA_SHAPE(16, 16, 16, m16n16k16, 8, 8)
KV_WMMA_SHAPE(32, 8, 16, m32n8k16, 16, 4)
KV_WMMA_SHAPE(8, 32, 16, m8n32k16, 4, 16)

KV_WMMA_INPUT(matrix_a, 16, 16, 8, precision::tf32, float, 4, __mma_tf32_m16n16k8_ld_a)
KV_WMMA_INPUT(matrix_b, 16, 16, 8, precision::tf32, float, 4, __mma_tf32_m16n16k8_ld_b)
KV_WMMA_ACCUMULATOR(16, 16, 8, float, float, __mma_tf32_m16n16k8_ld_c, __mma_m16n16k8_st_c_f32)
KV_WMMA_MMA(16, 16, 8, precision::tf32, float, float, float, float, __mma_tf32_m16n16k8_mma_f32)
#undef KV_WMMA_SHAPE
#undef KV_WMMA_MMA
#undef KV_WMMA_MMA_ONE
#undef KV_WMMA_ACCUMULATOR
#undef KV_WMMA_INPUT

}  // namespace wmma
}  // namespace nvcuda

// What CUB's parts share: operators, key-value pairs, storage that no constructor touches, and lanes.
#pragma once
#pragma GCC system_header
#include <type_traits>

#include "../cuda_runtime.h"
#include "../kverify/lane_move.h"

#define CUB_PTX_ARCH __CUDA_ARCH__
#define CUB_PTX_WARP_THREADS 32
#define CUB_VERSION 300000
#define CUB_MAX(a, b) (((a) > (b)) ? (a) : (b))
#define CUB_MIN(a, b) (((a) < (b)) ? (a) : (b))
#define CUB_QUOTIENT_FLOOR(x, y) ((x) / (y))
#define CUB_QUOTIENT_CEILING(x, y) (((x) + (y) - 1) / (y))
#define CUB_NAMESPACE_BEGIN namespace cub {
#define CUB_NAMESPACE_END }
#define CubDebugExit(e) (e)
#define CubDebug(e) (e)

namespace cub {

#define KV_CUB_OPERATOR(Name, expression)                                                              \
  struct Name {                                                                                        \
    template <class T, class U = T>                                                                    \
    __host__ __device__ __forceinline__ KV_NODEBUG auto operator()(const T& a, const U& b) const {     \
      return expression;                                                                               \
    }                                                                                                  \
  };
KV_CUB_OPERATOR(Sum, a + b) KV_CUB_OPERATOR(Difference, a - b) KV_CUB_OPERATOR(Division, a / b)
KV_CUB_OPERATOR(Equality, a == b) KV_CUB_OPERATOR(Inequality, a != b)
#undef KV_CUB_OPERATOR
struct Max {
  template <class T> KV_METHOD T operator()(const T& a, const T& b) const { return b > a ? b : a; }
};
struct Min {
  template <class T> KV_METHOD T operator()(const T& a, const T& b) const { return b < a ? b : a; }
};

template <class Key, class Value> struct KeyValuePair {
  typedef Key Key_t;
  typedef Value Value_t;
  Key key;
  Value value;
  KeyValuePair() = default;
  KV_METHOD KeyValuePair(const Key& k, const Value& v) : key(k), value(v) {}
  KV_METHOD bool operator!=(const KeyValuePair& other) const { return value != other.value || key != other.key; }
};
// Of equal values the smaller offset wins.
struct ArgMax {
  template <class T, class Offset>
  KV_METHOD KeyValuePair<Offset, T> operator()(const KeyValuePair<Offset, T>& a, const KeyValuePair<Offset, T>& b) const {
    return b.value > a.value || (a.value == b.value && b.key < a.key) ? b : a;
  }
};
struct ArgMin {
  template <class T, class Offset>
  KV_METHOD KeyValuePair<Offset, T> operator()(const KeyValuePair<Offset, T>& a, const KeyValuePair<Offset, T>& b) const {
    return b.value < a.value || (a.value == b.value && b.key < a.key) ? b : a;
  }
};
template <class To> struct CastOp {
  template <class From> KV_METHOD To operator()(const From& x) const { return (To)x; }
};

struct NullType {
  KV_METHOD bool operator!=(const NullType&) const { return false; }
};

namespace kv {

// Memory for a T without its constructor: shared memory may hold it.
template <class T> struct Raw {
  alignas(T) unsigned char bytes[sizeof(T)];
  KV_METHOD T& alias() { return reinterpret_cast<T&>(*this); }
};

template <int x, int y, int z> KV_DEVICE unsigned threadRank() {
  unsigned rank = __nvvm_read_ptx_sreg_tid_x();
  if (y > 1 || z > 1) rank += __nvvm_read_ptx_sreg_tid_y() * x;
  if (z > 1) rank += __nvvm_read_ptx_sreg_tid_z() * x * y;
  return rank;
}

// The lanes of the logical warp that this thread is in.
template <int width> KV_DEVICE unsigned logicalLane() {
  unsigned lane = kverify_detail::laneId();
  return width == 32 ? lane : lane % width;
}
template <int width> KV_DEVICE unsigned logicalMask() {
  constexpr bool is_power = (width & (width - 1)) == 0;
  unsigned mask = 0xffffffffu >> (32 - width);
  return is_power && width < 32 ? mask << (kverify_detail::laneId() / width * width) : mask;
}
// Shuffles go by segments of the next power of two.
template <int width> constexpr int segment() {
  int size = 1;
  while (size < width) size *= 2;
  return size;
}
template <int width, class T> KV_DEVICE T down(T value, unsigned by, unsigned mask) {
  return kverify_detail::moveLane<kverify_detail::Move::Down>(mask, value, by, segment<width>());
}
template <int width, class T> KV_DEVICE T up(T value, unsigned by, unsigned mask) {
  return kverify_detail::moveLane<kverify_detail::Move::Up>(mask, value, by, segment<width>());
}
template <int width, class T> KV_DEVICE T from(T value, unsigned lane, unsigned mask) {
  return kverify_detail::moveLane<kverify_detail::Move::Index>(mask, value, lane, segment<width>());
}

template <int n, class T, class Operation> KV_DEVICE T fold(const T (&items)[n], Operation operation) {
  T result = items[0];
#pragma unroll
  for (int i = 1; i < n; ++i) result = operation(result, items[i]);
  return result;
}

}  // namespace kv

KV_DEVICE unsigned LaneId() { return kverify_detail::laneId(); }
KV_DEVICE unsigned WarpId() { return __nvvm_read_ptx_sreg_warpid(); }
KV_DEVICE unsigned LaneMaskLt() { return kverify_detail::lanesBelow(); }
KV_DEVICE void CTA_SYNC() { __syncthreads(); }
KV_DEVICE void WARP_SYNC(unsigned mask) { __syncwarp(mask); }
KV_DEVICE int RowMajorTid(int x, int y, int z) {
  return (z == 1 ? 0 : threadIdx.z * x * y) + (y == 1 ? 0 : threadIdx.y * x) + threadIdx.x;
}
template <int width, class T> KV_DEVICE T ShuffleUp(T input, int by, int, unsigned mask) { return kv::up<width>(input, by, mask); }
template <int width, class T> KV_DEVICE T ShuffleDown(T input, int by, int, unsigned mask) { return kv::down<width>(input, by, mask); }
template <int width, class T> KV_DEVICE T ShuffleIndex(T input, int lane, unsigned mask) { return kv::from<width>(input, lane, mask); }
template <class N, class D> KV_HOST_DEVICE constexpr N DivideAndRoundUp(N n, D d) { return n / d + (n % d != 0 ? 1 : 0); }
template <class T, int n> struct ArrayWrapper {
  T array[n];
};
template <class T> struct Uninitialized : kv::Raw<T> {
  KV_METHOD T& Alias() { return this->alias(); }
};
template <int n> struct Int2Type { enum { VALUE = n }; };
template <int n> struct Log2 {
  enum { VALUE = n <= 1 ? 0 : 1 + Log2<(n + 1) / 2>::VALUE };
};
template <> struct Log2<1> { enum { VALUE = 0 }; };
template <> struct Log2<0> { enum { VALUE = 0 }; };
template <int n> struct PowerOfTwo { enum { VALUE = (n & (n - 1)) == 0 }; };

enum CacheLoadModifier { LOAD_DEFAULT, LOAD_CA, LOAD_CG, LOAD_CS, LOAD_CV, LOAD_LDG, LOAD_VOLATILE };
enum CacheStoreModifier { STORE_DEFAULT, STORE_WB, STORE_CG, STORE_CS, STORE_WT, STORE_VOLATILE };
template <CacheLoadModifier, class It> KV_DEVICE auto ThreadLoad(It it) { return *it; }
template <CacheStoreModifier, class It, class T> KV_DEVICE void ThreadStore(It it, T value) { *it = value; }
template <int n, class T, class Operation> KV_DEVICE T ThreadReduce(const T (&items)[n], Operation operation) {
  return kv::fold(items, operation);
}
template <int n, class T, class Operation> KV_DEVICE T ThreadReduce(const T (&items)[n], Operation operation, T first) {
#pragma unroll
  for (int i = 0; i < n; ++i) first = operation(first, items[i]);
  return first;
}

}  // namespace cub

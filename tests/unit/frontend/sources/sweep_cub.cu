// CUB's parts of a block and of a warp. Sums of floats show the order in which they are taken.
#include <cub/block/block_load.cuh>
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/block/block_store.cuh>
#include <cub/warp/warp_reduce.cuh>
#include <cub/warp/warp_scan.cuh>

struct Largest {
  template <class T> __device__ T operator()(T a, T b) const { return a < b ? b : a; }
};
struct Running {
  float total;
  __device__ float operator()(float of_block) {
    float before = total;
    total += of_block;
    return before;
  }
};

constexpr int kThreads = 64;

__global__ void reductions(float* f, int* i, unsigned long long* bytes) {
  using Floats = cub::BlockReduce<float, kThreads>;
  using Integers = cub::BlockReduce<int, 8, cub::BLOCK_REDUCE_WARP_REDUCTIONS, 4, 2>;
  __shared__ typename Floats::TempStorage floats;
  __shared__ typename Integers::TempStorage integers;
  int t = threadIdx.x;
  float x = f[t] * 1.1f, items[3] = {f[t], f[t + 64] * 1.3f, f[t + 128] / 3};
  float sum = Floats(floats).Sum(x);
  __syncthreads();
  float part = Floats(floats).Sum(x, 50);
  __syncthreads();
  float most = Floats(floats).Reduce(x, Largest());
  __syncthreads();
  float few = Floats(floats).Reduce(x, Largest(), 7);
  __syncthreads();
  float all = Floats(floats).Sum(items);
  if (t == 0) {
    f[512] = sum, f[513] = part, f[514] = most, f[515] = few, f[516] = all;
    bytes[0] = sizeof(floats);
    bytes[1] = sizeof(integers);
  }
}

__global__ void warps(float* f, int* i) {
  using Reduce = cub::WarpReduce<float>;
  using Eight = cub::WarpReduce<int, 8>;
  using Scan = cub::WarpScan<float>;
  using Sixteen = cub::WarpScan<int, 16>;
  __shared__ typename Reduce::TempStorage reduce[2];
  __shared__ typename Eight::TempStorage eight[8];
  __shared__ typename Scan::TempStorage scan[2];
  __shared__ typename Sixteen::TempStorage sixteen[4];
  int t = threadIdx.x, w = t / 32;
  float x = f[t] * 1.1f;
  float sum = Reduce(reduce[w]).Sum(x), most = Reduce(reduce[w]).Reduce(x, Largest()), part = Reduce(reduce[w]).Sum(x, 11);
  int small = Eight(eight[t / 8]).Sum(i[t]), segment = Eight(eight[t / 8]).HeadSegmentedSum(i[t], t % 3 == 0);
  float inclusive, exclusive, running;
  Scan(scan[w]).InclusiveSum(x, inclusive);
  Scan(scan[w]).ExclusiveScan(x, exclusive, 0.5f, Largest());
  Scan(scan[w]).ExclusiveSum(x, running);
  int a, b, total;
  Sixteen(sixteen[t / 16]).ExclusiveSum(i[t], a, total);
  Sixteen(sixteen[t / 16]).InclusiveScan(i[t], b, Largest());
  if (t % 32 == 0) f[512 + w] = sum, f[514 + w] = most, f[516 + w] = part;
  if (t % 8 == 0) i[512 + t] = small;
  if (t % 8 == 0 || t % 3 == 0) i[600 + t] = segment;
  f[640 + t] = inclusive, f[704 + t] = exclusive, f[768 + t] = running;
  i[700 + t] = a, i[800 + t] = b, i[900 + t] = total;
}

template <cub::BlockScanAlgorithm algorithm> __device__ void scans(float* f, int* i) {
  using Floats = cub::BlockScan<float, kThreads, algorithm>;
  using Integers = cub::BlockScan<int, kThreads, algorithm>;
  __shared__ typename Floats::TempStorage floats;
  __shared__ typename Integers::TempStorage integers;
  int t = threadIdx.x, a, total;
  float x = f[t] * 1.1f, y, items[3] = {f[t], f[t + 64] * 1.3f, f[t + 128] / 3}, out[3];
  Floats(floats).InclusiveSum(x, y);
  f[512 + t] = y;
  __syncthreads();
  Floats(floats).ExclusiveSum(x, y);
  f[576 + t] = y;
  __syncthreads();
  Floats(floats).ExclusiveScan(x, y, 1.25f, Largest());
  f[640 + t] = y;
  __syncthreads();
  Floats(floats).InclusiveSum(items, out);
  f[704 + t] = out[0] + 2 * out[1], f[768 + t] = out[2];
  __syncthreads();
  Floats(floats).ExclusiveSum(items, out);
  f[832 + t] = out[0], f[896 + t] = out[1], f[960 + t] = out[2];
  __syncthreads();
  Running running{0.75f};
  Floats(floats).ExclusiveSum(x, y, running);
  f[1024 + t] = y;
  __syncthreads();
  Integers(integers).ExclusiveSum(i[t], a, total);
  i[512 + t] = a, i[576 + t] = total;
  __syncthreads();
  Integers(integers).InclusiveScan(i[t], a, Largest());
  i[640 + t] = a;
}
__global__ void raking(float* f, int* i) { scans<cub::BLOCK_SCAN_RAKING>(f, i); }
__global__ void warp_scans(float* f, int* i) { scans<cub::BLOCK_SCAN_WARP_SCANS>(f, i); }

__global__ void movements(const float* from, float* to, float* values) {
  using Load = cub::BlockLoad<float, kThreads, 4, cub::BLOCK_LOAD_TRANSPOSE>;
  using Direct = cub::BlockLoad<float, kThreads, 2>;
  using Store = cub::BlockStore<float, kThreads, 4, cub::BLOCK_STORE_WARP_TRANSPOSE>;
  __shared__ union {
    typename Load::TempStorage load;
    typename Direct::TempStorage direct;
    typename Store::TempStorage store;
  } shared;
  float four[4], two[2];
  Load(shared.load).Load(from, four, 200, -1.0f);
  for (float& x : four) x = x * 2 + threadIdx.x;
  __syncthreads();
  Store(shared.store).Store(to, four, 250);
  __syncthreads();
  Direct(shared.direct).Load(from + 300, two);
  values[2 * threadIdx.x] = two[0], values[2 * threadIdx.x + 1] = two[1];
}

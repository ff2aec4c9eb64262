#pragma once
// The kernels that a prover of attention-shaped code has to manage, for all sizes.
#include <string>

namespace kverify::verifier::test {

inline const std::string kMatmul = R"(
__global__ void matmul(const float* a, const float* b, float* c, int m, int n, int k) {
  __shared__ float as[16][16];
  __shared__ float bs[16][16];
  int row = blockIdx.y * 16 + threadIdx.y, col = blockIdx.x * 16 + threadIdx.x;
  float sum = 0;
  for (int t = 0; t < (k + 15) / 16; ++t) {
    int ak = t * 16 + threadIdx.x, bk = t * 16 + threadIdx.y;
    as[threadIdx.y][threadIdx.x] = row < m && ak < k ? a[row * k + ak] : 0.f;
    bs[threadIdx.y][threadIdx.x] = col < n && bk < k ? b[bk * n + col] : 0.f;
    __syncthreads(); // filled
    for (int i = 0; i < 16; ++i)
      sum += as[threadIdx.y][i] * bs[i][threadIdx.x];
    __syncthreads(); // read
  }
  if (row < m && col < n)
    c[row * n + col] = sum;
})";
inline const std::string kMatmulContract = R"json({ "contract": 1,
  "sizes": { "M": {"range": [1, 4096]}, "N": {"range": [1, 4096]}, "K": {"range": [1, 4096]} },
  "tensors": { "a": {"dtype": "f32", "shape": ["M", "K"], "access": "read"},
               "b": {"dtype": "f32", "shape": ["K", "N"], "access": "read"},
               "c": {"dtype": "f32", "shape": ["M", "N"], "access": "write"} },
  "launches": [ {"kernel": "matmul", "args": ["a", "b", "c", "M", "N", "K"],
                 "grid": ["ceildiv(N, 16)", "ceildiv(M, 16)"], "block": [16, 16]} ] })json";

inline const std::string kSoftmax = R"(
__global__ void softmax(const float* x, float* y, int n) {
  extern __shared__ float s[];
  const float* row = x + (size_t)blockIdx.x * n;
  float top = -1e30f;
  for (int j = threadIdx.x; j < n; j += blockDim.x)
    top = row[j] > top ? row[j] : top;
  s[threadIdx.x] = top;
  __syncthreads(); // all there
  for (int k = blockDim.x / 2; k > 0; k >>= 1) {
    if (threadIdx.x < k)
      s[threadIdx.x] += s[threadIdx.x + k];
    __syncthreads(); // step done
  }
  float all = s[0];
  for (int j = threadIdx.x; j < n; j += blockDim.x)
    y[(size_t)blockIdx.x * n + j] = row[j] / all;
})";
inline const std::string kSoftmaxContract = R"json({ "contract": 1,
  "sizes": { "R": {"range": [1, 65536]}, "N": {"range": [1, 100000]}, "T": {"range": [1, 1024]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["R", "N"], "access": "read"},
               "y": {"dtype": "f32", "shape": ["R", "N"], "access": "write"} },
  "launches": [ {"kernel": "softmax", "args": ["x", "y", "N"], "grid": ["R"], "block": ["T"], "shared": "4*T"} ] })json";

inline const std::string kFlash = R"(
__global__ void flash(const float* q, const float* k, float* o, int n, int d, int tiles, int rows) {
  extern __shared__ float mem[];
  int t = threadIdx.x;
  size_t base = ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * n * d;
  float* kj = mem;
  float* qi = mem + rows * d;
  float* s = qi + rows * d;
  for (int j = 0; j < tiles; ++j) {
    for (int x = 0; x < d; ++x)
      kj[t * d + x] = k[base + (size_t)(rows * d) * j + t * d + x];
    __syncthreads(); // keys loaded
    for (int i = 0; i < tiles; ++i) {
      for (int x = 0; x < d; ++x)
        qi[t * d + x] = q[base + (size_t)(rows * d) * i + t * d + x];
      for (int y = 0; y < rows; ++y) {
        float sum = 0;
        for (int x = 0; x < d; ++x)
          sum += qi[t * d + x] * kj[y * d + x];
        s[rows * t + y] = sum;
      }
      for (int x = 0; x < d; ++x)
        o[base + (size_t)(rows * d) * i + t * d + x] += s[rows * t] + x;
    }
    __syncthreads(); // keys used
  }
})";
inline const std::string kFlashContract = R"json({ "contract": 1,
  "sizes": { "B": {"range": [1, 8]}, "H": {"range": [1, 16]}, "T": {"range": [1, 64]}, "D": {"range": [1, 128]},
             "R": {"equals": "32"}, "N": {"equals": "T*R"} },
  "tensors": { "q": {"dtype": "f32", "shape": ["B", "H", "N", "D"], "access": "read"},
               "k": {"dtype": "f32", "shape": ["B", "H", "N", "D"], "access": "read"},
               "o": {"dtype": "f32", "shape": ["B", "H", "N", "D"], "access": "read_write"} },
  "launches": [ {"kernel": "flash", "args": ["q", "k", "o", "N", "D", "T", "R"], "grid": ["H", "B"], "block": ["R"],
                 "shared": "4*(2*R*D + R*R)"} ] })json";

inline const std::string kAxpy = R"(
__global__ void axpy(const float* x, float* y, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x)
    y[i] += 2 * x[i];
})";
inline const std::string kAxpyContract = R"json({ "contract": 1,
  "sizes": { "N": {"range": [1, 1000000]}, "G": {"range": [1, 1024]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["N"], "access": "read"},
               "y": {"dtype": "f32", "shape": ["N"], "access": "read_write"} },
  "launches": [ {"kernel": "axpy", "args": ["x", "y", "N"], "grid": ["G"], "block": [256]} ] })json";

inline const std::string kDoubleBuffer = R"(
__global__ void pipeline(const float* x, float* y, int tiles) {
  __shared__ float tile[2][8][33];
  int t = threadIdx.x;
  float sum = 0;
  tile[0][t / 32][t % 32] = x[t];
  __syncthreads(); // first tile
  for (int i = 0; i < tiles; ++i) {
    int now = i % 2;
    if (i + 1 < tiles)
      tile[1 - now][t / 32][t % 32] = x[(i + 1) * 256 + t];
    for (int r = 0; r < 8; ++r)
      sum += tile[now][r][t % 32];
    __syncthreads(); // next tile
  }
  y[t] = sum;
})";
inline const std::string kDoubleBufferContract = R"json({ "contract": 1,
  "sizes": { "T": {"range": [1, 4096]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["T", 256], "access": "read"},
               "y": {"dtype": "f32", "shape": [256], "access": "write"} },
  "launches": [ {"kernel": "pipeline", "args": ["x", "y", "T"], "grid": [1], "block": [256]} ] })json";

} // namespace kverify::verifier::test

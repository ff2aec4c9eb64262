// The obligations beside races, flat bounds and overflow: each with a kernel that keeps it, for all sizes, and a twin
// that breaks it and must not be proved.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Twin {
  const char* name;
  const char* check;
  const char* source;
  const char* contract;
  const char *from, *to; ///< the change that breaks it, in the source or in the contract
};

const Twin kTwins[] = {
    {"RowPastItsEnd", "bounds.logical-read", R"(
__global__ void sum(const float* x, float* y, int h, int n, int d) {
  int i = threadIdx.x, b = blockIdx.y, head = blockIdx.x;
  float s = 0;
  for (int j = 0; j < n; ++j)
    if (((b * h + head) * n + j) * d + i < gridDim.y * h * n * d && i < d)
      s += x[((b * h + head) * n + j) * d + i];
  if (i < d)
    y[(b * h + head) * d + i] = s;
})",
     R"json({ "contract": 1,
  "sizes": { "B": {"range": [1, 8]}, "H": {"range": [1, 8]}, "N": {"range": [1, 64]}, "D": {"range": [1, 64]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["B", "H", "N", "D"], "access": "read"},
               "y": {"dtype": "f32", "shape": ["B", "H", "D"], "access": "write"} },
  "launches": [ {"kernel": "sum", "args": ["x", "y", "H", "N", "D"], "grid": ["H", "B"], "block": [64]} ] })json",
     "j < n", "j <= n"},
    {"ColumnPastItsEnd", "bounds.logical-write", R"(
__global__ void fill(float* y, int rows, int n) {
  int row = blockIdx.x;
  for (int j = threadIdx.x; j < n; j += blockDim.x)
    if (row * n + j < rows * n)
      y[row * n + j] = 1;
})",
     R"json({ "contract": 1, "sizes": { "R": {"range": [1, 512]}, "N": {"range": [1, 512]} },
  "tensors": { "y": {"dtype": "f32", "shape": ["R", "N"], "access": "write"} },
  "launches": [ {"kernel": "fill", "args": ["y", "R", "N"], "grid": ["R"], "block": [64]} ] })json",
     "j < n", "j <= n"},
    {"RemainderOfAnIndex", "bounds.logical-write", R"(
__global__ void fill(float* y, int n) {
  int i = blockIdx.x * 256 + threadIdx.x;
  y[(i / 64) * n + i % 64] = 1;
})",
     R"json({ "contract": 1, "sizes": { "R": {"range": [1, 512]}, "N": {"range": [64, 64]} },
  "tensors": { "y": {"dtype": "f32", "shape": ["4*R", "N"], "access": "write"} },
  "launches": [ {"kernel": "fill", "args": ["y", "N"], "grid": ["R"], "block": [256]} ] })json",
     "i % 64", "i % 64 + (i / 64 < 2 ? 1 : 0)"},
    {"InnerDimensionOfATile", "bounds.logical-read", R"(
__global__ void turn(float* y) {
  __shared__ float tile[8][32];
  tile[threadIdx.x / 32][threadIdx.x % 32] = threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x % 7][threadIdx.x / 8];
})",
     R"json({ "contract": 1, "sizes": {},
  "tensors": { "y": {"dtype": "f32", "shape": [256], "access": "write"} },
  "launches": [ {"kernel": "turn", "args": ["y"], "grid": [1], "block": [256]} ] })json",
     "threadIdx.x / 8]", "threadIdx.x / 7]"},
    {"PaddedRows", "bounds.logical-write", R"(
__global__ void fill(float* y, int n, int ld) {
  for (int j = threadIdx.x; j < n; j += blockDim.x)
    y[blockIdx.x * ld + j] = 1;
})",
     R"json({ "contract": 1,
  "sizes": { "R": {"range": [1, 512]}, "N": {"range": [1, 500]}, "L": {"range": [1, 512]} },
  "tensors": { "y": {"dtype": "f32", "shape": ["R", "N"], "strides": ["L", 1], "access": "write"} },
  "requires": ["L >= N"],
  "launches": [ {"kernel": "fill", "args": ["y", "N", "L"], "grid": ["R"], "block": [64]} ] })json",
     "j < n", "j < ld"},
    {"PaddedRowsStayInTheAllocation", "bounds.global-write", R"(
__global__ void fill(float* y, int n, int ld) {
  for (int j = threadIdx.x; j < n; j += blockDim.x)
    y[blockIdx.x * ld + j] = 1;
})",
     R"json({ "contract": 1,
  "sizes": { "R": {"range": [1, 512]}, "N": {"range": [1, 500]}, "L": {"range": [1, 512]} },
  "tensors": { "y": {"dtype": "f32", "shape": ["R", "N"], "strides": ["L", 1], "access": "write"} },
  "requires": ["L >= N"],
  "launches": [ {"kernel": "fill", "args": ["y", "N", "L"], "grid": ["R"], "block": [64]} ] })json",
     "j < n", "j < ld"},
    {"OffsetOfATensor", "bounds.global-read", R"(
__global__ void copy(const float* x, float* y, int n) {
  if (threadIdx.x < n)
    y[threadIdx.x] = x[threadIdx.x];
})",
     R"json({ "contract": 1, "sizes": { "N": {"range": [1, 64]} },
  "tensors": { "x": {"dtype": "f32", "shape": [3, "N"], "access": "read"},
               "y": {"dtype": "f32", "shape": ["N"], "access": "write"} },
  "launches": [ {"kernel": "copy", "args": [{"tensor": "x", "offset": "2*N"}, "y", "N"], "grid": [1],
                 "block": [64]} ] })json",
     "\"2*N\"", "\"2*N+1\""},
    {"VectorsOfRows", "align.access", R"(
__global__ void scale(float* x, int n) {
  float4* row = reinterpret_cast<float4*>(x + blockIdx.x * n);
  for (int j = threadIdx.x; j < n / 4; j += blockDim.x)
    row[j].x *= 2;
  if (threadIdx.x < n / 4) {
    float4 v = row[threadIdx.x];
    row[threadIdx.x] = make_float4(v.y, v.x, v.w, v.z);
  }
})",
     R"json({ "contract": 1, "sizes": { "R": {"range": [1, 512]}, "N": {"range": [4, 4096]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["R", "N"], "access": "read_write"} },
  "requires": ["N % 4 == 0"],
  "launches": [ {"kernel": "scale", "args": ["x", "N"], "grid": ["R"], "block": [64]} ] })json",
     "N % 4 == 0", "N % 2 == 0"},
    {"VectorsAtAnOffset", "align.access", R"(
__global__ void copy(const float4* x, float4* y) { y[threadIdx.x] = x[threadIdx.x]; })",
     R"json({ "contract": 1, "sizes": { "O": {"range": [0, 9]} },
  "tensors": { "x": {"dtype": "f32", "shape": [512], "access": "read"},
               "y": {"dtype": "f32", "shape": [256], "access": "write"} },
  "launches": [ {"kernel": "copy", "args": [{"tensor": "x", "offset": "4*O"}, "y"], "grid": [1],
                 "block": [64]} ] })json",
     "4*O", "2*O"},
    {"ShuffleOfAWarpByRows", "warp.divergent", R"(
__global__ void sums(const float* x, float* y, int rows) {
  int row = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows)
    return;
  float s = x[row * 32 + lane];
  for (int d = 16; d > 0; d /= 2)
    s += __shfl_xor_sync(0xffffffffu, s, d);
  if (lane == 0)
    y[row] = s;
})",
     R"json({ "contract": 1, "sizes": { "R": {"range": [1, 512]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["R", 32], "access": "read"},
               "y": {"dtype": "f32", "shape": ["R"], "access": "write"} },
  "launches": [ {"kernel": "sums", "args": ["x", "y", "R"], "grid": ["ceildiv(R, 4)"], "block": [128]} ] })json",
     "threadIdx.x / 32, lane", "threadIdx.x / 16, lane"},
    {"ShuffleInALoopOfTheWarp", "warp.divergent", R"(
__global__ void sums(const float* x, float* y, int n) {
  float s = 0;
  for (int i = threadIdx.x / 32; i < n; i += 4) {
    float v = x[i];
    v += __shfl_down_sync(0xffffffffu, v, 1);
    s += v;
  }
  y[threadIdx.x] = s;
})",
     R"json({ "contract": 1, "sizes": { "N": {"range": [1, 512]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["N"], "access": "read"},
               "y": {"dtype": "f32", "shape": [128], "access": "write"} },
  "launches": [ {"kernel": "sums", "args": ["x", "y", "N"], "grid": [1], "block": [128]} ] })json",
     "int i = threadIdx.x / 32", "int i = threadIdx.x / 31"},
    {"CallerInItsMask", "warp.divergent", R"(
__global__ void votes(int* y) {
  if (threadIdx.x % 32 < 16)
    y[threadIdx.x] = __ballot_sync(0xffffu, threadIdx.x > 3);
})",
     R"json({ "contract": 1, "sizes": {}, "tensors": { "y": {"dtype": "i32", "shape": [64], "access": "read_write"} },
  "launches": [ {"kernel": "votes", "args": ["y"], "grid": [1], "block": [64]} ] })json",
     "< 16", "< 17"},
    {"ShuffleOfWholeWarps", "warp.divergent", R"(
__global__ void first(const float* x, float* y) { y[threadIdx.x] = __shfl_sync(0xffffffffu, x[threadIdx.x], 0); })",
     R"json({ "contract": 1, "sizes": { "W": {"range": [1, 32]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["32*W"], "access": "read"},
               "y": {"dtype": "f32", "shape": ["32*W"], "access": "write"} },
  "launches": [ {"kernel": "first", "args": ["x", "y"], "grid": [1], "block": ["32*W"]} ] })json",
     R"("block": ["32*W"])", R"("block": ["32*W - 1"])"},
    {"ShiftByASize", "index.shift", R"(
__global__ void mask(int* y, int n) { y[threadIdx.x] = 1 << n; })",
     R"json({ "contract": 1, "sizes": { "N": {"range": [0, 31]} },
  "tensors": { "y": {"dtype": "i32", "shape": [64], "access": "write"} },
  "launches": [ {"kernel": "mask", "args": ["y", "N"], "grid": [1], "block": [64]} ] })json",
     "[0, 31]", "[0, 32]"},
    {"DivisionByASize", "arith.divide-by-zero", R"(
__global__ void group(int* y, int h, int hk) { y[threadIdx.x] = threadIdx.x / (h / hk); })",
     R"json({ "contract": 1, "sizes": { "H": {"range": [1, 32]}, "K": {"range": [1, 32]} },
  "tensors": { "y": {"dtype": "i32", "shape": [64], "access": "write"} },
  "requires": ["H >= K"],
  "launches": [ {"kernel": "group", "args": ["y", "H", "K"], "grid": [1], "block": [64]} ] })json",
     "H >= K", "H >= 1"},
    {"ThreadsOfABlock", "limits.launch", R"(
__global__ void fill(int* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 1; })",
     R"json({ "contract": 1, "sizes": { "T": {"range": [1, 1024]}, "G": {"range": [1, 100000]} },
  "tensors": { "y": {"dtype": "i32", "shape": ["T*G"], "access": "write"} },
  "launches": [ {"kernel": "fill", "args": ["y"], "grid": ["G"], "block": ["T"]} ] })json",
     "[1, 1024]", "[1, 1025]"},
    {"BlocksInY", "limits.launch", R"(
__global__ void fill(int* y) { y[blockIdx.y * blockDim.x + threadIdx.x] = 1; })",
     R"json({ "contract": 1, "sizes": { "T": {"range": [1, 32]}, "G": {"range": [1, 65535]} },
  "tensors": { "y": {"dtype": "i32", "shape": ["T*G"], "access": "write"} },
  "launches": [ {"kernel": "fill", "args": ["y"], "grid": [1, "G"], "block": ["T"]} ] })json",
     "65535", "65536"},
    {"SharedMemoryOfABlock", "limits.launch", R"(
__global__ void fill(int* y) {
  extern __shared__ int s[];
  s[threadIdx.x] = 1;
  y[threadIdx.x] = s[threadIdx.x]; })",
     R"json({ "contract": 1, "sizes": { "D": {"range": [32, 640]} },
  "tensors": { "y": {"dtype": "i32", "shape": [32], "access": "write"} },
  "launches": [ {"kernel": "fill", "args": ["y"], "grid": [1], "block": [32], "shared": "4*64*D"} ] })json",
     "640", "660"},
    {"PagesOfATable", "bounds.global-read", R"(
__global__ void gather(const int* table, const float* pages, float* y, int d) {
  int page = table[blockIdx.x];
  if (threadIdx.x < d)
    y[blockIdx.x * d + threadIdx.x] = pages[page * d + threadIdx.x];
})",
     R"json({ "contract": 1, "sizes": { "S": {"range": [1, 64]}, "P": {"range": [1, 64]}, "D": {"range": [1, 64]} },
  "tensors": { "table": {"dtype": "i32", "shape": ["S"], "access": "read", "holds": {"range": ["0", "P-1"]}},
               "pages": {"dtype": "f32", "shape": ["P", "D"], "access": "read"},
               "y": {"dtype": "f32", "shape": ["S", "D"], "access": "write"} },
  "launches": [ {"kernel": "gather", "args": ["table", "pages", "y", "D"], "grid": ["S"], "block": [64]} ] })json",
     "P-1", "P"},
    {"SequencesOneAfterAnother", "bounds.global-write", R"(
__global__ void clear(const int* starts, int* y) {
  int begin = starts[blockIdx.x], end = starts[blockIdx.x + 1];
  for (int i = begin + threadIdx.x; i < end; i += blockDim.x)
    y[i - begin + starts[blockIdx.x]] = end - begin;
})",
     R"json({ "contract": 1, "sizes": { "S": {"range": [1, 64]}, "T": {"range": [1, 4096]} },
  "tensors": { "starts": {"dtype": "i32", "shape": ["S+1"], "access": "read",
                          "holds": {"range": ["0", "T"], "order": "nondecreasing", "first": "0", "last": "T"}},
               "y": {"dtype": "i32", "shape": ["T"], "access": "write"} },
  "launches": [ {"kernel": "clear", "args": ["starts", "y"], "grid": ["S"], "block": [64]} ] })json",
     "i < end", "i <= end"},
    {"InputsAreLeftAlone", "access.readonly-write", R"(
__global__ void copy(int* x, int* y, int n) {
  if (n < 0)
    x[threadIdx.x] = 1;
  y[threadIdx.x] = x[threadIdx.x]; })",
     R"json({ "contract": 1, "sizes": { "N": {"range": [0, 31]} },
  "tensors": { "x": {"dtype": "i32", "shape": [64], "access": "read"},
               "y": {"dtype": "i32", "shape": [64], "access": "write"} },
  "launches": [ {"kernel": "copy", "args": ["x", "y", "N"], "grid": [1], "block": [64]} ] })json",
     "n < 0", "n < 1"},
};

class Obligations : public testing::TestWithParam<Twin> {};

TEST_P(Obligations, AreProvedWhereTheyAreKept) {
  const Twin& twin = GetParam();
  Results results = prove(twin.source, twin.contract);
  EXPECT_EQ(results[twin.check], "proved") << testing::PrintToString(openOnes(results));
}

TEST_P(Obligations, StayOpenWhereTheyAreBroken) {
  const Twin& twin = GetParam();
  std::string source = twin.source, contract = twin.contract;
  std::string& changed = source.find(twin.from) == std::string::npos ? contract : source;
  changed = mutate(changed, twin.from, twin.to);
  EXPECT_THAT(prove(source, contract)[twin.check], StartsWith("unknown")) << "broken, and proved: unsound";
}

INSTANTIATE_TEST_SUITE_P(All, Obligations, testing::ValuesIn(kTwins),
                         [](const testing::TestParamInfo<Twin>& one) { return std::string(one.param.name); });

} // namespace
} // namespace kverify::verifier::test

// The launches that random kernels are proved for, small enough to run every one of them.
#include "tests/soundness/kernel.h"

namespace kverify::soundness {

namespace {

// All extern shared memory is one array, cut in two: d and e.
const char* const kArrays = R"(
  __shared__ int s[@];
  __shared__ int q[2][8];
  __shared__ __align__(16) unsigned char y[16];
  extern __shared__ int d[];
  int* e = d + T;
  int k[4] = {0, 1, 2, 3};
  int v = t + b, x = 0;
  unsigned w = t;
  signed char c = t;
  int* p = s;
)";

std::string prologue(const std::string& indices, int elements) {
  std::string arrays = kArrays;
  arrays.replace(arrays.find('@'), 1, std::to_string(elements));
  return indices + arrays;
}

const char* const kTensors = R"(
  "tensors": { "g": {"dtype": "i32", "shape": [16], "access": "read_write"},
               "h": {"dtype": "i32", "shape": [8], "access": "read"} },)";
const char* const kArguments = R"("args": ["g", "h", "N", "N + 1", { "value": "N * 3", "type": "i64" }],)";

Profile line() {
  Profile one;
  one.name = "line";
  one.contract = std::string(R"({ "contract": 1,
  "sizes": { "T": {"range": [1, 4]}, "G": {"range": [1, 2]}, "N": {"range": [1, 3]} },)") +
                 kTensors + R"(
  "launches": [ {"kernel": "random", )" +
                 kArguments + R"( "grid": ["G"], "block": ["T"], "shared": "8*T + 16"} ] })";
  one.prologue = prologue("  int t = threadIdx.x, b = blockIdx.x, T = blockDim.x, G = gridDim.x;", 16);
  for (std::int64_t threads = 1; threads <= 4; ++threads)
    for (std::int64_t blocks = 1; blocks <= 2; ++blocks)
      for (std::int64_t n = 1; n <= 3; ++n)
        one.boxes.push_back({{"T", threads}, {"G", blocks}, {"N", n}});
  return one;
}

Profile plane() {
  Profile one;
  one.name = "plane";
  one.contract = std::string(R"({ "contract": 1,
  "sizes": { "X": {"range": [1, 3]}, "Y": {"range": [1, 2]}, "GX": {"range": [1, 2]}, "GY": {"range": [1, 2]},
             "N": {"range": [1, 2]} },)") +
                 kTensors + R"(
  "launches": [ {"kernel": "random", )" +
                 kArguments + R"( "grid": ["GX", "GY"], "block": ["X", "Y"], "shared": "8*X*Y + 16"} ] })";
  one.prologue = prologue("  int t = threadIdx.y * blockDim.x + threadIdx.x, b = blockIdx.y * gridDim.x + blockIdx.x,\n"
                          "      T = blockDim.x * blockDim.y, G = gridDim.x * gridDim.y;",
                          16);
  for (std::int64_t x = 1; x <= 3; ++x)
    for (std::int64_t y = 1; y <= 2; ++y)
      for (std::int64_t blocks = 0; blocks < 3; ++blocks)
        for (std::int64_t n = 1; n <= 2; ++n)
          one.boxes.push_back({{"X", x}, {"Y", y}, {"GX", 1 + (blocks == 1)}, {"GY", 1 + (blocks == 2)}, {"N", n}});
  return one;
}

Profile warps() {
  Profile one;
  one.name = "warps";
  one.contract = std::string(R"({ "contract": 1,
  "sizes": { "T": {"list": [32, 64]}, "G": {"range": [1, 2]}, "N": {"range": [1, 2]} },
  "tensors": { "g": {"dtype": "i32", "shape": [128], "access": "read_write"},
               "h": {"dtype": "i32", "shape": [8], "access": "read"} },)") +
                 R"(
  "launches": [ {"kernel": "random", )" +
                 kArguments + R"( "grid": ["G"], "block": ["T"], "shared": "8*T + 16"} ] })";
  one.prologue = prologue("  int t = threadIdx.x, b = blockIdx.x, T = blockDim.x, G = gridDim.x;", 128);
  one.elements = 128;
  one.whole_warps = true;
  for (std::int64_t threads : {32, 64})
    for (std::int64_t blocks = 1; blocks <= 2; ++blocks)
      for (std::int64_t n = 1; n <= 2; ++n)
        one.boxes.push_back({{"T", threads}, {"G", blocks}, {"N", n}});
  return one;
}

/// An output of R rows of N, and a grid that just covers it (flat), or a block for each row.
Profile output(bool rows) {
  Profile one;
  one.name = rows ? "rows" : "cover";
  std::string grid = rows ? "R" : "ceildiv(R*N, T)";
  one.contract = R"({ "contract": 1,
  "sizes": { "T": {"range": [1, 4]}, "R": {"range": [1, 3]}, "N": {"range": [1, 5]} },
  "tensors": { "g": {"dtype": "i32", "shape": [64], "access": "read_write"},
               "h": {"dtype": "i32", "shape": [8], "access": "read"},
               "o": {"dtype": "i32", "shape": ["R", "N"], "access": "write"} },
  "launches": [ {"kernel": "random",
    "args": ["g", "h", "N", "N + 1", { "value": "N * 3", "type": "i64" }, "o", "R", "R*N"],
    "grid": [")" +
                 grid + R"("], "block": ["T"], "shared": "8*T + 16"} ] })";
  one.prologue = prologue("  int t = threadIdx.x, b = blockIdx.x, T = blockDim.x, G = gridDim.x;", 16);
  one.parameters += ", int* o, int r, int l";
  one.has_output = true;
  for (std::int64_t threads = 1; threads <= 4; ++threads)
    for (std::int64_t height = 1; height <= 3; ++height)
      for (std::int64_t n = 1; n <= 5; ++n)
        one.boxes.push_back({{"T", threads}, {"R", height}, {"N", n}});
  return one;
}

/// An output in packed parts, a row of blocks for each.
Profile packed() {
  Profile one;
  one.name = "packed";
  one.contract = R"json({ "contract": 1,
  "sizes": { "T": {"range": [1, 3]}, "S": {"range": [1, 3]}, "N": {"range": [1, 4]} },
  "tensors": { "g": {"dtype": "i32", "shape": [64], "access": "read_write"},
               "h": {"dtype": "i32", "shape": [8], "access": "read"},
               "o": {"dtype": "i32", "shape": ["N"], "access": "write"},
               "z": {"dtype": "i32", "shape": ["S+1"], "access": "read",
                     "holds": {"range": [0, "N"], "order": "nondecreasing", "first": 0, "last": "N"}} },
  "launches": [ {"kernel": "random",
    "args": ["g", "h", "N", "N + 1", { "value": "N * 3", "type": "i64" }, "o", "S", "N", "z"],
    "grid": ["S", "ceildiv(N, T)"], "block": ["T"], "shared": "8*T + 16"} ] })json";
  one.prologue = prologue("  int t = threadIdx.x, b = blockIdx.x, T = blockDim.x, G = gridDim.x;", 16);
  one.parameters += ", int* o, int r, int l, const int* z";
  one.has_output = one.packed = true;
  for (std::int64_t threads = 1; threads <= 3; ++threads)
    for (std::int64_t parts = 1; parts <= 3; ++parts)
      for (std::int64_t n = 1; n <= 4; ++n)
        one.boxes.push_back({{"T", threads}, {"S", parts}, {"N", n}});
  return one;
}

} // namespace

const std::vector<Profile>& profiles() {
  static const std::vector<Profile> all = {line(), plane(), warps(), output(false), output(true), packed()};
  return all;
}

namespace {

void write(const Node& node, std::string indent, std::string& out) {
  out += indent + node.head + "\n";
  for (const Node& child : node.children)
    write(child, indent + "  ", out);
  if (!node.tail.empty())
    out += indent + node.tail + "\n";
}

} // namespace

std::string RandomKernel::source() const {
  std::string out = "__global__ void random(" + profile->parameters + ") {\n" + profile->prologue;
  for (const Node& node : body)
    write(node, "  ", out);
  return out + "}\n";
}

} // namespace kverify::soundness

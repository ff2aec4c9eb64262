// Warp operations against an H200's results (as hashes over many warps), and the fast path against the reference.
#include "simt/warp_ops/warp_ops.h"

#include <array>

#include <gtest/gtest.h>

#include "mma_operands.h"
#include "simt/warp_ops/tensor_core.h"
#include "simt/warp_ops/wmma.h"

namespace kverify::simt::warp_ops {
namespace {

using Lanes = std::array<std::array<std::uint32_t, 32>, 32>; // lane, word

void runOp(std::string_view name, const Lanes& in, Lanes& out) {
  const auto op = find(name);
  ASSERT_TRUE(op) << name;
  const void* from[32];
  void* to[32];
  for (std::size_t l = 0; l < 32; ++l) {
    from[l] = in[l].data();
    to[l] = out[l].data();
  }
  table()[*op].run(from, to, ~0u);
}

struct Recorded {
  testing::MmaKind kind;
  const char* name;
  int a, b, c; ///< words a lane
  std::array<std::uint64_t, 8> hashes;
};

const Recorded kRecorded[] = {
    {testing::kF16K16,
     "mma.m16n8k16.row.col.f32.f16.f16.f32",
     4,
     2,
     4,
     {0x92bf6eb4d522c445ull, 0x0c5f828e85335086ull, 0x30cafa7774f40606ull, 0x29da0d18f36221fbull, 0xbe5268141f0364deull,
      0xbf3a427f46ff49c7ull, 0x6b06206af7e103fbull, 0xc97a9734f9178fc8ull}},
    {testing::kBf16K16,
     "mma.m16n8k16.row.col.f32.bf16.bf16.f32",
     4,
     2,
     4,
     {0x44ad62d8b202dc1eull, 0xabf7778e400741b8ull, 0x681f5da892195bcdull, 0x47bb1c426395e1a0ull, 0x642e060274514c6full,
      0xc6316d1f5a59b322ull, 0xc0d136dd4f4f4fa7ull, 0x724209578fc203e7ull}},
    {testing::kTf32K8,
     "mma.m16n8k8.row.col.f32.tf32.tf32.f32",
     4,
     2,
     4,
     {0x10d39735c8695eecull, 0xfbc56a5ffe0aa4b3ull, 0xb7c535e81f6171ddull, 0x38e4e44a5af19ae8ull, 0x90fafdcef4cde39cull,
      0x6d7251a3c7551ea8ull, 0x37ce733d636c11b6ull, 0x8d3840227833961aull}},
    {testing::kF16K8,
     "mma.m16n8k8.row.col.f32.f16.f16.f32",
     2,
     1,
     4,
     {0xb9e49782b838d0ceull, 0x229f4739249405a6ull, 0x01387edb6d73d675ull, 0x86d979a9d2f57fd6ull, 0xed17eb7462672d81ull,
      0x9da32ac5d751ad56ull, 0x212d4131c5b6c74full, 0x5f350a13a02f774aull}},
    {testing::kBf16K8,
     "mma.m16n8k8.row.col.f32.bf16.bf16.f32",
     2,
     1,
     4,
     {0x05b68f6d1b394901ull, 0xd1cfe5d78ea9b690ull, 0x327e7d7cc1ff4b96ull, 0x7c4b4ca22d6fc927ull, 0x48bc76750f5e9d97ull,
      0x29e02e9f160d088aull, 0x47409b1c15ef299eull, 0x61e1e5c3b7894257ull}},
    {testing::kTf32K4,
     "mma.m16n8k4.row.col.f32.tf32.tf32.f32",
     2,
     1,
     4,
     {0x60b1a33ba8ebcc58ull, 0x357aa4bf3cda4b57ull, 0x86b4319f1003e781ull, 0x3440bd393fde323aull, 0x12bcd4dbaec0ee78ull,
      0x24943c4c6d78087bull, 0xa924930c93f3f76full, 0xe322cb342881480aull}},
    {testing::kF16K16Half,
     "mma.m16n8k16.row.col.f16.f16.f16.f16",
     4,
     2,
     2,
     {0x6468475c08cf3e1eull, 0xed548aa1cb152b1bull, 0xcf552617e5b0d752ull, 0xfbde1d3747afa68dull, 0xc19d14fc2b03b46cull,
      0x18b5c06a6ec2f436ull, 0x1e1f0d9a8308f97full, 0x372e8f5557699bf6ull}},
    {testing::kF16K8Half,
     "mma.m16n8k8.row.col.f16.f16.f16.f16",
     2,
     1,
     2,
     {0xef9496a5cb660c6dull, 0x950f8189aae74e45ull, 0x687b7d9e5cfc527cull, 0xcc0e875902c806afull, 0x156997f6dea970a9ull,
      0xe21688b2068d5bc1ull, 0x0bbcac23d81a7ce0ull, 0x7893f9a38321a24eull}},
};

class TensorCore : public ::testing::TestWithParam<int> {};

TEST_P(TensorCore, GivesTheGpusBits) {
  const Recorded& r = kRecorded[GetParam()];
  const auto words = testing::MmaOperands(r.kind).all();
  std::array<std::uint64_t, 8> hashes;
  hashes.fill(testing::kFnvStart);
  for (int warp = 0; warp < testing::kMmaWarps; ++warp) {
    Lanes in{}, out{};
    for (std::size_t lane = 0; lane < 32; ++lane) {
      const std::uint32_t* from = &words[(static_cast<std::size_t>(warp) * 32 + lane) * testing::kMmaWords];
      std::uint32_t* to = in[lane].data();
      for (int i = 0; i < r.a; ++i)
        *to++ = from[i];
      for (int i = 0; i < r.b; ++i)
        *to++ = from[4 + i];
      for (int i = 0; i < r.c; ++i)
        *to++ = from[6 + i];
    }
    runOp(r.name, in, out);
    std::uint64_t& hash = hashes[static_cast<std::size_t>(warp % 8)];
    for (std::size_t lane = 0; lane < 32; ++lane) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(r.c); ++i)
        hash = testing::fnv(hash, out[lane][i]);
    }
  }
  for (std::size_t regime = 0; regime < 8; ++regime) {
    EXPECT_EQ(hashes[regime], r.hashes[regime])
        << r.name << ": regime " << regime << " of mma_operands.h differs from the GPU";
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TensorCore, ::testing::Range(0, 8));

TEST(TensorCoreModel, FastPathAndReferenceAgree) {
  testing::SplitMix random{3};
  for (int round = 0; round < 200; ++round) {
    Product<16> p;
    const double spread = round % 20;
    const auto draw = [&] {
      return widen<InputKind::Brain>(std::bit_cast<std::uint32_t>(static_cast<float>(
                                         std::ldexp(random.normal(), static_cast<int>(spread * random.normal())))) >>
                                     16);
    };
    for (auto& row : p.a)
      for (float& x : row)
        x = random.next() % 10 ? draw() : 0.0f;
    for (auto& row : p.b)
      for (float& x : row)
        x = draw();
    for (auto& row : p.c)
      for (float& x : row)
        x = random.next() % 10 ? static_cast<float>(random.normal()) : 0.0f;
    const Product<16> before = p;
    run(p, {});
    for (int m = 0; m < 16; ++m) {
      for (int n = 0; n < 8; ++n) {
        const float expected = referenceSum(before.a[m], &before.b[0][n], 8, 16, before.c[m][n], {});
        ASSERT_EQ(std::bit_cast<std::uint32_t>(p.c[m][n]), std::bit_cast<std::uint32_t>(expected))
            << "round " << round << " at " << m << "," << n;
      }
    }
  }
}

TEST(TensorCoreModel, MultipliesMatricesOfSmallIntegersExactly) {
  // A[i][k] = i + k, B[k][j] = k - j: placed by the layouts' definition, checked by a plain product.
  Lanes in{}, out{};
  const auto half = [](int x) -> std::uint32_t { return x == 0 ? 0 : narrowToHalf(static_cast<float>(x)); };
  for (int lane = 0; lane < 32; ++lane) {
    const int g = lane / 4, t = lane % 4;
    auto& w = in[static_cast<std::size_t>(lane)];
    for (int r = 0; r < 4; ++r) {
      const int row = g + 8 * (r % 2), k = 2 * t + 8 * (r / 2);
      w[static_cast<std::size_t>(r)] = half(row + k) | half(row + k + 1) << 16;
    }
    for (int r = 0; r < 2; ++r)
      w[static_cast<std::size_t>(4 + r)] = half(2 * t + 8 * r - g) | half(2 * t + 8 * r + 1 - g) << 16;
  }
  runOp("mma.m16n8k16.row.col.f32.f16.f16.f32", in, out);
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      const int row = lane / 4 + 8 * (i / 2), column = 2 * (lane % 4) + i % 2;
      int expected = 0;
      for (int k = 0; k < 16; ++k)
        expected += (row + k) * (k - column);
      EXPECT_EQ(std::bit_cast<float>(out[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)]),
                static_cast<float>(expected));
    }
  }
}

std::uint64_t hashWord(const Lanes& lanes, std::size_t word) {
  std::uint64_t hash = testing::kFnvStart;
  for (const auto& lane : lanes)
    hash = testing::fnv(hash, lane[word]);
  return hash;
}

TEST(WarpExchange, MatrixLoadsAndStoresMoveAsOnTheGpu) {
  Lanes rows{}, plain{}, transposed{}, moved{}, stored{};
  for (std::uint32_t l = 0; l < 32; ++l) {
    for (std::uint32_t i = 0; i < 4; ++i)
      rows[l][i] = (8 * l + 2 * i) | (8 * l + 2 * i + 1) << 16;
  }
  runOp("ldmatrix.x4", rows, plain);
  runOp("ldmatrix.x4.trans", rows, transposed);
  runOp("movmatrix.trans", plain, moved);
  runOp("stmatrix.x4.trans", plain, stored);
  const std::uint64_t expected[13] = {
      0xa4c6576c2ccdf665ull, 0xff49a371c26b9065ull, 0xabc3d72f12680e65ull, 0x4809667c5a249465ull, 0x0bcff8ed35a9cfc5ull,
      0x5af26e49e2e4bf45ull, 0x53feb0a318945ec5ull, 0xe5cf8840e773d945ull, 0x0bcff8ed35a9cfc5ull, 0xf88f53764e14a485ull,
      0xd774165aaa75a605ull, 0xf35acef8923e6705ull, 0xf661f2c9857dce05ull};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(hashWord(plain, i), expected[i]) << "ldmatrix.x4, matrix " << i;
    EXPECT_EQ(hashWord(transposed, i), expected[4 + i]) << "ldmatrix.x4.trans, matrix " << i;
    EXPECT_EQ(hashWord(stored, i), expected[9 + i]) << "stmatrix.x4.trans, word " << i << " of a row";
  }
  EXPECT_EQ(hashWord(moved, 0), expected[8]) << "movmatrix";
}

TEST(WarpExchange, ALaneMissingWritesNothing) {
  std::uint32_t words[32][4] = {}, results[32][4] = {};
  const void* in[32];
  void* out[32];
  for (int l = 0; l < 32; ++l) {
    in[l] = words[l];
    out[l] = results[l];
    words[l][0] = 7;
  }
  for (const Entry& entry : table()) {
    if (entry.in_bytes <= 16 && entry.out_bytes <= 16)
      entry.run(in, out, 0x7fffffff);
  }
  for (const auto& lane : results)
    EXPECT_EQ(lane[0], 0u);
}

TEST(IntegerProducts, SumWideAndWrapOrClamp) {
  Lanes in{}, out{};
  for (auto& lane : in) {
    for (std::size_t i = 0; i < 6; ++i)
      lane[i] = 0x7f7f7f7f;
    for (std::size_t i = 6; i < 10; ++i)
      lane[i] = 0x7fffffff;
  }
  runOp("mma.m16n8k32.row.col.s32.s8.s8.s32", in, out);
  EXPECT_EQ(out[5][2], 0x7fffffffu + 32 * 127 * 127);
  runOp("mma.m16n8k32.row.col.satfinite.s32.s8.s8.s32", in, out);
  EXPECT_EQ(out[5][2], 0x7fffffffu);
}

// Each wmma shape against a plain product in double, elements placed by placeOf.
TEST(Wmma, MultipliesInEveryShape) {
  const std::pair<const char*, Shape> shapes[] = {{"wmma.m16n16k16.bf16", Shape::M16N16},
                                                  {"wmma.m32n8k16.bf16", Shape::M32N8},
                                                  {"wmma.m8n32k16.bf16", Shape::M8N32}};
  for (const auto& [name, shape] : shapes) {
    Lanes in{}, out{};
    const auto value = [](Part part, Place p) {
      return static_cast<float>(part == Part::A ? p.row - 2 * p.column : p.row + 3 * p.column);
    };
    const int a_slots = distinctSlots(false, shape, Part::A), b_slots = distinctSlots(false, shape, Part::B);
    for (int lane = 0; lane < 32; ++lane) {
      std::uint32_t* word = in[static_cast<std::size_t>(lane)].data();
      for (const Part part : {Part::A, Part::B}) {
        const int slots = part == Part::A ? a_slots : b_slots;
        for (int i = 0; i < slots; i += 2) {
          const auto bits = [&](int s) {
            return std::bit_cast<std::uint32_t>(value(part, placeOf(false, shape, part, lane, s)));
          };
          *word++ = bits(i) >> 16 | (bits(i + 1) & 0xffff0000u);
        }
      }
    }
    runOp(name, in, out);
    for (int lane = 0; lane < 32; ++lane) {
      for (int i = 0; i < 8; ++i) {
        const Place p = placeOf(false, shape, Part::C, lane, i);
        float expected = 0;
        for (int k = 0; k < 16; ++k)
          expected += value(Part::A, {p.row, k}) * value(Part::B, {k, p.column});
        ASSERT_EQ(std::bit_cast<float>(out[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)]), expected)
            << name << " lane " << lane << " slot " << i;
      }
    }
  }
}

} // namespace
} // namespace kverify::simt::warp_ops

// What inline asm turns into: memory, control flow, calls of the executor.
#include <array>
#include <bit>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ptx_jit.h"

namespace kverify::simt::ptx {
namespace {

using testing::compileAsm;
using testing::Compiled;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::uint64_t address(const void* p) {
  return reinterpret_cast<std::uint64_t>(p);
}

TEST(PtxLowering, LoadsAndStoresVectorsAtTheirAlignment) {
  alignas(16) std::array<std::uint32_t, 8> data = {1, 2, 3, 4, 5, 6, 7, 8};
  const auto load = compileAsm("ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {%0, %1, %2, %3}, [%4+16];", "rrrr", "l");
  std::uint64_t in = address(data.data()), out[4];
  load(&in, out);
  EXPECT_THAT((std::array{out[0] & 0xffffffff, out[3] & 0xffffffff}), ElementsAre(5, 8));
  EXPECT_THAT(load.loweredIr(), HasSubstr("load <4 x i32>, ptr addrspace(1)"));
  EXPECT_THAT(load.loweredIr(), HasSubstr("align 16"));
  const auto store = compileAsm("st.shared.v2.b32 [%0], {%1, %2};", "", "lrr");
  const std::uint64_t args[] = {address(data.data()), 70, 80};
  store(args, out);
  EXPECT_THAT(data, ElementsAre(70, 80, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(store.loweredIr(), HasSubstr("store <2 x i32>"));
  EXPECT_THAT(store.loweredIr(), HasSubstr("ptr addrspace(3)"));
}

TEST(PtxLowering, NarrowLoadsExtendIntoWiderRegisters) {
  const std::int8_t byte = -3;
  EXPECT_EQ(static_cast<std::int32_t>(compileAsm("ld.s8 %0, [%1];", "r", "l")(address(&byte))), -3);
  EXPECT_EQ(compileAsm("ld.u8 %0, [%1];", "r", "l")(address(&byte)), 253u);
}

TEST(PtxLowering, AThirtyTwoBitSharedAddressBecomesAPointerToShared) {
  const Compiled c(testing::asmModule("ld.shared.f32 %0, [%1];", "f", "r"));
  EXPECT_THAT(c.loweredIr(), HasSubstr("inttoptr i32 %v0 to ptr addrspace(3)"));
}

TEST(PtxLowering, APredicateGuardsAStore) {
  std::uint32_t place = 5;
  const auto store = compileAsm(
      "{ .reg .pred p; setp.ne.b32 p, %2, 0; @p st.global.u32 [%0], %1; @!p st.global.u32 [%0], 9; }", "", "lrr");
  std::uint64_t in[] = {address(&place), 7, 1}, out;
  store(in, &out);
  EXPECT_EQ(place, 7u);
  in[2] = 0;
  store(in, &out);
  EXPECT_EQ(place, 9u);
}

TEST(PtxLowering, LabelsAndBranchesLoop) {
  const auto sum = compileAsm("{ .reg .b32 i; .reg .pred p; mov.u32 %0, 0; mov.u32 i, 0;\n"
                              "AGAIN: add.u32 i, i, 1; add.u32 %0, %0, i; setp.lt.u32 p, i, %1; @p bra AGAIN; }",
                              "r", "r");
  EXPECT_EQ(sum(10), 55u);
}

TEST(PtxLowering, AReadWriteOperandStartsWithItsInput) {
  const Compiled c(R"(
define void @run(ptr %in, ptr %out) {
  %a = load float, ptr %in
  %q = getelementptr i8, ptr %in, i64 8
  %b = load float, ptr %q
  %r = call float asm sideeffect "fma.rn.f32 $0, $1, $1, $0;", "=f,f,0,~{memory}"(float %b, float %a)
  store float %r, ptr %out
  ret void
})");
  EXPECT_EQ(std::bit_cast<float>(
                static_cast<std::uint32_t>(c(std::bit_cast<std::uint32_t>(10.0f), std::bit_cast<std::uint32_t>(3.0f)))),
            19.0f);
}

TEST(PtxLowering, RegistersAreNotInstrumented) {
  const auto c = compileAsm("{ .reg .b32 t; add.u32 t, %1, 1; mov.b32 %0, t; }", "r", "r");
  EXPECT_THAT(c.loweredIr(), HasSubstr("alloca i32, align 4, !kv.noinstrument"));
  EXPECT_EQ(c(4), 5u);
}

struct AtomicCase {
  const char* text;
  std::uint32_t before, operand, third, after;
};

TEST(PtxLowering, AtomicsReturnTheOldValueAndLeaveTheNew) {
  const AtomicCase cases[] = {
      {"atom.global.add.u32 %0, [%1], %2;", 5, 3, 0, 8},
      {"atom.add.relaxed.gpu.global.s32 %0, [%1], %2;", 5, ~0u, 0, 4},
      {"atom.global.and.b32 %0, [%1], %2;", 6, 3, 0, 2},
      {"atom.global.or.b32 %0, [%1], %2;", 6, 3, 0, 7},
      {"atom.global.xor.b32 %0, [%1], %2;", 6, 3, 0, 5},
      {"atom.global.exch.b32 %0, [%1], %2;", 6, 3, 0, 3},
      {"atom.global.min.s32 %0, [%1], %2;", 6, ~0u, 0, ~0u},
      {"atom.global.min.u32 %0, [%1], %2;", 6, ~0u, 0, 6},
      {"atom.shared.cta.max.s32 %0, [%1], %2;", 6, ~0u, 0, 6},
      {"atom.global.max.u32 %0, [%1], %2;", 6, ~0u, 0, ~0u},
      {"atom.global.inc.u32 %0, [%1], %2;", 6, 6, 0, 0},
      {"atom.global.inc.u32 %0, [%1], %2;", 5, 6, 0, 6},
      {"atom.global.dec.u32 %0, [%1], %2;", 0, 6, 0, 6},
      {"atom.global.dec.u32 %0, [%1], %2;", 9, 6, 0, 6},
      {"atom.global.acq_rel.cas.b32 %0, [%1], %2, %3;", 6, 6, 11, 11},
      {"atom.global.cas.b32 %0, [%1], %2, %3;", 6, 7, 11, 6},
      {"atom.global.add.f32 %0, [%1], %2;", 0x3f800000, 0x40000000, 0, 0x40400000},
      {"atom.global.add.noftz.f16x2 %0, [%1], %2;", 0x3c004000, 0x3c003c00, 0, 0x40004200},
      {"atom.global.add.noftz.bf16x2 %0, [%1], %2;", 0x3f804000, 0x3f803f80, 0, 0x40004040},
  };
  for (const AtomicCase& c : cases) {
    std::uint32_t place = c.before;
    EXPECT_EQ(compileAsm(c.text, "r", "lrr")(address(&place), c.operand, c.third), c.before) << c.text;
    EXPECT_EQ(place, c.after) << c.text;
  }
  std::uint64_t wide = 40;
  compileAsm("red.global.add.u64 [%0], %1;", "", "ll")(address(&wide), 2);
  EXPECT_EQ(wide, 42u);
}

TEST(PtxLowering, WhatIsNotKnownStopsOnlyWhereItIsReached) {
  static std::string reached;
  const auto note = +[](const char* text) { reached = text; };
  const std::map<std::string, void*> symbols = {{"kv_unsupported", reinterpret_cast<void*>(note)}};
  const auto c = compileAsm("{ .reg .pred p; setp.eq.u32 p, %1, 1; mov.u32 %0, 4; @p wgmma.fence.sync.aligned; }", "r",
                            "r", symbols);
  EXPECT_THAT(c.unsupported(), ElementsAre("@p wgmma.fence.sync.aligned"));
  EXPECT_EQ(c(0), 4u);
  EXPECT_EQ(reached, "");
  EXPECT_EQ(c(1), 4u);
  EXPECT_EQ(reached, "@p wgmma.fence.sync.aligned");
}

TEST(PtxLowering, AnUnknownModifierIsNotGuessedAt) {
  const std::map<std::string, void*> symbols = {{"kv_unsupported", reinterpret_cast<void*>(+[](const char*) {})}};
  for (const char* text :
       {"add.rn.wide.f32 %0, %0, %0;", "add.rna.f32 %0, 0f00000000, 0f00000000;", "ld.tensor.b32 %0, [%1];",
        "shfl.idx.b32 %0, %1, 0, 31;", "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0}, {%1}, {%1}, {%1};",
        "frobnicate %0, %1;", "mov.u32 %0, %%nosuchregister;", "mov.u32 %0, [%1;"}) {
    EXPECT_EQ(compileAsm(text, "r", "r", symbols).unsupported().size(), 1u) << text;
  }
}

std::vector<std::uint64_t> g_call;

TEST(PtxLowering, ShufflesPassTheirOperandsAndGiveAPredicate) {
  const auto shfl = +[](std::uint32_t mode, std::uint32_t mask, std::uint32_t value, std::uint32_t source,
                        std::uint32_t control, std::uint8_t* in_range) {
    g_call = {mode, mask, value, source, control};
    *in_range = source != 9;
    return value + 1;
  };
  const auto run = compileAsm("{ .reg .pred p; shfl.sync.bfly.b32 %0|p, %1, %2, 0x1f, -1; selp.b32 %0, %0, 77, p; }",
                              "r", "rr", {{"kv_shfl", reinterpret_cast<void*>(shfl)}});
  EXPECT_EQ(run(5, 3), 6u);
  EXPECT_THAT(g_call, ElementsAre(2, 0xffffffff, 5, 3, 0x1f));
  EXPECT_EQ(run(5, 9), 77u);
}

TEST(PtxLowering, VotesBarriersAndReductionsCallTheExecutor) {
  const auto vote =
      +[](std::uint32_t mode, std::uint32_t mask, std::uint32_t p) { return mode * 100 + (mask & 7) * 10 + p; };
  const std::map<std::string, void*> votes = {{"kv_vote", reinterpret_cast<void*>(vote)}};
  EXPECT_EQ(compileAsm("{ .reg .pred p; setp.ne.u32 p, %1, 0; vote.sync.ballot.b32 %0, p, 5; }", "r", "r", votes)(1),
            351u);
  const auto barrier = +[](std::int32_t id, std::int32_t count) {
    g_call = {static_cast<std::uint64_t>(id), static_cast<std::uint64_t>(count)};
  };
  const std::map<std::string, void*> barriers = {{"kv_barrier", reinterpret_cast<void*>(barrier)},
                                                 {"kv_barrier_arrive", reinterpret_cast<void*>(barrier)}};
  compileAsm("bar.sync 3, 64;", "", "r", barriers)(0);
  EXPECT_THAT(g_call, ElementsAre(3, 64));
  compileAsm("barrier.cta.sync.aligned 0;", "", "r", barriers)(0);
  EXPECT_THAT(g_call, ElementsAre(0, ~std::uint64_t{0}));
  const auto redux = +[](std::uint32_t op, std::uint32_t, std::uint32_t value) { return op * 1000 + value; };
  const std::map<std::string, void*> reductions = {{"kv_redux", reinterpret_cast<void*>(redux)}};
  EXPECT_EQ(compileAsm("redux.sync.max.s32 %0, %1, 0xffffffff;", "r", "r", reductions)(7), 4007u);
  EXPECT_EQ(compileAsm("redux.sync.xor.b32 %0, %1, 0xffffffff;", "r", "r", reductions)(7), 7007u);
}

TEST(PtxLowering, AsyncCopiesPassSizesAndPredicates) {
  const auto copy = +[](void* to, const void* from, std::uint32_t bytes, std::uint32_t given) {
    g_call = {address(to), address(from), bytes, given};
  };
  const std::map<std::string, void*> symbols = {
      {"kv_async_copy", reinterpret_cast<void*>(copy)},
      {"kv_async_wait", reinterpret_cast<void*>(+[](std::int32_t n) { g_call = {static_cast<std::uint64_t>(n)}; })}};
  compileAsm("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;", "", "llr", symbols)(64, 128, 12);
  EXPECT_THAT(g_call, ElementsAre(64, 128, 16, 12));
  compileAsm("cp.async.ca.shared.global [%0], [%1], 4;", "", "ll", symbols)(64, 128);
  EXPECT_THAT(g_call, ElementsAre(64, 128, 4, 4));
  const auto ignored = compileAsm(
      "{ .reg .pred p; setp.ne.b32 p, %2, 0; cp.async.cg.shared.global [%0], [%1], 16, p; }", "", "llr", symbols);
  ignored(64, 128, 1);
  EXPECT_THAT(g_call, ElementsAre(64, 128, 16, 0));
  compileAsm("cp.async.wait_group 2;", "", "r", symbols)(0);
  EXPECT_THAT(g_call, ElementsAre(2));
  compileAsm("cp.async.wait_all;", "", "r", symbols)(0);
  EXPECT_THAT(g_call, ElementsAre(~std::uint64_t{0}));
}

TEST(PtxLowering, LdmatrixLoadsRowsOfSixteenBytesInTheLanesThatHaveThem) {
  const std::map<std::string, void*> symbols = {
      {"kv_lane_id", reinterpret_cast<void*>(+[]() -> std::uint32_t { return 9; })},
      {"kv_warp_op", reinterpret_cast<void*>(+[](std::uint32_t, std::uint32_t mask, const void* in,
                                                 std::uint32_t in_bytes, void* out, std::uint32_t out_bytes) {
         g_call = {mask, in_bytes, out_bytes};
         std::memcpy(out, in, out_bytes);
       })}};
  alignas(16) const std::array<std::uint32_t, 4> row = {11, 12, 13, 14};
  const auto x2 = compileAsm("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];", "rr", "l", symbols);
  EXPECT_EQ(x2(address(row.data())), 11u);
  EXPECT_THAT(g_call, ElementsAre(0xffffffff, 16, 8));
  EXPECT_THAT(x2.loweredIr(), HasSubstr("load <4 x i32>, ptr addrspace(3)"));
  // Lane 9 brings no row to x1: its address is not touched.
  compileAsm("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];", "r", "l", symbols)(0);
  EXPECT_THAT(g_call, ElementsAre(0xffffffff, 16, 4));
}

TEST(PtxLowering, PackedMovesAndSpecialRegisters) {
  const auto swap = compileAsm("{ .reg .b16 lo, hi; mov.b32 {lo, hi}, %1; mov.b32 %0, {hi, lo}; }", "r", "r");
  EXPECT_EQ(swap(0x12345678), 0x56781234u);
  const auto clock = compileAsm("mov.u64 %0, %%clock64;", "l", "",
                                {{"kv_clock", reinterpret_cast<void*>(+[]() -> std::uint64_t { return 99; })}});
  EXPECT_EQ(clock(0), 99u);
}

} // namespace
} // namespace kverify::simt::ptx

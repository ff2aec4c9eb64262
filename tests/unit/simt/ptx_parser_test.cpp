#include "simt/ptx/parser.h"

#include <gtest/gtest.h>

namespace kverify::simt::ptx {
namespace {

using Kind = Operand::Kind;

TEST(PtxParser, SplitsAnOpcodeAndItsOperands) {
  const Listing l = parse("fma.rn.ftz.f32 $0, $1, $2, $3;");
  ASSERT_EQ(l.error, "");
  ASSERT_EQ(l.statements.size(), 1u);
  EXPECT_EQ(l.statements[0].words, (std::vector<std::string>{"fma", "rn", "ftz", "f32"}));
  ASSERT_EQ(l.statements[0].operands.size(), 4u);
  EXPECT_EQ(l.statements[0].operands[3].name, "$3");
}

TEST(PtxParser, ReadsVectorsAddressesAndModifiedPlaceholders) {
  const Listing l = parse("ld.global.v2.f32 {$0, ${1:c}}, [$2 + 16];");
  ASSERT_EQ(l.error, "");
  const auto& ops = l.statements.at(0).operands;
  ASSERT_EQ(ops[0].kind, Kind::Vector);
  EXPECT_EQ(ops[0].parts[1].name, "$1");
  ASSERT_EQ(ops[1].kind, Kind::Address);
  EXPECT_EQ(ops[1].parts[0].name, "$2");
  EXPECT_EQ(ops[1].offset, 16);
  EXPECT_EQ(parse("ld.b32 $0, [$1-8];").statements.at(0).operands[1].offset, -8);
  EXPECT_EQ(parse("ld.b32 $0, [$1+-8];").statements.at(0).operands[1].offset, -8);
}

TEST(PtxParser, ReadsNumbers) {
  const auto number = [](const char* text) {
    return parse(std::string("mov.b32 $0, ") + text + ";").statements.at(0).operands[1];
  };
  EXPECT_EQ(number("0xfF").bits, 255u);
  EXPECT_EQ(number("-2").bits, ~std::uint64_t{1});
  EXPECT_EQ(number("0b101").bits, 5u);
  EXPECT_EQ(number("017").bits, 15u);
  EXPECT_EQ(number("7U").bits, 7u);
  EXPECT_EQ(number("0f3F800000").bits, 0x3f800000u);
  EXPECT_EQ(number("-0f3F800000").bits, 0xbf800000u);
  EXPECT_FALSE(number("0f3F800000").is_double);
  EXPECT_EQ(number("0d3FF0000000000000").bits, 0x3ff0000000000000u);
  EXPECT_EQ(number("1.5e1").bits, 0x402e000000000000u);
  EXPECT_NE(parse("mov.b32 $0, 0xzz;").error, "");
}

TEST(PtxParser, PredicatesPairsAndNegation) {
  const Listing l = parse("@!p shfl.sync.idx.b32 $0|q, $1, 0, 31, -1; selp.b32 $0, 1, 0, !q;");
  ASSERT_EQ(l.error, "");
  EXPECT_EQ(l.statements[0].guard, "p");
  EXPECT_TRUE(l.statements[0].guard_negated);
  EXPECT_EQ(l.statements[0].operands[0].pair, "q");
  EXPECT_TRUE(l.statements[1].operands[3].negated);
}

TEST(PtxParser, ScopesShadowAndEnd) {
  const Listing l = parse("{ .reg .b32 r; mov.b32 r, 1; { .reg .f32 r, s<3>; mov.f32 s2, r; } mov.b32 $0, r; }");
  ASSERT_EQ(l.error, "");
  ASSERT_EQ(l.registers.size(), 5u);
  EXPECT_EQ(l.registers[0].name, "r#1");
  EXPECT_EQ(l.registers[1].name, "r#2");
  EXPECT_EQ(l.registers[4].name, "s2#2");
  EXPECT_EQ(l.statements[1].operands[0].name, "s2#2");
  EXPECT_EQ(l.statements[2].operands[1].name, "r#1");
}

TEST(PtxParser, LinesMayBreakAnywhereAndCommentsVanish) {
  const Listing l =
      parse("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32\n  {$0, $1}, // d\n {$2}, /* b */ {$3};\n");
  ASSERT_EQ(l.error, "");
  ASSERT_EQ(l.statements.size(), 1u);
  EXPECT_EQ(l.statements[0].operands.size(), 3u);
}

TEST(PtxParser, LabelsLevelsAndSpecialRegisters) {
  const Listing l =
      parse("LAB_WAIT:\n @p bra LAB_WAIT; cp.async.cg.shared::cta.global.L2::128B [$0], [$1], 16; mov.u32 $0, %tid.x;");
  ASSERT_EQ(l.error, "");
  EXPECT_EQ(l.statements[0].kind, Statement::Kind::Label);
  EXPECT_EQ(l.statements[2].words[3], "shared::cta");
  EXPECT_EQ(l.statements[2].words[5], "L2::128B");
  EXPECT_EQ(l.statements[3].operands[1].name, "%tid.x");
}

TEST(PtxParser, RefusesWhatItCannotRead) {
  for (const char* text : {"mov.b32 $0, ;", "ld.b32 $0, [$1;", "{ mov.b32 $0, 1;", "}", "add.s32 $0 $1;",
                           "ld.b32 $0, [$1, {$2}];", ".reg .b32;", ".reg .b32 r<9999>;", "mov.b32 $0, #3;"}) {
    EXPECT_NE(parse(text).error, "") << text;
  }
  EXPECT_EQ(parse("").statements.size(), 0u);
}

} // namespace
} // namespace kverify::simt::ptx

// The finite-field run on the corpus: good kernels are equal to their spec on every element, functional mutants are
// not.
#include <algorithm>
#include <map>
#include <ostream>

#include "tests/unit/shadow/judged_kernel.h"

namespace kverify::shadow {
namespace {

using test::CorpusKernel;
using test::Edits;
using Kind = AlgebraVerdict::Kind;

struct Good {
  const char* kernel;
  Sizes sizes;
};

std::string nameOf(const testing::TestParamInfo<Good>& tested) {
  std::string name = tested.param.kernel;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

class GoodKernels : public testing::TestWithParam<Good> {};

TEST_P(GoodKernels, AreEqualToTheirSpec) {
  CorpusKernel kernel(GetParam().kernel);
  for (std::uint64_t seed : {7, 8}) {
    AlgebraVerdict verdict = kernel.judge(GetParam().sizes, seed);
    EXPECT_EQ(verdict.kind, Kind::Equal) << verdict.reason << " at " << verdict.place.file << ":" << verdict.place.line;
    EXPECT_GT(verdict.compared, 0u);
    EXPECT_LT(verdict.escape_probability, 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Algebra, GoodKernels,
    testing::Values(
        Good{"softmax/row_block_f32", {{"R", 3}, {"N", 67}}}, Good{"softmax/online_warp_f32", {{"R", 3}, {"N", 67}}},
        Good{"attention/naive_f32", {{"B", 1}, {"H", 2}, {"Nq", 17}, {"Nk", 19}, {"D", 24}, {"Dv", 8}}},
        Good{"attention/tiled_f32", {{"B", 1}, {"H", 2}, {"Nq", 33}, {"Nk", 70}}},
        Good{"attention/flash_v1_f32", {{"B", 1}, {"H", 2}, {"Nq", 33}, {"Nk", 70}}},
        Good{"attention/flash_v2_f32", {{"B", 1}, {"H", 2}, {"Nq", 9}, {"Nk", 70}}},
        Good{"attention/flash_causal_gqa_f32", {{"B", 1}, {"Hk", 1}, {"G", 2}, {"Nq", 33}, {"Nk", 41}}},
        Good{"attention/decode_splitkv_f32", {{"B", 1}, {"Hk", 1}, {"G", 2}, {"Nk", 130}, {"S", 3}}},
        Good{"layer_norm/two_pass_f32", {{"R", 2}, {"N", 33}}},
        Good{"layer_norm/welford_warp_f32", {{"R", 2}, {"N", 33}}},
        Good{"attention/flash_f16_mma", {{"B", 1}, {"H", 1}, {"Nq", 65}, {"Nk", 70}}},
        Good{"attention/flash_bf16_mma", {{"B", 1}, {"H", 1}, {"Nq", 65}, {"Nk", 70}}},
        Good{"attention/softcap_alibi_f32", {{"B", 1}, {"H", 2}, {"Nq", 9}, {"Nk", 41}}},
        Good{"attention/sliding_window_f32", {{"B", 1}, {"H", 1}, {"Nq", 70}, {"Nk", 65}, {"W", 7}}},
        Good{"attention/varlen_f32", {{"Tq", 33}, {"Tk", 41}, {"S", 3}, {"H", 2}}},
        Good{"attention/paged_decode_f32", {{"B", 2}, {"Hk", 1}, {"G", 2}, {"Pages", 5}, {"Page", 8}, {"Blocks", 4}}},
        Good{"attention/decode_mqa_f16", {{"B", 2}, {"H", 3}, {"Nk", 37}}},
        Good{"attention/backward_f32", {{"B", 1}, {"H", 2}, {"Nq", 11}, {"Nk", 9}}},
        Good{"cross_entropy/row_block_f32", {{"R", 5}, {"C", 33}}},
        Good{"matmul/tiled_f32", {{"M", 9}, {"N", 17}, {"K", 33}}},
        Good{"rms_norm/row_block_f32", {{"R", 2}, {"N", 33}}}, Good{"rms_norm/backward_f32", {{"R", 3}, {"N", 33}}},
        Good{"rope/half_table_f32", {{"T", 3}, {"H", 3}}}),
    nameOf);

struct Mistake {
  const char* name;
  const char* kernel;
  Edits edits;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

class Mistakes : public testing::TestWithParam<Mistake> {};

const std::map<std::string, Sizes>& sizesOf() {
  static const std::map<std::string, Sizes> all = {
      {"softmax/row_block_f32", {{"R", 2}, {"N", 67}}},
      {"softmax/online_warp_f32", {{"R", 2}, {"N", 67}}},
      {"attention/naive_f32", {{"B", 1}, {"H", 1}, {"Nq", 5}, {"Nk", 19}, {"D", 24}, {"Dv", 8}}},
      {"attention/flash_v2_f32", {{"B", 1}, {"H", 1}, {"Nq", 5}, {"Nk", 70}}},
      {"attention/flash_causal_gqa_f32", {{"B", 1}, {"Hk", 1}, {"G", 2}, {"Nq", 33}, {"Nk", 41}}},
      {"attention/decode_splitkv_f32", {{"B", 1}, {"Hk", 1}, {"G", 2}, {"Nk", 130}, {"S", 3}}},
      {"attention/flash_f16_mma", {{"B", 1}, {"H", 1}, {"Nq", 17}, {"Nk", 70}}}};
  return all;
}

TEST_P(Mistakes, AreUnequalAtTheFirstRun) {
  CorpusKernel kernel(GetParam().kernel, GetParam().edits);
  AlgebraVerdict verdict = kernel.judge(sizesOf().at(GetParam().kernel));
  EXPECT_EQ(verdict.kind, Kind::Unequal) << verdict.reason;
  EXPECT_GT(verdict.unequal, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Algebra, Mistakes,
    testing::Values(
        Mistake{"doubled_scale", "attention/naive_f32", {{"dot * scale", "dot * scale * 2.0f"}}},
        Mistake{"no_scale", "attention/naive_f32", {{"dot * scale", "dot"}}},
        Mistake{"lost_last_key",
                "attention/naive_f32",
                {{"for (int j = 0; j < n_k; ++j)\n    sum += p_row",
                  "for (int j = 0; j < n_k - 1; ++j)\n    sum += p_row"}}},
        Mistake{"mean_of_v", "attention/naive_f32", {{"sum += p_row[j] *", "sum += (1.0f / n_k) *"}}},
        Mistake{"zeros", "attention/naive_f32", {{"* d_v + col] = sum;", "* d_v + col] = 0.0f;"}}},
        Mistake{"transposed_scores", "attention/naive_f32", {{"q_row[c] * k_row[c]", "q_row[c] * k_row[d - 1 - c]"}}},
        Mistake{"no_rescale_of_the_accumulator", "attention/flash_v2_f32", {{"acc[i] *= rescale;", ""}}},
        Mistake{"no_rescale_of_the_sum", "attention/flash_v2_f32", {{"row_sum * rescale", "row_sum"}}},
        Mistake{"never_divided", "attention/flash_v2_f32", {{"acc[i] * inverse", "acc[i]"}}},
        Mistake{"causal_edge_too_far",
                "attention/flash_causal_gqa_f32",
                {{"row + offset + 1 : 0", "row + offset + 2 : 0"}}},
        Mistake{
            "causal_edge_too_near", "attention/flash_causal_gqa_f32", {{"row + offset + 1 : 0", "row + offset : 0"}}},
        Mistake{
            "lse_without_its_logarithm", "attention/flash_causal_gqa_f32", {{"row_max + logf(row_sum)", "row_max"}}},
        Mistake{"lse_in_base_2",
                "attention/flash_causal_gqa_f32",
                {{"row_max + logf(row_sum)", "row_max + log2f(row_sum)"}}},
        Mistake{"no_log2e", "attention/flash_f16_mma", {{"scale * 1.44269504088896341f", "scale"}}},
        Mistake{"live_padding_key", "attention/flash_f16_mma", {{"in0 = key < n_k", "in0 = key <= n_k"}}},
        Mistake{"halves_swapped",
                "attention/flash_f16_mma",
                {{"packHalf2(s[2 * j].x, s[2 * j].y)", "packHalf2(s[2 * j].y, s[2 * j].x)"}}},
        Mistake{
            "softmax_sum_of_one_warp",
            "softmax/online_warp_f32",
            {{"row_sum += __shfl_xor_sync(kAll, row_sum, offset)", "row_sum += __shfl_xor_sync(kAll, row_sum, 1)"}}},
        Mistake{"softmax_with_a_temperature", "softmax/online_warp_f32", {{"value = in[j]", "value = in[j] * 0.5f"}}}),
    [](const testing::TestParamInfo<Mistake>& tested) { return std::string(tested.param.name); });

// --- what stays Unknown, by name ------------------------------------------------------------------------------------

/// Inputs with scores of -inf, in some rows all of them (family "masked").
struct MaskedCase {
  const char* kernel;
  Sizes sizes;
  Edits same;    ///< what a row of -inf does not show
  Edits mistake; ///< what only such a row shows
};

void PrintTo(const MaskedCase& one, std::ostream* out) {
  *out << one.kernel;
}

class MaskedScores : public testing::TestWithParam<MaskedCase> {};

TEST_P(MaskedScores, AreJudgedAndTheGuardsNumberIsNoMatter) {
  const MaskedCase& one = GetParam();
  CorpusKernel good(one.kernel), same(one.kernel, one.same), bad(one.kernel, one.mistake);
  for (std::uint64_t seed : {7, 8, 9}) {
    const AlgebraVerdict own = good.judge(one.sizes, seed, "masked"), other = same.judge(one.sizes, seed, "masked");
    EXPECT_EQ(own.kind, Kind::Equal) << own.reason << " at line " << own.place.line;
    EXPECT_GT(own.compared, 0u);
    EXPECT_EQ(other.kind, Kind::Equal) << other.reason << " at line " << other.place.line;
  }
  EXPECT_EQ(bad.judge(one.sizes, 7, "masked").kind, Kind::Unequal) << "is there no row of -inf among these inputs?";
}

INSTANTIATE_TEST_SUITE_P(
    Algebra, MaskedScores,
    testing::Values(
        MaskedCase{"softmax/row_block_f32",
                   {{"R", 12}, {"N", 37}},
                   {{"== -INFINITY ? 0.0f", "== -INFINITY ? 1.0f"}, {"== 0.0f ? 0.0f", "== 0.0f ? 1.0f"}},
                   {{"expf(row[j] - shift) * inverse", "(inverse == 0.0f ? 1.0f : expf(row[j] - shift) * inverse)"}}},
        MaskedCase{"softmax/online_warp_f32",
                   {{"R", 12}, {"N", 37}},
                   {{"== -INFINITY ? 0.0f", "== -INFINITY ? 1.0f"}, {"== 0.0f ? 0.0f", "== 0.0f ? 1.0f"}},
                   {{"__expf(in[j] - shift) * inverse", "(inverse == 0.0f ? 1.0f : __expf(in[j] - shift) * inverse)"}}},
        MaskedCase{"attention/naive_f32",
                   {{"B", 2}, {"H", 4}, {"Nq", 3}, {"Nk", 19}, {"D", 8}, {"Dv", 4}},
                   {{"== -INFINITY ? 0.0f", "== -INFINITY ? 1.0f"}, {"== 0.0f ? 0.0f", "== 0.0f ? 1.0f"}},
                   {{"sum == 0.0f ? 0.0f", "sum == 0.0f ? 1.0f"},
                    {"s_row[j] *= inverse", "s_row[j] = sum == 0.0f ? 1.0f : s_row[j] * inverse"}}},
        MaskedCase{"cross_entropy/row_block_f32",
                   {{"R", 12}, {"C", 37}},
                   {{"if (t == 0)", "if (t == 1)"}},
                   {{"p - 1.0f : p)", "p - 1.0f : p + (row[j] == -INFINITY ? 1.0f : 0.0f))"}}}));

TEST(AlgebraUnknown, SoftcapPutsAnExponentialInsideTheExponent) {
  CorpusKernel kernel("attention/naive_f32", {{"= dot * scale", "= tanhf(dot * scale)"}});
  AlgebraVerdict verdict = kernel.judge(sizesOf().at("attention/naive_f32"));
  EXPECT_EQ(verdict.kind, Kind::Unknown);
  EXPECT_NE(verdict.reason.find("past an exponential"), std::string::npos) << verdict.reason;
  EXPECT_GT(verdict.place.line, 0u);
}

// An element of 1e4 or more stands for an infinity in the field, whose square no norm has.
TEST(AlgebraUnknown, RowsOfNormsWithVeryLargeElementsAreNotAsked) {
  for (const char* name : {"layer_norm/welford_warp_f32", "layer_norm/two_pass_f32", "rms_norm/row_block_f32"}) {
    CorpusKernel kernel(name);
    for (const char* family : {"huge-scores", "extreme", "mixed"}) {
      const AlgebraVerdict verdict = kernel.judge({{"R", 3}, {"N", 33}}, 7, family);
      EXPECT_NE(verdict.kind, Kind::Unequal) << name << ", " << family << ": " << verdict.reason;
    }
  }
}

TEST(AlgebraUnknown, AFunctionThatTheFieldLacksIsNamed) {
  CorpusKernel kernel("attention/naive_f32", {{"= dot * scale", "= sinf(dot * scale)"}});
  AlgebraVerdict verdict = kernel.judge(sizesOf().at("attention/naive_f32"));
  EXPECT_EQ(verdict.kind, Kind::Unknown);
  EXPECT_NE(verdict.reason.find("__nv_sinf"), std::string::npos) << verdict.reason;
  EXPECT_FALSE(verdict.suspicious) << "the field's lack, not the kernel's doing";
}

TEST(AlgebraUnknown, SkippingWhatIsSmallIsNoMistakeOfAlgebraAlone) {
  CorpusKernel kernel("attention/naive_f32", {{"const float p = expf(s_row[j] - shift);",
                                               "float p = expf(s_row[j] - shift); if (p < 0.01f) p = 0.0f;"}});
  AlgebraVerdict verdict = kernel.judge(sizesOf().at("attention/naive_f32"));
  EXPECT_EQ(verdict.kind, Kind::Unknown);
  EXPECT_NE(verdict.reason.find("threshold"), std::string::npos) << verdict.reason;
  EXPECT_TRUE(verdict.suspicious) << "the kernel's own doing: not excused";
}

TEST(AlgebraUnknown, BitsMadeByIntegerCode) {
  CorpusKernel kernel("attention/naive_f32", {{"= dot * scale", "= __int_as_float(__float_as_int(dot * scale) + 1)"}});
  AlgebraVerdict verdict = kernel.judge(sizesOf().at("attention/naive_f32"));
  EXPECT_EQ(verdict.kind, Kind::Unknown);
  EXPECT_NE(verdict.reason.find("integer code"), std::string::npos) << verdict.reason;
}

// A mask of -1e30 instead of -inf, and floats carried as integers, change nothing.
TEST(AlgebraMoves, StandInsForInfinityAndBitsInIntegersAreFollowed) {
  CorpusKernel kernel("attention/flash_causal_gqa_f32",
                      {{"dot * scale : -INFINITY", "__int_as_float(__float_as_int(dot * scale)) : -1e30f"}});
  AlgebraVerdict verdict = kernel.judge(sizesOf().at("attention/flash_causal_gqa_f32"));
  EXPECT_EQ(verdict.kind, Kind::Equal) << verdict.reason << " at line " << verdict.place.line;
}

} // namespace
} // namespace kverify::shadow

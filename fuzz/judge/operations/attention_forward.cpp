// The forward attentions: dense, and what they share with the other layouts.
#include "fuzz/judge/operations/attention.h"

#include <utility>

#include "fuzz/judge/operations/masked.h"

namespace kverify::judge {
namespace {

/// Of applying a scale to keys or values, once: see attentionHead.
constexpr double kScaleUnit = 0x1p-23;

} // namespace

oracle::Scoring scoringOf(const OperationRun& run) {
  oracle::Scoring scoring;
  scoring.scale = run.real("scale");
  const std::string causal = run.choice("causal");
  if (causal == "bottom-right")
    scoring.causal = oracle::Causal::BottomRight;
  if (causal == "top-left")
    scoring.causal = oracle::Causal::TopLeft;
  scoring.left = run.integer("window_left");
  scoring.right = run.integer("window_right");
  scoring.softcap = run.real("softcap");
  if (scoring.softcap < 0)
    run.refuse(fmt::format("softcap = {} is negative: it is a bound on |score|, 0 for none", scoring.softcap));
  for (auto [name, keys] : {std::pair("window_left", scoring.left), std::pair("window_right", scoring.right)})
    if (keys < -1)
      run.refuse(fmt::format("{} = {}: a window has 0 or more keys, -1 for all", name, keys));
  if (run.choice("alibi") == "column")
    scoring.alibi = oracle::Alibi::Column;
  if (scoring.alibi == oracle::Alibi::Column && !run.has("alibi_slopes"))
    run.refuse("the option alibi is 'column', but no tensor has the role 'alibi_slopes'");
  readMasked(run, scoring.masked_row, scoring.masked_lse);
  return scoring;
}

oracle::MaskedRow readMaskedRow(const OperationRun& run) {
  const std::string masked = run.choice("masked_rows");
  return masked == "zero" ? oracle::MaskedRow::Zero : masked == "nan" ? oracle::MaskedRow::NaN : oracle::MaskedRow::Any;
}

void readMasked(const OperationRun& run, oracle::MaskedRow& row, double& lse) {
  if (!run.contract().spec->findOption("masked_rows"))
    return;
  row = readMaskedRow(run);
  if (run.choice("masked_lse") == "+inf")
    lse = std::numeric_limits<double>::infinity();
}

oracle::Rounding attentionRounding(const OperationRun& run, const std::string& out, const std::string& lse) {
  oracle::Rounding rounding = run.rounding(out);
  // LSE is usually f32 beside a 16-bit O: it is rounded to its own type.
  if (const TensorDecl* tensor = run.contract().findRole(lse)) {
    rounding.lse_unit = oracle::unitRoundoff(oracle::arithmeticOf(tensor->dtype));
    rounding.lse_eta = oracle::underflowUnit(oracle::arithmeticOf(tensor->dtype));
  }
  if (run.has("K_scale") || run.has("V_scale"))
    rounding.kv_unit += kScaleUnit;
  return rounding;
}

std::vector<double> scaled(const OperationRun& run, const std::string& role, const std::string& scale) {
  std::vector<double> values = run.input(role);
  const std::vector<double> scales = run.input(scale);
  if (scales.empty() || values.empty())
    return values;
  const std::size_t width = values.size() / scales.size();
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] *= scales[i / width];
  return values;
}

DenseAttention::DenseAttention(const OperationRun& run)
    : q(run.input("Q")), k(scaled(run, "K", "K_scale")), v(scaled(run, "V", "V_scale")), bias(run.input("bias")),
      slopes(run.input("alibi_slopes")),
      lengths(run.integers("seqlens_k", 0, run.axis("nk"))) { // empty where the spec or the contract has none
  problem.b = run.axis("b");
  problem.h = run.axis("h");
  problem.hk = run.axis("hk");
  problem.nq = run.axis("nq");
  problem.nk = run.axis("nk");
  problem.d = run.axis("d");
  problem.dv = run.axis("dv");
  problem.q = q;
  problem.k = k;
  problem.v = v;
  problem.bias = bias;
  problem.slopes = slopes;
  problem.lengths = lengths;
  problem.scoring = scoringOf(run);
}

References askAttentionForward(const OperationRun& run) {
  const DenseAttention dense(run);
  const oracle::Rounding rounding = attentionRounding(run, "O", "LSE");
  if (run.error())
    return {};
  oracle::AttentionReference reference = oracle::attentionForward(dense.problem, rounding);
  return {{"O", std::move(reference.out)}, {"LSE", std::move(reference.lse)}};
}

} // namespace kverify::judge

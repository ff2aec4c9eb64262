// Attention over packed sequences, pages and splits.
#include "fuzz/oracle/attention_layouts.h"
#include "fuzz/judge/operations/attention.h"

namespace kverify::judge {
namespace {

References asReferences(oracle::AttentionReference reference, const char* out, const char* lse) {
  return {{out, std::move(reference.out)}, {lse, std::move(reference.lse)}};
}

/// Offsets of packed sequences: within [0, total] and not decreasing.
std::vector<std::int64_t> offsetsOf(const OperationRun& run, const std::string& role, std::int64_t total) {
  std::vector<std::int64_t> offsets = run.integers(role, 0, total);
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i)
    if (offsets[i] > offsets[i + 1]) {
      run.refuse(fmt::format("{}[{}] = {} is followed by {}: offsets of sequences don't decrease; give the tensor "
                             "\"holds\": {{\"order\": \"nondecreasing\"}}",
                             run.contract().findRole(role)->name, i, offsets[i], offsets[i + 1]));
      return {};
    }
  return offsets;
}

} // namespace

References askAttentionVarlen(const OperationRun& run) {
  const auto q = run.input("Q"), k = scaled(run, "K", "K_scale"), v = scaled(run, "V", "V_scale"),
             slopes = run.input("alibi_slopes");
  oracle::VarlenProblem problem;
  problem.h = run.axis("h");
  problem.hk = run.axis("hk");
  problem.tq = run.axis("tq");
  problem.tk = run.axis("tk");
  problem.d = run.axis("d");
  problem.dv = run.axis("dv");
  const auto offsets_q = offsetsOf(run, "cu_seqlens_q", problem.tq),
             offsets_k = offsetsOf(run, "cu_seqlens_k", problem.tk);
  problem.q = q;
  problem.k = k;
  problem.v = v;
  problem.offsets_q = offsets_q;
  problem.offsets_k = offsets_k;
  problem.slopes = slopes;
  problem.scoring = scoringOf(run);
  const oracle::Rounding rounding = attentionRounding(run, "O", "LSE");
  if (run.error())
    return {};
  return asReferences(oracle::attentionVarlen(problem, rounding), "O", "LSE");
}

References askAttentionPaged(const OperationRun& run) {
  const auto q = run.input("Q"), k = scaled(run, "K_cache", "K_scale"), v = scaled(run, "V_cache", "V_scale"),
             slopes = run.input("alibi_slopes");
  oracle::PagedProblem problem;
  problem.b = run.axis("b");
  problem.h = run.axis("h");
  problem.hk = run.axis("hk");
  problem.nq = run.axis("nq");
  problem.pages = run.axis("pages");
  problem.page = run.axis("page");
  problem.blocks = run.axis("blocks");
  problem.d = run.axis("d");
  problem.dv = run.axis("dv");
  const auto table = run.integers("block_table", 0, problem.pages - 1);
  const auto lengths = run.integers("seqlens_k", 0, problem.blocks * problem.page);
  problem.q = q;
  problem.k = k;
  problem.v = v;
  problem.table = table;
  problem.lengths = lengths;
  problem.slopes = slopes;
  problem.scoring = scoringOf(run);
  const oracle::Rounding rounding = attentionRounding(run, "O", "LSE");
  if (run.error())
    return {};
  return asReferences(oracle::attentionPaged(problem, rounding), "O", "LSE");
}

References askAttentionSplit(const OperationRun& run) {
  const DenseAttention dense(run);
  const std::int64_t splits = run.axis("splits"), size = run.integer("split_size");
  if (!run.error() && (size < 1 || splits * size < dense.problem.nk))
    run.refuse(fmt::format("{} splits of {} keys don't hold {} keys", splits, size, dense.problem.nk));
  const oracle::Rounding rounding = attentionRounding(run, "O_partial", "LSE_partial");
  if (run.error())
    return {};
  return asReferences(oracle::attentionSplit(dense.problem, splits, size, rounding), "O_partial", "LSE_partial");
}

References askAttentionMerge(const OperationRun& run) {
  const auto out = run.input("O_partial"), lse = run.input("LSE_partial");
  oracle::MergeProblem problem;
  problem.splits = run.axis("splits");
  problem.rows = run.axis("b") * run.axis("h") * run.axis("nq");
  problem.dv = run.axis("dv");
  problem.out = out;
  problem.lse = lse;
  readMasked(run, problem.masked_row, problem.masked_lse);
  const oracle::Rounding rounding = attentionRounding(run, "O", "LSE");
  if (run.error())
    return {};
  return asReferences(oracle::attentionMerge(problem, rounding), "O", "LSE");
}

} // namespace kverify::judge

#include "fuzz/oracle/attention_layouts.h"

#include <algorithm>
#include <cmath>

namespace kverify::oracle {
namespace {

/// `count` rows of `width`, the first at `at`, one every `stride`.
std::vector<double> gather(std::span<const double> all, std::int64_t at, std::int64_t count, std::int64_t stride,
                           std::int64_t width) {
  std::vector<double> rows;
  rows.reserve(static_cast<std::size_t>(count * width));
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < width; ++c)
      rows.push_back(all[static_cast<std::size_t>(at + i * stride + c)]);
  return rows;
}

struct Dense {
  std::vector<double> out, bound, tight, lse, lse_bound;

  Dense(std::int64_t rows, std::int64_t dv) {
    for (std::vector<double>* all : {&out, &bound, &tight})
      all->resize(static_cast<std::size_t>(rows * dv));
    for (std::vector<double>* all : {&lse, &lse_bound})
      all->resize(static_cast<std::size_t>(rows));
  }
  HeadResult result() { return {out, bound, tight, lse, lse_bound}; }
};

} // namespace

AttentionReference attentionVarlen(const VarlenProblem& a, const Rounding& rounding) {
  AttentionRows rows(a.tq * a.h, a.dv);
  for (std::size_t s = 0; s + 1 < a.offsets_q.size(); ++s)
    for (std::int64_t h = 0; h < a.h; ++h) {
      const std::int64_t first_q = a.offsets_q[s], first_k = a.offsets_k[s], kh = h / (a.h / a.hk);
      HeadProblem head{a.offsets_q[s + 1] - first_q, a.offsets_k[s + 1] - first_k, a.d, a.dv, {}, {}, {}, 0, {}};
      const auto q = gather(a.q, (first_q * a.h + h) * a.d, head.nq, a.h * a.d, a.d);
      const auto k = gather(a.k, (first_k * a.hk + kh) * a.d, head.nk, a.hk * a.d, a.d);
      const auto v = gather(a.v, (first_k * a.hk + kh) * a.dv, head.nk, a.hk * a.dv, a.dv);
      head.q = q;
      head.k = k;
      head.v = v;
      head.slope = a.slopes.empty() ? 0 : a.slopes[static_cast<std::size_t>(h)];
      Dense dense(head.nq, a.dv);
      attentionHead(head, a.scoring, rounding, dense.result());
      for (std::int64_t i = 0; i < head.nq; ++i) {
        const auto row = static_cast<std::size_t>(h * a.tq + first_q + i), from = static_cast<std::size_t>(i);
        rows.reference.lse.value[row] = dense.lse[from];
        rows.reference.lse.bound[row] = dense.lse_bound[from];
        for (std::int64_t c = 0; c < a.dv; ++c) {
          const auto to = static_cast<std::size_t>(((first_q + i) * a.h + h) * a.dv + c);
          const auto source = static_cast<std::size_t>(i * a.dv + c);
          rows.reference.out.value[to] = dense.out[source];
          rows.reference.out.bound[to] = dense.bound[source];
          rows.reference.out.tight[to] = dense.tight[source];
        }
      }
    }
  return std::move(rows).finish();
}

AttentionReference attentionPaged(const PagedProblem& a, const Rounding& rounding) {
  AttentionRows rows(a.b * a.h * a.nq, a.dv);
  for (std::int64_t batch = 0; batch < a.b; ++batch)
    for (std::int64_t h = 0; h < a.h; ++h) {
      const std::int64_t index = batch * a.h + h, kh = h / (a.h / a.hk);
      HeadProblem head{a.nq, a.lengths[static_cast<std::size_t>(batch)], a.d, a.dv, {}, {}, {}, 0, {}};
      std::vector<double> k, v;
      for (std::int64_t j = 0; j < head.nk; ++j) {
        const std::int64_t page = a.table[static_cast<std::size_t>(batch * a.blocks + j / a.page)];
        const std::int64_t row = (page * a.page + j % a.page) * a.hk + kh;
        const auto key = a.k.subspan(static_cast<std::size_t>(row * a.d), static_cast<std::size_t>(a.d));
        const auto value = a.v.subspan(static_cast<std::size_t>(row * a.dv), static_cast<std::size_t>(a.dv));
        k.insert(k.end(), key.begin(), key.end());
        v.insert(v.end(), value.begin(), value.end());
      }
      head.q = a.q.subspan(static_cast<std::size_t>(index * a.nq * a.d), static_cast<std::size_t>(a.nq * a.d));
      head.k = k;
      head.v = v;
      head.slope = a.slopes.empty() ? 0 : a.slopes[static_cast<std::size_t>(index)];
      attentionHead(head, a.scoring, rounding, rows.at(index * a.nq, a.nq));
    }
  return std::move(rows).finish();
}

AttentionReference attentionSplit(const AttentionProblem& a, std::int64_t splits, std::int64_t size,
                                  const Rounding& rounding) {
  const std::int64_t per_split = a.b * a.h * a.nq;
  AttentionRows rows(splits * per_split, a.dv);
  for (std::int64_t split = 0; split < splits; ++split) {
    AttentionProblem part = a;
    part.scoring.only = {split * size, (split + 1) * size};
    AttentionReference reference = attentionForward(part, rounding);
    auto put = [&](const std::vector<double>& from, std::vector<double>& to, std::int64_t width) {
      std::copy(from.begin(), from.end(), to.begin() + split * per_split * width);
    };
    put(reference.out.value, rows.reference.out.value, a.dv);
    put(reference.out.bound, rows.reference.out.bound, a.dv);
    put(reference.out.tight, rows.reference.out.tight, a.dv);
    put(reference.lse.value, rows.reference.lse.value, 1);
    put(reference.lse.bound, rows.reference.lse.bound, 1);
  }
  return std::move(rows).finish();
}

AttentionReference attentionMerge(const MergeProblem& a, const Rounding& rounding) {
  AttentionRows rows(a.rows, a.dv);
  Rounding merge = rounding;
  merge.p_unit = rounding.pv_unit / 2;
  merge.p_eta = std::max(rounding.exp_flush, rounding.pv_eta);
  merge.kv_unit = merge.kv_eta = 0; // states are no keys
  Scoring scoring;
  scoring.masked_row = a.masked_row;
  scoring.masked_lse = a.masked_lse;
  for (std::int64_t row = 0; row < a.rows; ++row) {
    std::vector<double> states, scores;
    for (std::int64_t split = 0; split < a.splits; ++split) {
      const auto at = static_cast<std::size_t>(split * a.rows + row);
      if (a.lse[at] == -std::numeric_limits<double>::infinity())
        continue; // whatever its state holds has no weight
      scores.push_back(a.lse[at]);
      const auto state = a.out.subspan(at * static_cast<std::size_t>(a.dv), static_cast<std::size_t>(a.dv));
      states.insert(states.end(), state.begin(), state.end());
    }
    // A head of one query and no dot product: the scores come as a bias.
    const auto n = static_cast<std::int64_t>(scores.size());
    HeadProblem head{1, n, 0, a.dv, {}, {}, states, 0, scores};
    attentionHead(head, scoring, merge, rows.at(row, 1));
  }
  return std::move(rows).finish();
}

} // namespace kverify::oracle

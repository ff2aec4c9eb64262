// Attention in fp32: all scores of a row, their exponentials, their sum, and then the product with V.
#include <algorithm>
#include <cmath>

#include "fuzz/judge/operations/attention.h"
#include "fuzz/stability/naive.h"

namespace kverify::stability {
namespace {

using Floats = std::vector<float>;

/// One row's scores over the keys it sees.
struct Row {
  oracle::KeyRange keys;
  Floats scores, slopes; ///< slopes: the softcap's derivative
};

class NaiveAttention {
public:
  explicit NaiveAttention(const judge::OperationRun& run)
      : dense_(run), p_(dense_.problem), q(dense_.q.begin(), dense_.q.end()), k(dense_.k.begin(), dense_.k.end()),
        v(dense_.v.begin(), dense_.v.end()) {}

  const oracle::AttentionProblem& problem() const { return p_; }

  std::size_t queryAt(std::int64_t head, std::int64_t i) const { return static_cast<std::size_t>((head * p_.nq + i) * p_.d); }
  std::size_t keyAt(std::int64_t head, std::int64_t j) const { return static_cast<std::size_t>((keyHead(head) * p_.nk + j) * p_.d); }
  std::size_t valueAt(std::int64_t head, std::int64_t j) const { return static_cast<std::size_t>((keyHead(head) * p_.nk + j) * p_.dv); }
  std::size_t outAt(std::int64_t head, std::int64_t i) const { return static_cast<std::size_t>((head * p_.nq + i) * p_.dv); }

  Row row(std::int64_t head, std::int64_t i) const {
    const std::int64_t batch = head / p_.h;
    const std::int64_t length = p_.lengths.empty() ? p_.nk : p_.lengths[static_cast<std::size_t>(batch)];
    const oracle::Scoring& scoring = p_.scoring;
    Row row{oracle::visibleKeys(scoring, p_.nq, length, i), {}, {}};
    const std::int64_t position = scoring.causal == oracle::Causal::TopLeft ? i : i + length - p_.nq;
    for (std::int64_t j = row.keys.first; j < row.keys.end; ++j) {
      float score = 0, slope = 1;
      for (std::int64_t c = 0; c < p_.d; ++c)
        score += q[queryAt(head, i) + static_cast<std::size_t>(c)] * k[keyAt(head, j) + static_cast<std::size_t>(c)];
      score *= static_cast<float>(scoring.scale);
      if (scoring.softcap > 0) {
        const float bent = std::tanh(score / static_cast<float>(scoring.softcap));
        slope = 1 - bent * bent;
        score = static_cast<float>(scoring.softcap) * bent;
      }
      if (!p_.slopes.empty()) {
        const std::int64_t by = scoring.alibi == oracle::Alibi::Column ? j : -std::abs(position - j);
        score += static_cast<float>(p_.slopes[static_cast<std::size_t>(head)]) * static_cast<float>(by);
      }
      if (!p_.bias.empty())
        score += static_cast<float>(p_.bias[static_cast<std::size_t>((head * p_.nq + i) * p_.nk + j)]);
      row.scores.push_back(score);
      row.slopes.push_back(slope);
    }
    return row;
  }

private:
  std::int64_t keyHead(std::int64_t head) const { return head / p_.h * p_.hk + head % p_.h / (p_.h / p_.hk); }

  judge::DenseAttention dense_;
  const oracle::AttentionProblem& p_;

public:
  Floats q, k, v;
};

/// exp(x - max) / sum in place.
void softmax(Floats& row) {
  const float largest = row.empty() ? 0 : *std::max_element(row.begin(), row.end());
  float sum = 0;
  for (float& x : row)
    sum += x = std::exp(x - largest);
  for (float& x : row)
    x /= sum;
}

} // namespace

NaiveResults naiveAttention(const judge::OperationRun& run) {
  const NaiveAttention a(run);
  const oracle::AttentionProblem& p = a.problem();
  if (run.error())
    return {};
  Floats out(static_cast<std::size_t>(p.b * p.h * p.nq * p.dv), 0);
  for (std::int64_t head = 0; head < p.b * p.h; ++head)
    for (std::int64_t i = 0; i < p.nq; ++i) {
      Row row = a.row(head, i);
      softmax(row.scores);
      for (std::int64_t c = 0; c < p.dv; ++c)
        for (std::int64_t j = row.keys.first; j < row.keys.end; ++j)
          out[a.outAt(head, i) + static_cast<std::size_t>(c)] +=
              row.scores[static_cast<std::size_t>(j - row.keys.first)] * a.v[a.valueAt(head, j) + static_cast<std::size_t>(c)];
    }
  return {{"O", std::move(out)}};
}

NaiveResults naiveAttentionBackward(const judge::OperationRun& run) {
  const NaiveAttention a(run);
  const std::vector<double> given_out = run.input("O"), given_lse = run.input("LSE"), given_dout = run.input("dO");
  if (run.error())
    return {};
  const oracle::AttentionProblem& p = a.problem();
  const Floats out(given_out.begin(), given_out.end()), dout(given_dout.begin(), given_dout.end());
  Floats dq(a.q.size(), 0), dk(a.k.size(), 0), dv(a.v.size(), 0);
  const auto scale = static_cast<float>(p.scoring.scale);
  for (std::int64_t head = 0; head < p.b * p.h; ++head)
    for (std::int64_t i = 0; i < p.nq; ++i) {
      const Row row = a.row(head, i);
      const auto lse = static_cast<float>(given_lse[static_cast<std::size_t>(head * p.nq + i)]);
      const std::size_t at = a.outAt(head, i);
      float delta = 0;
      for (std::size_t c = 0; c < static_cast<std::size_t>(p.dv); ++c)
        delta += dout[at + c] * out[at + c];
      for (std::int64_t j = row.keys.first; j < row.keys.end; ++j) {
        const auto place = static_cast<std::size_t>(j - row.keys.first);
        const float weight = std::exp(row.scores[place] - lse);
        float dweight = 0;
        for (std::size_t c = 0; c < static_cast<std::size_t>(p.dv); ++c) {
          dweight += dout[at + c] * a.v[a.valueAt(head, j) + c];
          dv[a.valueAt(head, j) + c] += weight * dout[at + c];
        }
        const float dscore = weight * (dweight - delta) * row.slopes[place] * scale;
        for (std::size_t c = 0; c < static_cast<std::size_t>(p.d); ++c) {
          dq[a.queryAt(head, i) + c] += dscore * a.k[a.keyAt(head, j) + c];
          dk[a.keyAt(head, j) + c] += dscore * a.q[a.queryAt(head, i) + c];
        }
      }
    }
  return {{"dQ", std::move(dq)}, {"dK", std::move(dk)}, {"dV", std::move(dv)}};
}

} // namespace kverify::stability

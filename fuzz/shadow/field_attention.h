#pragma once
// One head of attention in the field, whatever the layout that its rows come from:
//   O_ic = sum_j w^(s_ij) v_jc / sum_j w^(s_ij),   LSE_i = log sum_j w^(s_ij).
// No maximum is needed. Masks are those of the oracle (fuzz/oracle/attention.h).
#include "fuzz/oracle/attention.h"
#include "fuzz/shadow/field_masks.h"

namespace kverify::shadow {

/// Rows of d (q and k) and dv (v) elements.
struct FieldHead {
  std::vector<const FieldValue*> q, k, v;
  std::vector<const double*> q_concrete; ///< as the run has them: the signs of what meets a key of -inf
  std::int64_t d = 0, dv = 0;
  const FieldValue* slope = nullptr; ///< of ALiBi, or null
  const FieldValue* bias = nullptr;  ///< [nq, bias_stride], or null
  std::int64_t bias_stride = 0;
};

/// One query's weights w^(s_ij), not normalised, over the keys that it sees.
struct FieldRow : FieldWeights {
  oracle::KeyRange seen;
  FieldValues slopes; ///< 1 - tanh^2 of the capped score, where there is a cap

  const FieldValue& weight(std::int64_t j) const { return weights[static_cast<std::size_t>(j - seen.first)]; }
};

class FieldScores {
public:
  /// Reads the options of an attention spec.
  explicit FieldScores(FieldCase& one);

  FieldRow row(const FieldHead& head, std::int64_t query) const;
  /// Appends O's row and LSE's element to the outputs; LSE may be null.
  void attend(const FieldHead& head, std::int64_t query, FieldValues& o, FieldValues* lse) const;
  /// The same where the weights are known.
  void finish(const FieldRow& row, const std::vector<const FieldValue*>& v, std::int64_t dv, FieldValues& o,
              FieldValues* lse) const;
  /// Of a row of so many keys.
  void bound(FieldCase& one, std::int64_t keys) const;

  oracle::Scoring scoring;
  FieldValue scale;
  bool capped = false;

private:
  FieldValue product(const FieldHead& head, std::int64_t query, std::int64_t key) const;
  FieldValue capScore(const FieldValue& score, FieldValue* slope) const;
  FieldValue score(const FieldHead& head, std::int64_t query, std::int64_t key, FieldValue* slope) const;

  const FieldArithmetic& field_;
  FieldValue cap_, inverse_cap_;
};

/// The dense operands of attention.forward, .split and .backward.
struct FieldDense {
  explicit FieldDense(const FieldCase& one);
  /// Batch entry b, query head h.
  FieldHead head(std::int64_t b, std::int64_t h) const;

  std::int64_t b, h, hk, nq, nk, d, dv;
  FieldValues q, k, v, bias, slopes;
  std::vector<double> q_concrete;
  std::vector<std::int64_t> lengths; ///< of keys, by batch entry; empty: all
};

/// `count` rows of `width`, the first at `at`, one every `stride`.
template <class T>
std::vector<const T*> rowsOf(const std::vector<T>& all, std::int64_t at, std::int64_t count, std::int64_t stride) {
  std::vector<const T*> rows;
  for (std::int64_t i = 0; i < count; ++i)
    rows.push_back(all.data() + at + i * stride);
  return rows;
}

} // namespace kverify::shadow

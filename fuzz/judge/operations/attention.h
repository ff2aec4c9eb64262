#pragma once
// What the attention operations share: options, and dense operands.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fuzz/judge/operations.h"
#include "fuzz/oracle/attention.h"

namespace kverify::judge {

/// scale, causal, window_left, window_right, softcap, alibi, masked_rows, masked_lse.
oracle::Scoring scoringOf(const OperationRun& run);

/// masked_rows and masked_lse, where the spec has them.
void readMasked(const OperationRun& run, oracle::MaskedRow& row, double& lse);

/// Of an output and the LSE beside it, each rounded to its own type, from keys and values with the scales that there are.
oracle::Rounding attentionRounding(const OperationRun& run, const std::string& out, const std::string& lse);

/// Keys or values times their scales, a role with the same axes but for the width; unchanged where no tensor has it.
std::vector<double> scaled(const OperationRun& run, const std::string& role, const std::string& scale);

/// Q, K, V, bias, alibi_slopes and seqlens_k as the spec's dense roles; `problem` looks into the vectors.
struct DenseAttention {
  explicit DenseAttention(const OperationRun& run);
  DenseAttention(const DenseAttention&) = delete;
  DenseAttention& operator=(const DenseAttention&) = delete;

  std::vector<double> q, k, v, bias, slopes;
  std::vector<std::int64_t> lengths;
  oracle::AttentionProblem problem;
};

} // namespace kverify::judge

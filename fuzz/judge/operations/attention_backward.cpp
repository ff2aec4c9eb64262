#include "fuzz/oracle/attention_backward.h"

#include "fuzz/judge/operations/attention.h"

namespace kverify::judge {

References askAttentionBackward(const OperationRun& run) {
  const DenseAttention dense(run);
  const auto out = run.input("O"), lse = run.input("LSE"), dout = run.input("dO");
  const oracle::AttentionBackwardProblem problem{dense.problem, out, lse, dout};
  if (run.contract().precision.kv != Arithmetic::F32)
    run.refuse("precision.kv is of forward attention: a backward pass that narrows its keys has no bound yet");
  const oracle::Rounding dq = run.rounding("dQ"), dk = run.rounding("dK"), dv = run.rounding("dV");
  if (run.error())
    return {};
  oracle::AttentionGradients gradients = oracle::attentionBackward(problem, dq, dk, dv);
  return {{"dQ", std::move(gradients.dq)}, {"dK", std::move(gradients.dk)}, {"dV", std::move(gradients.dv)}};
}

/// O and LSE of the forward pass.
DerivedInputs deriveAttentionBackward(const OperationRun& run) {
  const DenseAttention dense(run);
  if (run.error())
    return {};
  oracle::AttentionReference reference = oracle::attentionForward(dense.problem, oracle::Rounding{});
  return {{"O", std::move(reference.out.value)}, {"LSE", std::move(reference.lse.value)}};
}

} // namespace kverify::judge

#include "fuzz/judge/operations.h"
#include "fuzz/oracle/attention.h"

namespace kverify::judge {

References askAttentionForward(const OperationRun& run) {
  const std::vector<double> q = run.input("Q"), k = run.input("K"), v = run.input("V");
  oracle::AttentionProblem problem;
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
  problem.scale = run.real("scale");
  const std::string causal = run.choice("causal");
  if (causal == "bottom-right")
    problem.causal = oracle::Causal::BottomRight;
  if (causal == "top-left")
    problem.causal = oracle::Causal::TopLeft;
  oracle::Rounding rounding = run.rounding("O");
  // LSE is usually f32 beside a 16-bit O: it is rounded to its own type.
  if (const TensorDecl* lse = run.contract().findRole("LSE")) {
    rounding.lse_unit = oracle::unitRoundoff(oracle::arithmeticOf(lse->dtype));
    rounding.lse_eta = oracle::underflowUnit(oracle::arithmeticOf(lse->dtype));
  }
  if (run.error())
    return {};
  oracle::AttentionReference reference = oracle::attentionForward(problem, rounding);
  return {{"O", std::move(reference.out)}, {"LSE", std::move(reference.lse)}};
}

} // namespace kverify::judge

// Specs that no kernel of the corpus implements, or not in this form: kernels of one thread, as plain as can be, are
// equal to them in the field, and a mistake is not.
#include <algorithm>
#include <ostream>
#include <string>

#include "tests/unit/shadow/judged_kernel.h"

namespace kverify::shadow {
namespace {

using test::Edits;
using test::JudgedKernel;
using Kind = AlgebraVerdict::Kind;

struct Form {
  std::string name;
  std::string spec; ///< "spec", and the rest of the contract but the launch
  std::string tensors;
  std::string args;
  std::string source; ///< kernel k
  Edits mistake;
  Sizes sizes;
};

void PrintTo(const Form& form, std::ostream* out) {
  *out << form.name;
}

std::string contractOf(const Form& form) {
  std::string sizes;
  for (const auto& [name, value] : form.sizes)
    sizes += (sizes.empty() ? "\"" : ", \"") + name + "\": { \"range\": [1, 64] }";
  return "{ \"contract\": 1, " + form.spec + ", \"sizes\": { " + sizes + " }, \"tensors\": { " + form.tensors +
         " }, \"launches\": [{ \"kernel\": \"k\", \"args\": [" + form.args +
         "], \"grid\": [1], \"block\": [1] }], \"precision\": { \"sum\": \"f32\", \"out\": \"f32\" } }";
}

class Forms : public testing::TestWithParam<Form> {};

TEST_P(Forms, AreEqualAndAMistakeIsNot) {
  const Form& form = GetParam();
  const std::string path = form.name + ".cu", contract = contractOf(form);
  JudgedKernel good(path, form.source, contract);
  for (std::uint64_t seed : {7, 8}) {
    const AlgebraVerdict verdict = good.judge(form.sizes, seed);
    EXPECT_EQ(verdict.kind, Kind::Equal) << verdict.reason << " at line " << verdict.place.line;
    EXPECT_GT(verdict.compared, 0u);
    EXPECT_LT(verdict.escape_probability, 1e-9);
  }
  JudgedKernel bad(path, test::edited(form.source, form.mistake, form.name), contract);
  const AlgebraVerdict verdict = bad.judge(form.sizes);
  EXPECT_EQ(verdict.kind, Kind::Unequal) << verdict.reason;
}

/// A kernel over rows of x.
std::string overRows(const std::string& body) {
  return "__global__ void k(const float* x, float* y, int rows, int n) {\n"
         "  for (int r = 0; r < rows; ++r) { const float* a = x + r * n; float s = 0.0f;\n" +
         body + "\n  }\n}\n";
}

Form rowForm(const std::string& name, const std::string& spec, const std::string& shape, const std::string& body,
             Edits mistake) {
  return {name,
          spec,
          R"("x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
             "y": { "dtype": "f32", "access": "write", "shape": )" +
              shape + " }",
          R"("x", "y", "R", "N")",
          overRows(body),
          std::move(mistake),
          {{"R", 3}, {"N", 11}}};
}

std::string reduceBy(const std::string& operation) {
  return R"("spec": "reduce", "options": { "operation": ")" + operation + "\" }";
}

std::vector<Form> rowForms() {
  const std::string sum = "for (int i = 0; i < n; ++i) s += TERM; y[r] = ";
  auto summed = [&](const std::string& term, const std::string& result) {
    std::string body = sum + result + ";";
    return body.replace(body.find("TERM"), 4, term);
  };
  return {rowForm("log_softmax", "\"spec\": \"log_softmax\"", "[\"R\", \"N\"]",
                  "for (int i = 0; i < n; ++i) s += expf(a[i] - a[0]);\n"
                  "for (int i = 0; i < n; ++i) y[r * n + i] = a[i] - a[0] - logf(s);",
                  {{"- logf(s)", "- logf(s) * 2.0f"}}),
          rowForm("reduce_sum", reduceBy("sum"), "[\"R\"]", summed("a[i]", "s"), {{"i < n", "i < n - 1"}}),
          rowForm("reduce_mean", reduceBy("mean"), "[\"R\"]", summed("a[i]", "s / n"), {{"s / n", "s / (n - 1)"}}),
          rowForm("reduce_sum_of_squares", reduceBy("sum-of-squares"), "[\"R\"]", summed("a[i] * a[i]", "s"),
                  {{"a[i] * a[i]", "a[i] * a[0]"}}),
          rowForm("reduce_norm", reduceBy("norm"), "[\"R\"]", summed("a[i] * a[i]", "sqrtf(s)"), {{"sqrtf(s)", "s"}}),
          rowForm("reduce_max", reduceBy("max"), "[\"R\"]",
                  "s = a[0]; for (int i = 1; i < n; ++i) s = fmaxf(s, a[i]); y[r] = s;", {{"fmaxf", "fminf"}}),
          rowForm("reduce_min", reduceBy("min"), "[\"R\"]",
                  "s = a[0]; for (int i = 1; i < n; ++i) s = a[i] < s ? a[i] : s; y[r] = s;",
                  {{"a[i] < s", "a[i] > s"}}),
          rowForm("reduce_logsumexp", reduceBy("logsumexp"), "[\"R\"]", summed("expf(a[i] - a[1])", "a[1] + logf(s)"),
                  {{"a[1] + logf(s)", "logf(s)"}})};
}

Form elementwise(const std::string& function, const std::string& expression, Edits mistake) {
  std::string name = "elementwise_" + function;
  std::replace(name.begin(), name.end(), '-', '_');
  return rowForm(name, R"("spec": "elementwise", "options": { "function": ")" + function + R"(", "alpha": "0.3" })",
                 R"(["R", "N"])",
                 "for (int i = 0; i < n; ++i) { const float v = a[i]; y[r * n + i] = " + expression + "; }",
                 std::move(mistake));
}

std::vector<Form> elementwiseForms() {
  return {elementwise("relu", "fmaxf(v, 0.0f)", {{"fmaxf", "fminf"}}),
          elementwise("leaky-relu", "v > 0.0f ? v : 0.3f * v", {{"0.3f * v", "0.6f * v"}}),
          elementwise("abs", "fabsf(v)", {{"fabsf(v)", "v"}}),
          elementwise("elu", "v > 0.0f ? v : 0.3f * expm1f(v)", {{"expm1f", "expf"}}),
          elementwise("gelu", "v * 0.5f * erfcf(-v * 0.70710678f)", {{"v * 0.5f", "v"}}),
          elementwise("gelu-tanh", "0.5f * v * (1.0f + tanhf(0.79788456f * v + 0.035677408f * v * v * v))",
                      {{"v * v * v", "v * v"}}),
          elementwise("silu", "v / (1.0f + __expf(-v))", {{"-v", "v"}}),
          elementwise("sigmoid", "0.5f + 0.5f * tanhf(0.5f * v)", {{"0.5f * v", "v"}}),
          elementwise("tanh", "1.0f - 2.0f / (1.0f + exp2f(2.885390082f * v))", {{"2.885390082f", "2.0f"}}),
          elementwise("softplus", "v + log1pf(expf(-v))", {{"v + log1pf", "log1pf"}}),
          elementwise("exp", "exp2f(v * 1.44269504f)", {{"exp2f", "expf"}}),
          elementwise("square", "v * v", {{"v * v", "v * fabsf(v)"}}),
          elementwise("negate", "0.0f - v", {{"0.0f - v", "v"}})};
}

const char* kNormTensors =
    R"("x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
       "dy": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
       "gamma": { "dtype": "f32", "shape": ["N"], "access": "read" },
       "mean": { "dtype": "f32", "shape": ["R"], "access": "read" },
       "rstd": { "dtype": "f32", "shape": ["R"], "access": "read" },
       "dx": { "dtype": "f32", "shape": ["R", "N"], "access": "write" },
       "dgamma": { "dtype": "f32", "shape": ["N"], "access": "write" },
       "dbeta": { "dtype": "f32", "shape": ["N"], "access": "write" })";

Form layerNormBackward() {
  return {
      "layer_norm_backward",
      "\"spec\": \"layer_norm.backward\"",
      kNormTensors,
      R"("x", "dy", "gamma", "mean", "rstd", "dx", "dgamma", "dbeta", "R", "N")",
      R"(__global__ void k(const float* x, const float* dy, const float* gamma, const float* mean, const float* rstd,
                               float* dx, float* dgamma, float* dbeta, int rows, int n) {
  for (int i = 0; i < n; ++i) {
    float dg = 0.0f, db = 0.0f;
    for (int r = 0; r < rows; ++r) {
      dg += dy[r * n + i] * (x[r * n + i] - mean[r]) * rstd[r];
      db += dy[r * n + i];
    }
    dgamma[i] = dg; dbeta[i] = db;
  }
  for (int r = 0; r < rows; ++r) {
    float g = 0.0f, h = 0.0f; // sums over xhat = (x - mean) rstd: that of x is n mean
    for (int i = 0; i < n; ++i) {
      g += dy[r * n + i] * gamma[i];
      h += dy[r * n + i] * gamma[i] * x[r * n + i];
    }
    const float b = (g * mean[r] - h) * rstd[r] * rstd[r] * rstd[r] / n, c = -b * mean[r] - g * rstd[r] / n;
    for (int i = 0; i < n; ++i)
      dx[r * n + i] = rstd[r] * dy[r * n + i] * gamma[i] + b * x[r * n + i] + c;
  }
})",
      {{"- g * rstd[r] / n", ""}},
      {{"R", 3}, {"N", 11}}};
}

Form normsWithStatistics() {
  return {"layer_norm_statistics",
          "\"spec\": \"layer_norm\"",
          R"("x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
             "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" },
             "mean": { "dtype": "f32", "shape": ["R"], "access": "write" },
             "rstd": { "dtype": "f32", "shape": ["R"], "access": "write" })",
          R"("x", "y", "mean", "rstd", "R", "N")",
          R"(__global__ void k(const float* x, float* y, float* mean, float* rstd, int rows, int n) {
  for (int r = 0; r < rows; ++r) {
    float s = 0.0f, q = 0.0f;
    for (int i = 0; i < n; ++i) { s += x[r * n + i]; q += x[r * n + i] * x[r * n + i]; }
    const float m = s / n, inverse = 1.0f / sqrtf(q / n - m * m + 1e-5f);
    mean[r] = m; rstd[r] = inverse;
    for (int i = 0; i < n; ++i) y[r * n + i] = (x[r * n + i] - m) * inverse;
  }
})",
          {{"rstd[r] = inverse", "rstd[r] = inverse * inverse"}},
          {{"R", 6}, {"N", 11}}};
}

Form rmsNormWithOffset() {
  return {"rms_norm_offset",
          "\"spec\": \"rms_norm\", \"options\": { \"weight_offset\": 1 }",
          R"("x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
             "gamma": { "dtype": "f32", "shape": ["N"], "access": "read" },
             "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" })",
          R"("x", "gamma", "y", "R", "N")",
          R"(__global__ void k(const float* x, const float* gamma, float* y, int rows, int n) {
  for (int r = 0; r < rows; ++r) {
    float q = 0.0f;
    for (int i = 0; i < n; ++i) q += x[r * n + i] * x[r * n + i];
    for (int i = 0; i < n; ++i)
      y[r * n + i] = x[r * n + i] * (1.0f + gamma[i]) * rsqrtf(q / n + 1e-5f);
  }
})",
          {{"(1.0f + gamma[i])", "gamma[i]"}},
          {{"R", 6}, {"N", 11}}};
}

Form crossEntropy() {
  return {"cross_entropy_smoothed",
          R"("spec": "cross_entropy", "options": { "reduction": "mean", "label_smoothing": "0.1", "ignore_index": 2 })",
          R"("logits": { "dtype": "f32", "shape": ["R", "C"], "access": "read" },
             "labels": { "dtype": "i32", "shape": ["R"], "access": "read", "holds": { "range": [0, "C-1"] } },
             "loss": { "dtype": "f32", "shape": ["R"], "access": "write" },
             "LSE": { "dtype": "f32", "shape": ["R"], "access": "write" },
             "total": { "dtype": "f32", "shape": ["1"], "access": "write" },
             "dlogits": { "dtype": "f32", "shape": ["R", "C"], "access": "write" })",
          R"("logits", "labels", "loss", "LSE", "total", "dlogits", "R", "C")",
          R"(__global__ void k(const float* x, const int* labels, float* loss, float* lse, float* total, float* dx,
                               int rows, int n) {
  int counted = 0;
  for (int r = 0; r < rows; ++r) counted += labels[r] != 2;
  float all = 0.0f;
  for (int r = 0; r < rows; ++r) {
    const float* a = x + r * n;
    const bool counts = labels[r] != 2;
    float s = 0.0f, m = 0.0f;
    for (int i = 0; i < n; ++i) { s += expf(a[i] - a[0]); m += a[i]; }
    lse[r] = a[0] + logf(s);
    loss[r] = counts ? lse[r] - 0.9f * a[labels[r]] - 0.1f * m / n : 0.0f;
    if (counts) all += loss[r];
    for (int i = 0; i < n; ++i)
      dx[r * n + i] = counts ? (expf(a[i] - a[0]) / s - (i == labels[r] ? 0.9f : 0.0f) - 0.1f / n) / counted : 0.0f;
  }
  total[0] = all / counted;
})",
          {{"all / counted", "all / rows"}},
          {{"R", 9}, {"C", 5}}};
}

Form matmul() {
  return {"matmul_epilogue",
          R"("spec": "matmul", "options": { "alpha": "0.7", "beta": "0.3", "activation": "silu" })",
          R"("a": { "dtype": "f32", "shape": ["M", "K"], "axes": ["m", "k"], "access": "read", "role": "A" },
             "b": { "dtype": "f32", "shape": ["N", "K"], "axes": ["n", "k"], "access": "read", "role": "B" },
             "c": { "dtype": "f32", "shape": ["M", "N"], "axes": ["m", "n"], "access": "read_write", "role": ["C", "D"] },
             "bias": { "dtype": "f32", "shape": ["N"], "access": "read" })",
          R"("a", "b", "c", "bias", "M", "N", "K")",
          R"(__global__ void k(const float* a, const float* b, float* c, const float* bias, int m, int n, int k) {
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      float s = 0.0f;
      for (int e = 0; e < k; ++e) s += a[i * k + e] * b[j * k + e];
      const float v = 0.7f * s + 0.3f * c[i * n + j] + bias[j];
      c[i * n + j] = v / (1.0f + expf(-v));
    }
})",
          {{"0.3f * c[i * n + j]", "c[i * n + j]"}},
          {{"M", 3}, {"N", 5}, {"K", 7}}};
}

Form rope() {
  return {"rope_interleaved_inverse",
          R"("spec": "rope", "options": { "style": "interleaved", "direction": "inverse", "rotary": 4 })",
          R"("x": { "dtype": "f32", "shape": ["T", "6"], "axes": ["n", "d"], "access": "read" },
             "cos": { "dtype": "f32", "shape": ["P", "2"], "access": "read" },
             "sin": { "dtype": "f32", "shape": ["P", "2"], "access": "read" },
             "positions": { "dtype": "i32", "shape": ["T"], "axes": ["n"], "access": "read",
                            "holds": { "range": [0, "P-1"] } },
             "y": { "dtype": "f32", "shape": ["T", "6"], "axes": ["n", "d"], "access": "write" })",
          R"("x", "cos", "sin", "positions", "y", "T")",
          R"(__global__ void k(const float* x, const float* c, const float* s, const int* at, float* y, int tokens) {
  for (int t = 0; t < tokens; ++t) {
    for (int i = 0; i < 2; ++i) {
      const float u = x[t * 6 + 2 * i], v = x[t * 6 + 2 * i + 1], a = c[at[t] * 2 + i], b = s[at[t] * 2 + i];
      y[t * 6 + 2 * i] = u * a + v * b;
      y[t * 6 + 2 * i + 1] = v * a - u * b;
    }
    y[t * 6 + 4] = x[t * 6 + 4]; y[t * 6 + 5] = x[t * 6 + 5];
  }
})",
          {{"v * a - u * b", "v * a + u * b"}},
          {{"T", 5}, {"P", 4}}};
}

Form splitStates() {
  return {"attention_split",
          R"("spec": "attention.split", "options": { "scale": 1, "split_size": 4 })",
          R"("q": { "dtype": "f32", "shape": ["D"], "axes": ["d"], "access": "read", "role": "Q" },
             "k": { "dtype": "f32", "shape": ["Nk", "D"], "axes": ["nk", "d"], "access": "read", "role": "K" },
             "v": { "dtype": "f32", "shape": ["Nk", "D"], "axes": ["nk", "dv"], "access": "read", "role": "V" },
             "o": { "dtype": "f32", "shape": ["3", "D"], "axes": ["splits", "dv"], "access": "write", "role": "O_partial" },
             "lse": { "dtype": "f32", "shape": ["3"], "axes": ["splits"], "access": "write", "role": "LSE_partial" })",
          R"("q", "k", "v", "o", "lse", "Nk", "D")",
          R"(__global__ void k(const float* q, const float* key, const float* v, float* o, float* lse, int n, int d) {
  for (int s = 0; s < 3; ++s) {
    float sum = 0.0f;
    for (int e = 0; e < d; ++e) o[s * d + e] = 0.0f;
    for (int j = 4 * s; j < 4 * (s + 1) && j < n; ++j) {
      float dot = 0.0f;
      for (int e = 0; e < d; ++e) dot += q[e] * key[j * d + e];
      const float p = expf(dot);
      sum += p;
      for (int e = 0; e < d; ++e) o[s * d + e] += p * v[j * d + e];
    }
    for (int e = 0; e < d && sum > 0.0f; ++e) o[s * d + e] /= sum;
    lse[s] = sum > 0.0f ? logf(sum) : -INFINITY;
  }
})",
          {{"j < n; ++j", "j < n - 1; ++j"}},
          {{"Nk", 7}, {"D", 3}}};
}

Form mergeStates() {
  return {
      "attention_merge",
      "\"spec\": \"attention.merge\"",
      R"("part": { "dtype": "f32", "shape": ["S", "D"], "axes": ["splits", "dv"], "access": "read", "role": "O_partial" },
             "parts": { "dtype": "f32", "shape": ["S"], "axes": ["splits"], "access": "read", "role": "LSE_partial" },
             "o": { "dtype": "f32", "shape": ["D"], "axes": ["dv"], "access": "write", "role": "O" },
             "lse": { "dtype": "f32", "shape": ["1"], "axes": ["nq"], "access": "write", "role": "LSE" })",
      R"("part", "parts", "o", "lse", "S", "D")",
      R"(__global__ void k(const float* part, const float* parts, float* o, float* lse, int s, int d) {
  float top = parts[0], sum = 0.0f;
  for (int i = 1; i < s; ++i) top = fmaxf(top, parts[i]);
  for (int i = 0; i < s; ++i) sum += expf(parts[i] - top);
  lse[0] = top + logf(sum);
  for (int e = 0; e < d; ++e) {
    o[e] = 0.0f;
    for (int i = 0; i < s; ++i) o[e] += expf(parts[i] - lse[0]) * part[i * d + e];
  }
})",
      {{"expf(parts[i] - lse[0])", "expf(parts[i] - top)"}},
      {{"S", 5}, {"D", 3}}};
}

/// P . dP in place of dO . O: only the field's own O and LSE make them one.
Form attentionBackward() {
  return {"attention_backward_delta",
          R"("spec": "attention.backward", "options": { "scale": "0.3", "softcap": 2 })",
          R"("q": { "dtype": "f32", "shape": ["Nq", "D"], "axes": ["nq", "d"], "access": "read", "role": "Q" },
             "k": { "dtype": "f32", "shape": ["Nk", "D"], "axes": ["nk", "d"], "access": "read", "role": "K" },
             "v": { "dtype": "f32", "shape": ["Nk", "D"], "axes": ["nk", "dv"], "access": "read", "role": "V" },
             "o": { "dtype": "f32", "shape": ["Nq", "D"], "axes": ["nq", "dv"], "access": "read", "role": "O" },
             "lse": { "dtype": "f32", "shape": ["Nq"], "axes": ["nq"], "access": "read", "role": "LSE" },
             "d_o": { "dtype": "f32", "shape": ["Nq", "D"], "axes": ["nq", "dv"], "access": "read", "role": "dO" },
             "dq": { "dtype": "f32", "shape": ["Nq", "D"], "axes": ["nq", "d"], "access": "write", "role": "dQ" })",
          R"("q", "k", "v", "o", "lse", "d_o", "dq", "Nq", "Nk", "D")",
          R"(__global__ void k(const float* q, const float* key, const float* v, const float* o, const float* lse,
                               const float* d_o, float* dq, int n_q, int n_k, int d) {
  for (int i = 0; i < n_q; ++i) {
    float delta = 0.0f;
    for (int pass = 0; pass < 2; ++pass)
      for (int j = 0; j < n_k; ++j) {
        float s = 0.0f, dp = 0.0f;
        for (int e = 0; e < d; ++e) { s += q[i * d + e] * key[j * d + e]; dp += d_o[i * d + e] * v[j * d + e]; }
        const float t = tanhf(s * 0.3f / 2.0f), p = expf(2.0f * t - lse[i]);
        if (pass == 0) { delta += p * dp; continue; }
        for (int e = 0; e < d; ++e)
          dq[i * d + e] = (j == 0 ? 0.0f : dq[i * d + e]) + p * (dp - delta) * (1.0f - t * t) * 0.3f * key[j * d + e];
      }
  }
})",
          {{"(1.0f - t * t)", "(1.0f - t)"}},
          {{"Nq", 3}, {"Nk", 5}, {"D", 4}}};
}

Form biasedAttention() {
  return {
      "attention_bias_lengths",
      R"("spec": "attention.forward", "options": { "causal": "top-left", "window_left": 2 })",
      R"("q": { "dtype": "f32", "shape": ["B", "Nq", "D"], "axes": ["b", "nq", "d"], "access": "read", "role": "Q" },
             "k": { "dtype": "f32", "shape": ["B", "Nk", "D"], "axes": ["b", "nk", "d"], "access": "read", "role": "K" },
             "v": { "dtype": "f32", "shape": ["B", "Nk", "D"], "axes": ["b", "nk", "dv"], "access": "read", "role": "V" },
             "bias": { "dtype": "f32", "shape": ["Nq", "Nk"], "axes": ["nq", "nk"], "access": "read" },
             "lengths": { "dtype": "i32", "shape": ["B"], "access": "read", "role": "seqlens_k",
                          "holds": { "range": [1, "Nk"] } },
             "o": { "dtype": "f32", "shape": ["B", "Nq", "D"], "axes": ["b", "nq", "dv"], "access": "write", "role": "O" })",
      R"("q", "k", "v", "bias", "lengths", "o", "B", "Nq", "Nk", "D")",
      R"(__global__ void k(const float* q, const float* key, const float* v, const float* bias, const int* lengths,
                               float* o, int b, int n_q, int n_k, int d) {
  for (int r = 0; r < b * n_q; ++r) {
    const int i = r % n_q, base = r / n_q * n_k;
    float sum = 0.0f;
    for (int e = 0; e < d; ++e) o[r * d + e] = 0.0f;
    for (int j = 0; j < lengths[r / n_q]; ++j) {
      if (j > i || j < i - 2) continue;
      float s = 0.0f;
      for (int e = 0; e < d; ++e) s += q[r * d + e] * key[(base + j) * d + e];
      const float p = expf(s * rsqrtf(static_cast<float>(d)) + bias[i * n_k + j]);
      sum += p;
      for (int e = 0; e < d; ++e) o[r * d + e] += p * v[(base + j) * d + e];
    }
    for (int e = 0; e < d && sum > 0.0f; ++e) o[r * d + e] /= sum;
  }
})",
      {{"j < i - 2", "j < i - 1"}},
      {{"B", 2}, {"Nq", 6}, {"Nk", 7}, {"D", 3}}};
}

std::string nameOf(const testing::TestParamInfo<Form>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(Rows, Forms, testing::ValuesIn(rowForms()), nameOf);
INSTANTIATE_TEST_SUITE_P(Elementwise, Forms, testing::ValuesIn(elementwiseForms()), nameOf);
INSTANTIATE_TEST_SUITE_P(Whole, Forms,
                         testing::Values(layerNormBackward(), normsWithStatistics(), rmsNormWithOffset(),
                                         crossEntropy(), matmul(), rope(), splitStates(), mergeStates(),
                                         attentionBackward(), biasedAttention()),
                         nameOf);

} // namespace
} // namespace kverify::shadow

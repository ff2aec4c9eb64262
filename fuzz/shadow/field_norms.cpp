// Layer norm and RMS norm, forward and backward, in the field. 1/sqrt is the inverse of the multiplicative root of
// simt/shadow/field_arithmetic.h, as in the run.
#include "fuzz/shadow/field_spec.h"

namespace kverify::shadow {
namespace {

/// mean((x - centre)^2) and 1 / sqrt of it with eps.
FieldValue reciprocalRoot(const FieldArithmetic& f, const FieldValue* x, std::int64_t n, const FieldValue& centre,
                          const FieldValue& share, const FieldValue& eps) {
  FieldValue squares;
  for (std::int64_t i = 0; i < n; ++i) {
    const FieldValue distance = f.subtract(x[i], centre);
    f.accumulate(squares, distance, distance);
  }
  return f.inverse(f.root(f.add(f.multiply(squares, share), eps)));
}

FieldValue meanOf(const FieldArithmetic& f, const FieldValue* x, std::int64_t n, const FieldValue& share) {
  FieldValue sum;
  for (std::int64_t i = 0; i < n; ++i)
    sum = f.add(sum, x[i]);
  return f.multiply(sum, share);
}

/// What both norms have; the mean of RMS norm is 0.
struct Norm {
  Norm(FieldCase& one, bool centred)
      : rows(one.run.axis("rows")), n(one.run.axis("n")), x(one.operand("x")), gamma(one.operand("gamma")),
        share(one.share(n)) {
    const FieldValue eps = one.constant(one.run.real("eps"));
    const bool shifts = !centred && one.run.real("weight_offset") != 0;
    const FieldValue offset = shifts ? one.constant(one.run.real("weight_offset")) : FieldValue();
    for (FieldValue& each : gamma)
      each = shifts ? one.field.add(each, offset) : each;
    for (std::int64_t row = 0; row < rows && n > 0; ++row) {
      const FieldValue* first = x.data() + row * n;
      mean.push_back(centred ? meanOf(one.field, first, n, share) : FieldValue());
      rstd.push_back(reciprocalRoot(one.field, first, n, mean.back(), share, eps));
    }
    one.bound(0, 16); // squared to clear the root
  }

  FieldValue normal(const FieldArithmetic& f, std::int64_t row, std::int64_t i) const {
    const auto at = static_cast<std::size_t>(row);
    return f.multiply(f.subtract(x[static_cast<std::size_t>(row * n + i)], mean[at]), rstd[at]);
  }
  FieldValue weighted(const FieldArithmetic& f, const FieldValue& value, std::int64_t i) const {
    return gamma.empty() ? value : f.multiply(value, gamma[static_cast<std::size_t>(i)]);
  }

  std::int64_t rows, n;
  FieldValues x, gamma;
  FieldValue share;
  FieldValues mean, rstd;
};

void backward(FieldCase& one, const Norm& norm, bool centred) {
  const FieldArithmetic& f = one.field;
  const FieldValues dy = one.operand("dy");
  // Saved statistics are those of the forward pass: kernels may use that they are.
  one.out.given["rstd"] = norm.rstd;
  if (centred)
    one.out.given["mean"] = norm.mean;
  FieldValues &dx = one.out.outputs["dx"], &dgamma = one.out.outputs["dgamma"], &dbeta = one.out.outputs["dbeta"];
  dgamma.resize(static_cast<std::size_t>(norm.n));
  dbeta.resize(static_cast<std::size_t>(norm.n));
  for (std::int64_t row = 0; row < norm.rows && norm.n > 0; ++row) {
    FieldValues g, normal;
    FieldValue sum, projection;
    for (std::int64_t i = 0; i < norm.n; ++i) {
      const FieldValue& each = dy[static_cast<std::size_t>(row * norm.n + i)];
      normal.push_back(norm.normal(f, row, i));
      g.push_back(norm.weighted(f, each, i));
      sum = f.add(sum, g.back());
      f.accumulate(projection, g.back(), normal.back());
      f.accumulate(dgamma[static_cast<std::size_t>(i)], each, normal.back());
      dbeta[static_cast<std::size_t>(i)] = f.add(dbeta[static_cast<std::size_t>(i)], each);
    }
    const FieldValue mean = centred ? f.multiply(sum, norm.share) : FieldValue();
    projection = f.multiply(projection, norm.share);
    for (std::size_t i = 0; i < g.size(); ++i) {
      const FieldValue rest = f.subtract(f.subtract(g[i], mean), f.multiply(normal[i], projection));
      dx.push_back(f.multiply(rest, norm.rstd[static_cast<std::size_t>(row)]));
    }
  }
}

void forward(FieldCase& one, const Norm& norm, const FieldValues& beta) {
  const FieldArithmetic& f = one.field;
  FieldValues& y = one.out.outputs["y"];
  for (std::int64_t row = 0; row < norm.rows && norm.n > 0; ++row)
    for (std::int64_t i = 0; i < norm.n; ++i) {
      const FieldValue value = norm.weighted(f, norm.normal(f, row, i), i);
      y.push_back(beta.empty() ? value : f.add(value, beta[static_cast<std::size_t>(i)]));
    }
  one.out.outputs["rstd"] = norm.rstd;
}

} // namespace

void layerNormInField(FieldCase& one) {
  const Norm norm(one, true);
  forward(one, norm, one.operand("beta"));
  one.out.outputs["mean"] = norm.mean;
}

void rmsNormInField(FieldCase& one) {
  forward(one, Norm(one, false), {});
}

void layerNormBackwardInField(FieldCase& one) {
  backward(one, Norm(one, true), true);
}

void rmsNormBackwardInField(FieldCase& one) {
  backward(one, Norm(one, false), false);
}

} // namespace kverify::shadow

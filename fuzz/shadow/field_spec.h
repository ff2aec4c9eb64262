#pragma once
// Specs evaluated in the finite field (simt/shadow/field.h): what a kernel whose algebra is right gives, exactly.
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "fuzz/judge/operation_run.h"
#include "simt/shadow/field_arithmetic.h"
#include "simt/shadow/shadow.h"

namespace kverify::shadow {

using simt::shadow::FieldArithmetic;
using simt::shadow::FieldMode;
using simt::shadow::FieldValue;
using simt::shadow::KnownConstant;
using FieldValues = std::vector<FieldValue>;

/// By role, each in the order of the spec's axes. A logarithm is given by its exponential, as kLogarithm; nothing is
/// asked of an element that is unknown.
using FieldReference = std::map<std::string, FieldValues>;

struct FieldSpec {
  FieldReference outputs;
  FieldReference given;             ///< inputs that follow from others (O and LSE of a backward pass): the field's own
  std::vector<KnownConstant> known; ///< what the run's constants may stand for; see simt::shadow::Inputs
  FieldMode mode = FieldMode::Pairs;
  /// A bound on the probability that a wrong algebra gives these outputs in one run (Schwartz 1980, Zippel 1979), for
  /// results that are quotients of sums of no more terms and no higher degree than the spec's own, where the powers of
  /// the base of exp to distinct exponents count as independent.
  double escape_probability = 1;
  std::string uncovered; ///< why there is no evaluation, in words; empty = there is one
};

/// A case on which a spec is evaluated. What it finds out about constants and inputs goes into `out`.
class FieldCase {
public:
  FieldCase(const judge::OperationRun& run, std::uint64_t seed, FieldMode mode) : run(run), field(seed, mode) {
    out.mode = mode;
  }

  /// All elements of a role, in the order of the axes; empty where the contract has no such tensor. As the run has
  /// them: -inf and its stand-ins are kMinusInfinity.
  FieldValues operand(const std::string& role) const;
  /// Residues for a real number of the spec: those of FieldArithmetic::named, else random ones, and then it (and its
  /// inverse) is known to the run.
  FieldValue constant(double value);
  /// A number that the run's constants may stand for.
  void know(double value, const FieldValue& residues);
  /// 1 / n, which hosts like to pass.
  FieldValue share(std::int64_t n);

  /// Sets the escape probability: an element's numerator has `exponents` exponentials, whose exponents and coefficients
  /// are of this degree. One of them coincides with another, or what is left vanishes.
  void bound(double exponents, double degree);

  const judge::OperationRun& run;
  FieldArithmetic field;
  FieldSpec out;
};

/// An element of which nothing is asked.
FieldValue open();

/// The specs that have an evaluation in the field, by oracle name. Null for others.
/// What of it the field does not have ends in FieldSpec::uncovered.
using FieldEvaluation = void (*)(FieldCase&);
FieldEvaluation fieldEvaluation(const std::string& oracle);
/// Has the operation, as the contract uses it, an exponential in an exponent?
FieldMode fieldModeOf(const judge::OperationRun& run);

void softmaxInField(FieldCase& one);
void logSoftmaxInField(FieldCase& one);
void crossEntropyInField(FieldCase& one);
void reductionInField(FieldCase& one);
void layerNormInField(FieldCase& one);
void rmsNormInField(FieldCase& one);
void layerNormBackwardInField(FieldCase& one);
void rmsNormBackwardInField(FieldCase& one);
void attentionInField(FieldCase& one);
void attentionVarlenInField(FieldCase& one);
void attentionPagedInField(FieldCase& one);
void attentionSplitInField(FieldCase& one);
void attentionMergeInField(FieldCase& one);
void attentionBackwardInField(FieldCase& one);
void matmulInField(FieldCase& one);
void elementwiseInField(FieldCase& one);
void ropeInField(FieldCase& one);

} // namespace kverify::shadow

#pragma once
// Specs evaluated in the finite field (simt/shadow/field.h): what a kernel whose algebra is right gives, exactly.
#include <map>
#include <string>
#include <vector>

#include "fuzz/judge/operation_run.h"
#include "simt/shadow/field.h"
#include "simt/shadow/shadow.h"

namespace kverify::shadow {

using simt::shadow::KnownConstant;
using simt::shadow::ModP;
using simt::shadow::ModQ;
using simt::shadow::Word;
using simt::shadow::Words;

/// One output role, in the order of the spec's axes. A logarithm is given by its exponential, as kLogarithm.
using FieldReference = std::map<std::string, std::vector<Words>>;

struct FieldSpec {
  FieldReference outputs;
  std::vector<KnownConstant> known; ///< what the run's constants may stand for; see simt::shadow::Inputs
  /// A bound on the probability that a wrong algebra gives these outputs in one run (Schwartz 1980, Zippel 1979), where
  /// the powers of the base of exp to distinct exponents count as independent.
  double escape_probability = 1;
  std::string uncovered; ///< why there is no evaluation, in words; empty = there is one
};

/// A case on which a spec is evaluated. Its inputs are finite and below 1e4: then every element is a symbol.
struct FieldCase {
  const judge::OperationRun& run;
  std::uint64_t seed = 0;

  /// All elements of a role, in the order of the axes; empty where the contract has no such tensor.
  std::vector<Words> operand(const std::string& role) const;
};

/// Residues for a real number of the spec: its own where it is a short dyadic number, else random ones by `seed`, and
/// then it (and its inverse) is added to `known`.
Words constantOf(double value, std::uint64_t seed, std::vector<KnownConstant>& known);

/// The specs that have an evaluation in the field, by oracle name. Null for others.
/// What of it the field does not have ends in FieldSpec::uncovered.
using FieldEvaluation = FieldSpec (*)(const FieldCase&);
FieldEvaluation fieldEvaluation(const std::string& oracle);

FieldSpec attentionInField(const FieldCase& one);
FieldSpec softmaxInField(const FieldCase& one);
FieldSpec layerNormInField(const FieldCase& one);

/// exp in a run of this seed, of an element of Z_q; the table is made once a seed.
class FieldExponential {
public:
  explicit FieldExponential(std::uint64_t seed);
  Word operator()(Word x) const { return simt::shadow::powerOf(powers_.data(), x); }

private:
  std::vector<Word> powers_;
};

} // namespace kverify::shadow

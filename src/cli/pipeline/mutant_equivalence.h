#pragma once
// Is a mutant that nothing killed another program at all?
#include <span>
#include <string>

#include "cli/pipeline/mutant_jury.h"
#include "cli/pipeline/mutate.h"
#include "fuzz/mutate/mutants.h"

namespace kverify::pipeline {

/// Decides the fate of what the jury let pass, and says what is known of it. Equivalent only by proof: the same code
/// after optimisation, or a solver's answer for all launches of the contract (the changed integer has the same value,
/// nobody gets to the place, nothing races without the barrier). SameFunction where field runs of at least two of the
/// cases in which the changed value is another one give the operation all the same, with several sets of residues;
/// never for what decides about the order of threads or about first values. Where such a run gives something else, the
/// algebra has killed it after all. That no case executes a place is no proof: such a mutant survived.
void settleSurvivors(const Subject& subject, const mutate::Mutants& mutants, const Jury& jury,
                     const AuditOptions& options, std::span<MutantResult* const> survivors);

} // namespace kverify::pipeline

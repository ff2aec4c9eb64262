#pragma once
// A second solver, as a program of its own: what Z3 has proved is asked again.
#include <string>

#include "verifier/smt/solver.h"

namespace kverify::verifier {

struct SecondOpinion {
  Answer answer = Answer::Unknown; ///< Unknown also where the program could not be run
  double seconds = 0;
};

/// Runs `program` on SMT-LIB text of linear integer arithmetic. Errors end as Unknown.
SecondOpinion askProgram(const std::string& program, const std::string& smt2, unsigned timeout_ms);

/// "cvc5 1.0.3", or empty where there is no such program.
std::string versionOfProgram(const std::string& program);

} // namespace kverify::verifier

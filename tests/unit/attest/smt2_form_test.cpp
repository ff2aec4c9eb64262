// What may be sent to a solver, and what could make any answer look like a proof.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/smt2_form.h"

namespace kverify::attest {
namespace {

constexpr const char* kPlain = R"(; benchmark generated from C++ API
(set-info :status unknown)
(declare-fun |tid.x#1| () Int)
(declare-fun |a b| () Bool)
(assert
 (let (($x7 (>= |tid.x#1| 0)))
 (and $x7 (or |a b| (< (+ |tid.x#1| (* (- 1) 3)) 4)))))
(check-sat)
)";

TEST(Smt2Form, TakesAPlainQuestion) {
  EXPECT_EQ(whyNotPlain(kPlain), std::nullopt);
  EXPECT_EQ(whyNotPlain("(check-sat)"), std::nullopt) << "satisfiable, which the solver will say";
}

TEST(Smt2Form, RefusesOtherCommands) {
  for (const char* command :
       {"(echo \"unsat\")", "(set-option :print-success true)", "(set-option :produce-models true)", "(push 1)", "(pop 1)",
        "(reset)", "(reset-assertions)", "(exit)", "(get-info :name)", "(get-model)", "(set-logic QF_BV)",
        "(define-fun f () Int 1)", "(define-sort S () Int)", "(declare-sort S 0)", "(declare-const x Int)",
        "(declare-fun f (Int) Int)", "(declare-fun x () Real)", "(include \"other.smt2\")",
        "(set-info :status unsat)", "(set-info :source |x|)", "(check-sat-assuming (false))", "(assert)", "(get-value (x))"}) {
    auto why = whyNotPlain(std::string(command) + "\n" + kPlain);
    EXPECT_TRUE(why) << command << " was taken";
  }
}

TEST(Smt2Form, AsksOnceAndAtTheEnd) {
  EXPECT_THAT(whyNotPlain("(assert true)").value(), testing::HasSubstr("asks nothing"));
  EXPECT_THAT(whyNotPlain("").value(), testing::HasSubstr("asks nothing"));
  EXPECT_THAT(whyNotPlain("(check-sat)(assert false)(check-sat)").value(), testing::HasSubstr("goes on"));
  EXPECT_THAT(whyNotPlain("(check-sat)\n(check-sat)").value(), testing::HasSubstr("goes on"));
}

TEST(Smt2Form, RefusesWhatIsNoSmtLib) {
  for (std::string text : {"(assert true", "(assert true))(check-sat)", "assert", "()", "(assert |open)(check-sat)",
                           "((assert true))(check-sat)", "(assert \"x\")(check-sat)", "(assert #b01)(check-sat)\x01"})
    EXPECT_TRUE(whyNotPlain(text)) << text << " was taken";
  EXPECT_TRUE(whyNotPlain(std::string_view("(assert true)\0(check-sat)", 25)));
}

TEST(Smt2Form, ACommentHidesNothing) {
  EXPECT_TRUE(whyNotPlain("(assert true) ; (check-sat)"));
  EXPECT_TRUE(whyNotPlain("; |\n(echo |\n|)(check-sat)"));
}

TEST(Smt2Form, DepthCostsNoStack) {
  std::string deep = "(assert " + std::string(2'000'000, '(');
  EXPECT_TRUE(whyNotPlain(deep));
}

} // namespace
} // namespace kverify::attest

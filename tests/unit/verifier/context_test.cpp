// What becomes of an answer: which question it is of, how it is tallied, what two solvers that disagree come to.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verifier/checks/context.h"

namespace kverify::verifier {
namespace {

constexpr const char* kCheck = "race.shared-read-write";

class ContextTest : public testing::Test {
protected:
  ~ContextTest() override { std::filesystem::remove(program_); }

  /// A second solver: yes to every query in which `word` is not mentioned, else no.
  std::string disagreesUnless(const std::string& word) {
    program_ = testing::TempDir() + "/second_solver_" + std::to_string(getpid());
    std::ofstream(program_) << "#!/bin/sh\nif grep -q " << word << "; then echo unsat; else echo sat; fi\n";
    std::filesystem::permissions(program_, std::filesystem::perms::owner_all);
    return program_;
  }

  TermPtr symbol(const char* name) { return pool_.symbol({name, Scope::Thread, SymKind::Plain, {}, {}}); }
  TermPtr atMost(TermPtr value, std::int64_t most) { return pool_.le(value, pool_.constant(most)); }

  /// "x <= 0, y <= 0, x + y >= 1", which is impossible, and one assertion more.
  void ask(Context& context, const char* check = kCheck) {
    TermPtr x = symbol("left"), y = symbol("right");
    std::vector<TermPtr> fewer = {atMost(x, 0), atMost(y, 0), pool_.le(pool_.constant(1), pool_.add(x, y))};
    std::vector<TermPtr> all = fewer;
    all.push_back(atMost(symbol("beyond"), 5));
    context.refuteAll(check, all, "two threads may meet", {}, {}, fewer);
  }

  Context context() { return {pool_, model_, domain_, "kernel", options_, listed_, tallies_, result_}; }

  TermPool pool_;
  KernelModel model_;
  Domain domain_;
  ProveOptions options_;
  std::vector<Sizes> listed_;
  std::map<std::string, Tally> tallies_;
  ProveResult result_;
  std::string program_;
};

TEST_F(ContextTest, ADisagreementAboutFewerAssertionsIsReported) {
  options_.second_solver = disagreesUnless("beyond");
  Context judged = context();
  ask(judged);
  judged.settle();
  const Tally& tally = tallies_[kCheck];
  ASSERT_EQ(tally.open.size(), 1u) << "the second solver refutes the first: what it says of more assertions, which it "
                                      "agrees about, does not make up for that";
  EXPECT_EQ(tally.open[0].code, unknown_reason::tool_error);
  EXPECT_THAT(tally.open[0].detail, testing::HasSubstr("says yes to query"));
  EXPECT_EQ(tally.proved, 0u);
  EXPECT_TRUE(result_.proved_queries.empty()) << "the next run would take it from the cache";
}

TEST_F(ContextTest, FewerAssertionsThatBothSolversRefuteAreAProof) {
  options_.second_solver = disagreesUnless("left");
  Context judged = context();
  ask(judged);
  judged.settle();
  EXPECT_THAT(tallies_[kCheck].open, testing::IsEmpty());
  EXPECT_EQ(tallies_[kCheck].proved, 1u);
  EXPECT_EQ(tallies_[kCheck].cross_checked, 1u);
  EXPECT_EQ(result_.queries, 1u) << "the question with all assertions need not be asked";
}

TEST_F(ContextTest, ATryInVainIsCounted) {
  TermPtr x = symbol("left");
  Context judged = context();
  judged.refuteAll(kCheck, {atMost(x, 0), pool_.le(pool_.constant(1), x)}, "two threads may meet", {}, {},
                   {atMost(x, 0)});
  judged.settle();
  EXPECT_EQ(tallies_[kCheck].proved, 1u);
  EXPECT_EQ(result_.queries, 2u) << "the try with fewer assertions, and the question itself";
  EXPECT_NEAR(tallies_[kCheck].seconds, result_.seconds, 1e-9) << "both were asked for this check alone";
}

TEST_F(ContextTest, ADisagreementAtAListedSizeIsReported) {
  listed_ = {{{"n", 4}}};
  options_.obligation_ms = 2000;
  options_.second_solver = disagreesUnless("nothing-like-this");
  TermPtr n = pool_.symbol({"size.n", Scope::Grid, SymKind::Plain, 2, 1 << 20});
  // n^3 - n = 6x + 1: three numbers in a row have a multiple of 3 among them. Only at n = 4 it is a question about sums.
  TermPtr cube = pool_.sub(pool_.mul(n, pool_.mul(n, n)), n);
  TermPtr odd = pool_.add(pool_.mul(pool_.constant(6), symbol("left")), pool_.constant(1));
  Context judged = context();
  judged.refuteAll(kCheck, {pool_.le(cube, odd), pool_.le(odd, cube)}, "two threads may meet", {});
  judged.settle();
  ASSERT_EQ(tallies_[kCheck].open.size(), 1u);
  EXPECT_EQ(tallies_[kCheck].open[0].code, unknown_reason::tool_error) << tallies_[kCheck].open[0].detail;
  EXPECT_TRUE(result_.proved_queries.empty());
}

} // namespace
} // namespace kverify::verifier

// Digits of an address: what is guessed has to give the address back, at every element.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verifier/checks/witness.h"

namespace kverify::verifier {
namespace {

using Values = std::map<std::string, std::int64_t>;

std::int64_t evaluate(TermPtr term, const Values& values) {
  auto at = [&](std::size_t i) { return evaluate(term->args[i], values); };
  switch (term->op) {
  case Op::Const: return term->value;
  case Op::Symbol: return values.at(term->sym->name);
  case Op::Add: return at(0) + at(1);
  case Op::Mul: return at(0) * at(1);
  case Op::TruncDiv: return at(1) == 0 ? 0 : at(0) / at(1);
  case Op::FloorDiv: return at(0) / at(1) - (at(0) % at(1) < 0 ? 1 : 0);
  case Op::Le: return at(0) <= at(1);
  case Op::Eq: return at(0) == at(1);
  case Op::Not: return at(0) == 0;
  case Op::Ite: return at(0) ? at(1) : at(2);
  case Op::True: return 1;
  default: return 0;
  }
}

class Witness : public testing::Test {
protected:
  TermPtr symbol(const std::string& name, Scope scope = Scope::Thread, std::optional<std::int64_t> high = {}) {
    Sym sym;
    sym.name = name;
    sym.scope = scope;
    sym.low = 0;
    sym.high = high;
    return pool.symbol(sym);
  }
  TermPtr number(std::int64_t value) { return pool.constant(value); }
  TermPtr sum(TermPtr a, TermPtr b) { return pool.add(a, b); }
  TermPtr product(TermPtr a, TermPtr b) { return pool.mul(a, b); }
  TermPtr rest(TermPtr a, TermPtr b) { return pool.sub(a, pool.mul(b, pool.truncDiv(a, b))); }

  /// The address under the first guess, as a function of known values; fails where there is no guess.
  std::function<std::int64_t(const Values&)> addressOf(TermPtr address, TermPtr target,
                                                       const std::vector<TermPtr>& unknowns, bool borrow = false) {
    std::vector<const Sym*> symbols;
    for (TermPtr unknown : unknowns)
      symbols.push_back(unknown->sym);
    auto guesses = solveFor(pool, address, target, symbols, {}, borrow);
    if (guesses.empty())
      return {};
    Assignment guess = guesses.front();
    for (const Sym* sym : symbols)
      guess.emplace(sym, number(0));
    found = guess;
    TermPtr put = Substitution(pool, guess)(address);
    return [put](const Values& values) { return evaluate(put, values); };
  }

  TermPool pool;
  Assignment found;
  TermPtr t = symbol("t", Scope::Thread, 127), b = symbol("b", Scope::Block), k = symbol("k");
  TermPtr e = symbol("e"), r = symbol("r"), n = symbol("n", Scope::Grid), m = symbol("m", Scope::Grid);
};

TEST_F(Witness, BlockAndThreadAreQuotientAndRemainder) {
  auto address = addressOf(product(number(4), sum(product(number(128), b), t)), product(number(4), e), {t, b});
  ASSERT_TRUE(address);
  for (std::int64_t i : {0, 1, 127, 128, 1000}) {
    EXPECT_EQ(address({{"e", i}}), 4 * i);
    EXPECT_EQ(evaluate(found.at(b->sym), {{"e", i}}), i / 128);
  }
}

TEST_F(Witness, LaneAndWarpAreTakenTogetherAgain) {
  // row = 4 * b + t / 32, column = t % 32 + 32 * k, rows of n
  TermPtr row = sum(product(number(4), b), pool.truncDiv(t, number(32)));
  TermPtr column = sum(rest(t, number(32)), product(number(32), k));
  auto address = addressOf(sum(product(n, row), column), sum(product(n, r), e), {t, b, k});
  ASSERT_TRUE(address);
  for (std::int64_t y : {0, 3, 4, 7})
    for (std::int64_t x : {0, 31, 32, 99}) {
      Values at = {{"r", y}, {"e", x}, {"n", 100}};
      EXPECT_EQ(address(at), 100 * y + x);
      EXPECT_EQ(evaluate(found.at(t->sym), at), y % 4 * 32 + x % 32);
    }
}

TEST_F(Witness, SplitIndicesAreJoined) {
  // i = t + 128 * k into rows of 33: x[i / 32 * 33 + i % 32]
  TermPtr i = sum(t, product(number(128), k));
  TermPtr split = sum(product(number(33), pool.truncDiv(i, number(32))), rest(i, number(32)));
  auto address = addressOf(split, sum(product(number(33), r), e), {t, k});
  ASSERT_TRUE(address);
  for (std::int64_t y = 0; y < 12; ++y)
    for (std::int64_t x : {0, 1, 31})
      EXPECT_EQ(address({{"r", y}, {"e", x}}), 33 * y + x);
}

TEST_F(Witness, ATransposedIndexIsUndone) {
  // i = 128 * b + t, x[(i % n) * m + i / n]
  TermPtr i = sum(product(number(128), b), t);
  TermPtr address_term = sum(product(rest(i, n), m), pool.truncDiv(i, n));
  auto address = addressOf(address_term, sum(product(m, r), e), {t, b});
  ASSERT_TRUE(address);
  for (std::int64_t y : {0, 5, 69})  // of n = 70
    for (std::int64_t x : {0, 2, 8}) // of m = 9
      EXPECT_EQ(address({{"r", y}, {"e", x}, {"n", 70}, {"m", 9}}), 9 * y + x);
}

TEST_F(Witness, NumbersStayInTheirDigitOrCarryOver) {
  TermPtr address_term = sum(sum(product(number(16), b), t), number(8));
  ASSERT_TRUE(addressOf(address_term, e, {t, b}));
  EXPECT_EQ(evaluate(found.at(b->sym), {{"e", 27}}), 1);
  EXPECT_EQ(evaluate(found.at(t->sym), {{"e", 27}}), 3);
  ASSERT_TRUE(addressOf(address_term, e, {t, b}, true));
  EXPECT_EQ(evaluate(found.at(b->sym), {{"e", 17}}), 0);
  EXPECT_EQ(evaluate(found.at(t->sym), {{"e", 17}}), 9);
}

TEST_F(Witness, VectorsAreFoundByAnyOfTheirElements) {
  auto address = addressOf(product(number(16), t), product(number(4), e), {t});
  ASSERT_TRUE(address);
  for (std::int64_t i : {0, 1, 3, 4, 11})
    EXPECT_EQ(address({{"e", i}}), i / 4 * 16);
}

TEST_F(Witness, FromTheEndBackwards) {
  auto address = addressOf(pool.sub(number(127), t), e, {t});
  ASSERT_TRUE(address);
  EXPECT_EQ(address({{"e", 100}}), 100);
}

TEST_F(Witness, BothArmsOfAChoiceAreTried) {
  TermPtr choice = pool.ite(pool.lt(t, n), t, number(0));
  std::vector<Assignment> guesses = solveFor(pool, product(number(4), choice), product(number(4), e), {t->sym});
  ASSERT_EQ(guesses.size(), 2u);
  EXPECT_EQ(guesses[0].at(t->sym), e);
  EXPECT_FALSE(guesses[1].count(t->sym));
}

TEST_F(Witness, EquationsSettleWhatTheAddressLeavesOpen) {
  // x[t / 32] where t % 32 = 31
  TermPtr last = pool.sub(rest(t, number(32)), number(31));
  std::vector<Assignment> guesses = solveFor(pool, pool.truncDiv(t, number(32)), e, {t->sym}, {last});
  ASSERT_FALSE(guesses.empty());
  EXPECT_EQ(evaluate(guesses[0].at(t->sym), {{"e", 2}}), 95);
}

TEST_F(Witness, NobodyIsChosenByWhatOnlyHeKnows) {
  TermPtr loaded = symbol("loaded");
  EXPECT_THAT(solveFor(pool, sum(t, loaded), e, {t->sym}), testing::IsEmpty());
  EXPECT_THAT(solveFor(pool, product(t, b), e, {t->sym, b->sym}), testing::IsEmpty()) << "products do not come apart";
}

} // namespace
} // namespace kverify::verifier

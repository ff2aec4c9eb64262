#include <gtest/gtest.h>

#include "verifier/model/poly.h"
#include "verifier/model/term.h"

namespace kverify::verifier {
namespace {

TermPtr named(TermPool& pool, const char* name) {
  Sym sym;
  sym.name = name;
  return pool.symbol(sym);
}

TEST(Term, EqualTermsAreOne) {
  TermPool pool;
  TermPtr a = named(pool, "a"), b = named(pool, "b");
  EXPECT_EQ(pool.add(a, b), pool.add(b, a));
  EXPECT_EQ(pool.mul(a, pool.constant(1)), a);
  EXPECT_EQ(pool.add(pool.constant(2), pool.constant(3)), pool.constant(5));
}

TEST(Term, ArmsOfABranchMeetAgain) {
  TermPool pool;
  TermPtr before = pool.le(named(pool, "a"), named(pool, "b")), choice = pool.le(named(pool, "c"), pool.constant(0));
  EXPECT_EQ(pool.either(pool.both(before, choice), pool.both(before, pool.negate(choice))), before);
  EXPECT_EQ(pool.both(choice, pool.negate(choice)), pool.boolean(false));
  EXPECT_EQ(pool.either(choice, pool.negate(choice)), pool.boolean(true));
}

TEST(Term, DivisionsOfConstantsRoundAsTheirNamesSay) {
  TermPool pool;
  EXPECT_EQ(pool.truncDiv(pool.constant(-7), pool.constant(2)), pool.constant(-3));
  EXPECT_EQ(pool.floorDiv(pool.constant(-7), 2), pool.constant(-4));
  EXPECT_EQ(pool.floorDiv(pool.constant(-8), 2), pool.constant(-4));
  EXPECT_EQ(pool.floorMod(pool.constant(-7), 2), pool.constant(1));
}

TEST(Poly, ExpandsProductsOfSums) {
  TermPool pool;
  TermPtr a = named(pool, "a"), b = named(pool, "b"), c = named(pool, "c");
  Expander expand;
  Poly left = expand(pool.mul(pool.add(a, b), c)), right = expand(pool.add(pool.mul(a, c), pool.mul(c, b)));
  EXPECT_TRUE(plus(left, right, -1).terms.empty());
  EXPECT_EQ(left.terms.size(), 2u);
}

TEST(Poly, SaysWhenACoefficientIsTooLarge) {
  TermPool pool;
  TermPtr big = pool.add(pool.constant(INT64_MAX), named(pool, "a"));
  Expander expand;
  EXPECT_FALSE(expand(pool.mul(big, big)).overflow);
  EXPECT_TRUE(expand(pool.mul(big, pool.mul(big, big))).overflow);
}

} // namespace
} // namespace kverify::verifier

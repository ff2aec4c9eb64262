#include <gtest/gtest.h>

#include "verifier/smt/solver.h"

namespace kverify::verifier {
namespace {

class SolverTest : public testing::Test {
protected:
  TermPtr size(const char* name, std::int64_t low = 1, std::int64_t high = 1 << 20) {
    return pool.symbol({name, Scope::Grid, SymKind::Plain, low, high});
  }
  TermPtr free(const char* name) { return pool.symbol({name, Scope::Thread, SymKind::Plain, {}, {}}); }
  TermPtr below(TermPtr value, TermPtr limit) {
    return pool.both(pool.le(pool.constant(0), value), pool.lt(value, limit));
  }
  Answer ask(std::vector<TermPtr> assertions) { return Solver(pool, {5000, true, {}}).solve({assertions}).answer; }

  TermPool pool;
};

TEST_F(SolverTest, RowsOfASymbolicLengthDoNotMeet) {
  TermPtr d = size("d"), t1 = free("t1"), t2 = free("t2"), x1 = free("x1"), x2 = free("x2");
  TermPtr same = pool.eq(pool.add(pool.mul(t1, d), x1), pool.add(pool.mul(t2, d), x2));
  TermPtr apart = pool.negate(pool.eq(t1, t2));
  EXPECT_EQ(ask({same, apart, below(x1, d), below(x2, d)}), Answer::Unsatisfiable);
  EXPECT_EQ(ask({same, apart, below(x1, d), below(x2, pool.add(d, pool.constant(1)))}), Answer::Satisfiable)
      << "one element more, and they do";
}

// Against arithmetic itself: a definition that is too strong would make true values impossible.
TEST_F(SolverTest, DivisionsAllowTheirTrueValues) {
  for (std::int64_t x = -9; x <= 9; ++x)
    for (std::int64_t d : {-3, -1, 1, 2, 4, 7}) {
      TermPtr a = free("a"), b = free("b");
      TermPtr fixed = pool.both(pool.eq(a, pool.constant(x)), pool.eq(b, pool.constant(d)));
      TermPtr quotient = pool.truncDiv(a, b);
      EXPECT_NE(ask({fixed, pool.eq(quotient, pool.constant(x / d))}), Answer::Unsatisfiable) << x << " / " << d;
      if (d > 0) {
        EXPECT_EQ(ask({fixed, pool.negate(pool.eq(pool.truncDiv(a, pool.constant(d)), pool.constant(x / d)))}),
                  Answer::Unsatisfiable);
        std::int64_t mod = ((x % d) + d) % d;
        EXPECT_NE(ask({fixed, pool.eq(pool.floorMod(a, d), pool.constant(mod))}), Answer::Unsatisfiable);
      }
    }
}

TEST_F(SolverTest, BitwiseFunctionsAllowTheirTrueValues) {
  for (std::int64_t x = 0; x <= 6; ++x)
    for (std::int64_t y = 0; y <= 6; ++y) {
      TermPtr a = free("a"), b = free("b");
      TermPtr fixed = pool.both(pool.eq(a, pool.constant(x)), pool.eq(b, pool.constant(y)));
      EXPECT_NE(ask({fixed, pool.eq(pool.apply("and", {a, b}), pool.constant(x & y))}), Answer::Unsatisfiable);
      EXPECT_NE(ask({fixed, pool.eq(pool.apply("or", {a, b}), pool.constant(x | y))}), Answer::Unsatisfiable);
      EXPECT_NE(ask({fixed, pool.eq(pool.apply("xor", {a, b}), pool.constant(x ^ y))}), Answer::Unsatisfiable);
    }
}

TEST_F(SolverTest, LemmasNeverContradictTrueProducts) {
  for (std::int64_t x : {-3, 0, 2})
    for (std::int64_t y : {-2, 0, 5})
      for (std::int64_t z : {1, 3}) {
        TermPtr a = free("a"), b = free("b"), d = size("d");
        TermPtr product = pool.mul(a, d), other = pool.mul(b, d);
        EXPECT_NE(ask({pool.eq(a, pool.constant(x)), pool.eq(b, pool.constant(y)), pool.eq(d, pool.constant(z)),
                       pool.eq(product, pool.constant(x * z)), pool.eq(other, pool.constant(y * z)),
                       pool.le(a, pool.constant(x)), pool.le(pool.constant(y), b)}),
                  Answer::Unsatisfiable)
            << x << " " << y << " " << z;
      }
}

} // namespace
} // namespace kverify::verifier

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "kverify/expr.h"

namespace kverify {
namespace {

using ::testing::HasSubstr;

std::int64_t integer(const std::string& text, const Sizes& sizes = {}) {
  auto expr = parseExpr(text);
  EXPECT_TRUE(expr) << expr.error().message;
  if (!expr)
    return -999;
  auto value = evalInteger(*expr, sizes);
  EXPECT_TRUE(value) << value.error().message;
  return value.value_or(-999);
}

double real(const std::string& text, const Sizes& sizes = {}) {
  auto expr = parseExpr(text, ExprMode::Real);
  EXPECT_TRUE(expr) << expr.error().message;
  if (!expr)
    return -999;
  auto value = evalReal(*expr, sizes);
  EXPECT_TRUE(value) << value.error().message;
  return value.value_or(-999);
}

std::string parseError(const std::string& text, ExprMode mode = ExprMode::Integer,
                       const std::vector<std::string>* names = nullptr) {
  auto expr = parseExpr(text, mode, names, "c.json:3 (/x)");
  if (expr)
    return "parsed";
  EXPECT_EQ(expr.error().place, "c.json:3 (/x)");
  return expr.error().message + (expr.error().hint.empty() ? "" : " | " + expr.error().hint);
}

std::string evalError(const std::string& text, const Sizes& sizes = {}) {
  auto value = evalInteger(parseExpr(text).value(), sizes);
  return value ? "no error" : value.error().message;
}

TEST(Expr, PrecedenceAndAssociativity) {
  EXPECT_EQ(integer("2 + 3 * 4"), 14);
  EXPECT_EQ(integer("20 - 3 - 4"), 13);
  EXPECT_EQ(integer("100 / 5 / 2"), 10);
  EXPECT_EQ(integer("17 % 5 * 2"), 4);
  EXPECT_EQ(integer("-2 * 3"), -6);
  EXPECT_EQ(integer("(2 + 3) * 4"), 20);
  EXPECT_EQ(integer("1 + 1 == 2 and not 0"), 1);
  EXPECT_EQ(integer("0 and 0 or 1"), 1);
  EXPECT_EQ(integer("1 || 0 && 0"), 1);
  EXPECT_EQ(integer("!0 && 3 != 4"), 1);
  EXPECT_EQ(integer("not 1 == 2"), 1) << "not binds looser than ==";
}

TEST(Expr, CallsAndNames) {
  EXPECT_EQ(integer("ceildiv(N, 32)", {{"N", 33}}), 2);
  EXPECT_EQ(integer("ceildiv(N, 32)", {{"N", 64}}), 2);
  EXPECT_EQ(integer("ceildiv(0-7, 2)"), -3);
  EXPECT_EQ(integer("min(N, M) + max(N, M)", {{"N", 3}, {"M", 8}}), 11);
}

TEST(Expr, IntegerDivisionIsThatOfC) {
  EXPECT_EQ(integer("-7 / 2"), -3);
  EXPECT_EQ(integer("-7 % 2"), -1);
}

TEST(Expr, RealMode) {
  EXPECT_DOUBLE_EQ(real("1/sqrt(D)", {{"D", 64}}), 0.125);
  EXPECT_DOUBLE_EQ(real("rsqrt(D)", {{"D", 64}}), 0.125);
  EXPECT_DOUBLE_EQ(real("1e-5"), 1e-5);
  EXPECT_DOUBLE_EQ(real(".5 + 2.25E+1"), 23);
  EXPECT_DOUBLE_EQ(real("log(8)/log(2)"), 3);
  EXPECT_DOUBLE_EQ(real("7/2"), 3.5);
}

TEST(Expr, AndOrStopEarly) {
  EXPECT_EQ(integer("N == 0 or M % N == 0", {{"N", 0}, {"M", 5}}), 1);
  EXPECT_EQ(integer("N > 0 and M % N == 0", {{"N", 0}, {"M", 5}}), 0);
}

TEST(Expr, ParseErrorsGiveTheColumn) {
  EXPECT_EQ(parseError("N + "), "expected a number, a name or '(', found the end, at column 5 of 'N + '");
  EXPECT_EQ(parseError("min(N, 3"), "expected ')', found the end, at column 9 of 'min(N, 3'");
  EXPECT_EQ(parseError("min(N)"), "expected ',', found ')', at column 6 of 'min(N)'");
  EXPECT_EQ(parseError("N @ 2"), "expected an operator or the end, found '@', at column 3 of 'N @ 2'");
  EXPECT_EQ(parseError("2N"), "expected an operator after the number, found 'N', at column 2 of '2N'");
  EXPECT_EQ(parseError("1 <= N <= 4"),
            "comparisons do not chain, at column 8 of '1 <= N <= 4' | write 'a <= b and b <= c'");
  EXPECT_EQ(parseError(""), "expected a number, a name or '(', found the end, at column 1 of ''");
  EXPECT_EQ(parseError("1/sqrt(D)"), "sqrt in a place for an integer, at column 3 of '1/sqrt(D)'");
  EXPECT_EQ(parseError("0.5"), "the decimal number 0.5 in a place for an integer, at column 1 of '0.5'");
  EXPECT_EQ(parseError("ceildv(N, 2)"),
            "unknown function 'ceildv' at column 1 of 'ceildv(N, 2)' | did you mean 'ceildiv'?");
  EXPECT_THAT(parseError("99999999999999999999"), HasSubstr("does not fit 64 bits"));
}

TEST(Expr, UnknownNamesGiveTheNearest) {
  std::vector<std::string> names = {"seq_len", "head_dim"};
  EXPECT_EQ(parseError("seq_ln * 2", ExprMode::Integer, &names),
            "unknown name 'seq_ln' at column 1 of 'seq_ln * 2' | did you mean 'seq_len'?");
}

TEST(Expr, HostileTextIsRefused) {
  EXPECT_THAT(parseError(std::string(2000, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(parseError(std::string(2000, '-') + "1"), HasSubstr("nested too deeply"));
  std::string nots;
  for (int i = 0; i < 900; ++i)
    nots += "not ";
  EXPECT_THAT(parseError(nots + "1"), HasSubstr("nested too deeply"));
  EXPECT_THAT(parseError(std::string(5000, '1')), HasSubstr("at most 4096"));
}

TEST(Expr, EvaluationErrors) {
  EXPECT_EQ(evalError("N / M", {{"N", 3}, {"M", 0}}), "division by zero at column 3 of 'N / M' at M=0, N=3");
  EXPECT_EQ(evalError("N % 0", {{"N", 3}}), "division by zero at column 3 of 'N % 0' at N=3");
  EXPECT_THAT(evalError("ceildiv(N, 0)", {{"N", 3}}), HasSubstr("division by zero"));
  const Sizes big = {{"N", std::numeric_limits<std::int64_t>::max()}};
  EXPECT_THAT(evalError("N * N", big), HasSubstr("does not fit 64 bits at column 3"));
  EXPECT_THAT(evalError("N + 1", big), HasSubstr("does not fit 64 bits"));
  EXPECT_THAT(evalError("-2 - N", big), HasSubstr("does not fit 64 bits"));
  EXPECT_THAT(evalError("(-1 - N) / -1", big), HasSubstr("does not fit 64 bits"));
  EXPECT_EQ(evalError("N"), "'N' has no value at column 1 of 'N'");
}

TEST(Expr, RealEvaluationErrors) {
  for (const char* text : {"1/0", "rsqrt(0)", "log(0)", "sqrt(-1)", "1e308 * 10", "1 % 0"})
    EXPECT_FALSE(evalReal(parseExpr(text, ExprMode::Real).value(), {})) << text;
}

TEST(Expr, PrintsWithFewParentheses) {
  for (const char* text : {"a + b * c", "(a + b) * c", "a - (b - c)", "a - b - c", "not (a and b)", "a or b and c",
                           "(a or b) and c", "-(a + b)", "ceildiv(a, b + 1)", "a % b == 0", "-a * b"})
    EXPECT_EQ(print(*parseExpr(text)->root), text);
  EXPECT_EQ(print(*parseExpr("((a)) && !b")->root), "a and not b");
}

TEST(Expr, FreeNames) {
  EXPECT_EQ(freeNames(*parseExpr("a + min(b, a) * 3")->root), (std::set<std::string>{"a", "b"}));
  EXPECT_TRUE(isIntegerValued(*parseExpr("a / 2", ExprMode::Real)->root));
  EXPECT_FALSE(isIntegerValued(*parseExpr("a / sqrt(2)", ExprMode::Real)->root));
}

/// A random tree over the names a, b, c.
ExprPtr drawTree(int depth) {
  auto node = std::make_shared<ExprNode>();
  if (depth == 0) {
    if (*rc::gen::inRange(0, 2)) {
      node->integer = *rc::gen::inRange(0, 50);
    } else {
      node->op = ExprOp::Name;
      node->name = std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 3)));
    }
    return node;
  }
  node->op = static_cast<ExprOp>(*rc::gen::inRange(static_cast<int>(ExprOp::Negate), static_cast<int>(ExprOp::Or) + 1));
  const bool is_unary = node->op == ExprOp::Negate || node->op == ExprOp::Not;
  for (int i = 0; i < (is_unary ? 1 : 2); ++i)
    node->args.push_back(drawTree(*rc::gen::inRange(0, depth)));
  return node;
}

RC_GTEST_PROP(ExprProperty, PrintingAndParsingKeepsTheMeaning, ()) {
  const ExprPtr tree = drawTree(4);
  const std::string text = print(*tree);
  auto parsed = parseExpr(text);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(print(*parsed->root) == text);
  const Sizes sizes = {{"a", 3}, {"b", 0}, {"c", 17}};
  auto before = evalInteger(Expr{tree, text, ""}, sizes), after = evalInteger(*parsed, sizes);
  RC_ASSERT(before.has_value() == after.has_value());
  if (before)
    RC_ASSERT(*before == *after);
}

RC_GTEST_PROP(ExprProperty, AnyTextIsParsedOrRefused, (const std::string& text)) {
  auto parsed = parseExpr(text, ExprMode::Real);
  if (!parsed)
    RC_ASSERT(!parsed.error().message.empty());
}

RC_GTEST_PROP(ExprProperty, CeilDivIsTheCeiling, (std::int32_t a, std::int32_t b)) {
  RC_PRE(b != 0);
  auto value = evalInteger(parseExpr("ceildiv(a, b)").value(), {{"a", a}, {"b", b}});
  RC_ASSERT(*value == static_cast<std::int64_t>(std::ceil(static_cast<double>(a) / b)));
}

} // namespace
} // namespace kverify

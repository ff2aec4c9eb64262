// Recursive descent over the grammar of kverify/expr.h. Depth is limited, so hostile text can't exhaust the stack.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/near_name.h"
#include "kverify/expr.h"

namespace kverify {
namespace {

constexpr unsigned kMaxDepth = 100;
constexpr std::size_t kMaxLength = 4096;

struct Call {
  std::string_view name;
  ExprOp op;
  unsigned arity;
  bool real_only;
};
constexpr std::array<Call, 6> kCalls = {{{"ceildiv", ExprOp::CeilDiv, 2, false},
                                         {"min", ExprOp::Min, 2, false},
                                         {"max", ExprOp::Max, 2, false},
                                         {"sqrt", ExprOp::Sqrt, 1, true},
                                         {"rsqrt", ExprOp::Rsqrt, 1, true},
                                         {"log", ExprOp::Log, 1, true}}};

enum class TokenKind { End, Number, Word, Symbol, Bad };

struct Token {
  TokenKind kind = TokenKind::End;
  std::string_view text;
  unsigned column = 1;
};

bool isWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

class Parser {
public:
  Parser(std::string_view text, ExprMode mode, const std::vector<std::string>* names, const std::string& place)
      : text_(text), mode_(mode), names_(names), place_(place) {
    advance();
  }

  Expected<ExprPtr> parseAll() {
    ExprPtr root = parseOr();
    if (!error_ && token_.kind != TokenKind::End)
      reject("expected an operator or the end");
    if (error_)
      return tl::unexpected<ToolError>(*error_);
    return root;
  }

private:
  // --- tokens ---
  void advance() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
    std::size_t start = at_;
    token_ = {TokenKind::End, {}, static_cast<unsigned>(start + 1)};
    if (at_ == text_.size())
      return;
    char c = text_[at_];
    if (isWordStart(c)) {
      while (at_ < text_.size() && (isWordStart(text_[at_]) || isDigit(text_[at_])))
        ++at_;
      token_.kind = TokenKind::Word;
    } else if (isDigit(c) || (c == '.' && at_ + 1 < text_.size() && isDigit(text_[at_ + 1]))) {
      scanNumber();
      token_.kind = TokenKind::Number;
    } else {
      token_.kind = TokenKind::Symbol;
      std::string_view two = text_.substr(at_, 2);
      bool is_pair = two == "==" || two == "!=" || two == "<=" || two == ">=" || two == "&&" || two == "||";
      if (!is_pair && std::string_view("+-*/%()<>!,").find(c) == std::string_view::npos)
        token_.kind = TokenKind::Bad;
      at_ += is_pair ? 2 : 1;
    }
    token_.text = text_.substr(start, at_ - start);
  }

  void scanNumber() {
    while (at_ < text_.size() && (isDigit(text_[at_]) || text_[at_] == '.'))
      ++at_;
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      std::size_t digits = at_ + 1;
      if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-'))
        ++digits;
      if (digits < text_.size() && isDigit(text_[digits])) {
        at_ = digits;
        while (at_ < text_.size() && isDigit(text_[at_]))
          ++at_;
      }
    }
  }

  bool isSymbol(std::string_view text) const { return token_.kind == TokenKind::Symbol && token_.text == text; }
  bool isWord(std::string_view text) const { return token_.kind == TokenKind::Word && token_.text == text; }

  void rejectAt(unsigned column, std::string what, std::string hint = {}) {
    if (error_)
      return;
    std::string message = fmt::format("{} at column {} of '{}'", what, column, text_);
    error_ = ToolError{ErrorKind::Input, std::move(message), place_, std::move(hint)};
  }
  void reject(std::string_view what) {
    std::string found = token_.kind == TokenKind::End ? "the end" : fmt::format("'{}'", token_.text);
    rejectAt(token_.column, fmt::format("{}, found {},", what, found));
  }

  // --- nodes ---
  static ExprPtr make(ExprOp op, unsigned column, std::vector<ExprPtr> args) {
    auto node = std::make_shared<ExprNode>();
    node->op = op;
    node->column = column;
    node->args = std::move(args);
    return node;
  }

  /// One level of left-associative operators.
  template <class Next, class Match>
  ExprPtr parseLeft(Next next, Match match) {
    ExprPtr left = (this->*next)();
    while (!error_) {
      std::optional<ExprOp> op = match();
      if (!op)
        break;
      unsigned column = token_.column;
      advance();
      ExprPtr right = (this->*next)();
      if (error_)
        break;
      left = make(*op, column, {left, right});
    }
    return left;
  }

  ExprPtr parseOr() {
    if (++depth_ > kMaxDepth)
      rejectAt(token_.column, "nested too deeply");
    ExprPtr result;
    if (!error_)
      result = parseLeft(&Parser::parseAnd, [this]() -> std::optional<ExprOp> {
        if (isWord("or") || isSymbol("||"))
          return ExprOp::Or;
        return std::nullopt;
      });
    --depth_;
    return result;
  }

  ExprPtr parseAnd() {
    return parseLeft(&Parser::parseNot, [this]() -> std::optional<ExprOp> {
      if (isWord("and") || isSymbol("&&"))
        return ExprOp::And;
      return std::nullopt;
    });
  }

  ExprPtr parseNot() {
    if (!isWord("not") && !isSymbol("!"))
      return parseComparison();
    unsigned column = token_.column;
    advance();
    if (++depth_ > kMaxDepth)
      rejectAt(column, "nested too deeply");
    ExprPtr inner = error_ ? nullptr : parseNot();
    --depth_;
    return error_ ? nullptr : make(ExprOp::Not, column, {inner});
  }

  std::optional<ExprOp> comparison() const {
    if (isSymbol("=="))
      return ExprOp::Equal;
    if (isSymbol("!="))
      return ExprOp::NotEqual;
    if (isSymbol("<"))
      return ExprOp::Less;
    if (isSymbol("<="))
      return ExprOp::LessEqual;
    if (isSymbol(">"))
      return ExprOp::Greater;
    if (isSymbol(">="))
      return ExprOp::GreaterEqual;
    return std::nullopt;
  }

  ExprPtr parseComparison() {
    ExprPtr left = parseSum();
    std::optional<ExprOp> op = comparison();
    if (error_ || !op)
      return left;
    unsigned column = token_.column;
    advance();
    ExprPtr right = parseSum();
    if (!error_ && comparison())
      rejectAt(token_.column, "comparisons do not chain,", "write 'a <= b and b <= c'");
    return error_ ? nullptr : make(*op, column, {left, right});
  }

  ExprPtr parseSum() {
    return parseLeft(&Parser::parseProduct, [this]() -> std::optional<ExprOp> {
      if (isSymbol("+"))
        return ExprOp::Add;
      if (isSymbol("-"))
        return ExprOp::Subtract;
      return std::nullopt;
    });
  }

  ExprPtr parseProduct() {
    return parseLeft(&Parser::parseUnary, [this]() -> std::optional<ExprOp> {
      if (isSymbol("*"))
        return ExprOp::Multiply;
      if (isSymbol("/"))
        return ExprOp::Divide;
      if (isSymbol("%"))
        return ExprOp::Modulo;
      return std::nullopt;
    });
  }

  ExprPtr parseUnary() {
    if (!isSymbol("-"))
      return parsePrimary();
    unsigned column = token_.column;
    advance();
    if (++depth_ > kMaxDepth)
      rejectAt(column, "nested too deeply");
    ExprPtr inner = error_ ? nullptr : parseUnary();
    --depth_;
    return error_ ? nullptr : make(ExprOp::Negate, column, {inner});
  }

  ExprPtr parsePrimary() {
    if (token_.kind == TokenKind::Number)
      return parseNumber();
    if (token_.kind == TokenKind::Word)
      return parseWord();
    if (isSymbol("(")) {
      advance();
      ExprPtr inner = parseOr();
      expectSymbol(")");
      return inner;
    }
    reject("expected a number, a name or '('");
    return nullptr;
  }

  void expectSymbol(std::string_view symbol) {
    if (error_)
      return;
    if (!isSymbol(symbol))
      return reject(fmt::format("expected '{}'", symbol));
    advance();
  }

  ExprPtr parseNumber() {
    auto node = std::make_shared<ExprNode>();
    node->column = token_.column;
    std::string_view text = token_.text;
    const char* end = text.data() + text.size();
    bool is_integer = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_integer) {
      auto [stop, code] = std::from_chars(text.data(), end, node->integer);
      if (code != std::errc() || stop != end)
        rejectAt(token_.column, fmt::format("{} does not fit 64 bits,", text));
    } else {
      node->op = ExprOp::Decimal;
      auto [stop, code] = std::from_chars(text.data(), end, node->decimal);
      if (code != std::errc() || stop != end || !std::isfinite(node->decimal))
        rejectAt(token_.column, fmt::format("'{}' is not a number", text));
      if (mode_ == ExprMode::Integer)
        rejectAt(token_.column, fmt::format("the decimal number {} in a place for an integer,", text));
    }
    advance();
    if (token_.kind == TokenKind::Word && !error_ && token_.column == node->column + text.size())
      reject("expected an operator after the number");
    return node;
  }

  ExprPtr parseWord() {
    Token word = token_;
    if (word.text == "and" || word.text == "or" || word.text == "not") {
      reject("expected a number, a name or '('");
      return nullptr;
    }
    advance();
    if (isSymbol("("))
      return parseCall(word);
    auto node = std::make_shared<ExprNode>();
    node->op = ExprOp::Name;
    node->name = word.text;
    node->column = word.column;
    if (names_ && std::find(names_->begin(), names_->end(), node->name) == names_->end())
      rejectAt(word.column, fmt::format("unknown name '{}'", word.text), didYouMean(node->name, *names_));
    return node;
  }

  ExprPtr parseCall(const Token& word) {
    const Call* call = nullptr;
    std::vector<std::string> known;
    for (const Call& candidate : kCalls) {
      if (candidate.name == word.text)
        call = &candidate;
      known.emplace_back(candidate.name);
    }
    if (!call) {
      rejectAt(word.column, fmt::format("unknown function '{}'", word.text), didYouMean(word.text, known));
      return nullptr;
    }
    if (call->real_only && mode_ == ExprMode::Integer) {
      rejectAt(word.column, fmt::format("{} in a place for an integer,", word.text));
      return nullptr;
    }
    advance();
    std::vector<ExprPtr> args;
    for (unsigned i = 0; i < call->arity && !error_; ++i) {
      if (i > 0)
        expectSymbol(",");
      if (!error_)
        args.push_back(parseOr());
    }
    expectSymbol(")");
    return error_ ? nullptr : make(call->op, word.column, std::move(args));
  }

  std::string_view text_;
  ExprMode mode_;
  const std::vector<std::string>* names_;
  const std::string& place_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  Token token_;
  std::optional<ToolError> error_;
};

} // namespace

Expected<Expr> parseExpr(std::string_view text, ExprMode mode, const std::vector<std::string>* names,
                         std::string place) {
  if (text.size() > kMaxLength)
    return fail(ErrorKind::Input,
                fmt::format("an expression of {} characters; at most {} are allowed", text.size(), kMaxLength),
                std::move(place));
  auto root = Parser(text, mode, names, place).parseAll();
  if (!root)
    return tl::unexpected<ToolError>(root.error());
  return Expr{*root, std::string(text), std::move(place)};
}

Expr integerExpr(std::int64_t value, std::string place) {
  auto node = std::make_shared<ExprNode>();
  node->integer = value;
  return Expr{node, std::to_string(value), std::move(place)};
}

Expr decimalExpr(double value, std::string place) {
  auto node = std::make_shared<ExprNode>();
  node->op = ExprOp::Decimal;
  node->decimal = value;
  return Expr{node, fmt::format("{}", value), std::move(place)};
}

} // namespace kverify

#include "simt/ptx/lexer.h"

#include <cctype>

namespace kverify::simt::ptx {
namespace {

bool isNameStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '%' || c == '.';
}
bool isNameChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '$';
}

class Lexer {
public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    while (skipBlank(), at_ < text_.size()) {
      const std::size_t begin = at_;
      Token token;
      token.kind = next(token.text);
      token.begin = begin;
      token.end = at_;
      tokens.push_back(std::move(token));
    }
    tokens.push_back({Token::Kind::End, "", text_.size(), text_.size()});
    return tokens;
  }

private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skipBlank() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(peek()))) {
        ++at_;
      } else if (peek() == '/' && peek(1) == '/') {
        while (at_ < text_.size() && peek() != '\n')
          ++at_;
      } else if (peek() == '/' && peek(1) == '*') {
        const auto close = text_.find("*/", at_ + 2);
        at_ = close == std::string_view::npos ? text_.size() : close + 2;
      } else {
        return;
      }
    }
  }

  Token::Kind next(std::string& out) {
    const char c = peek();
    if (c == '$')
      return dollar(out);
    if (isNameStart(c) && !(c == '.' && std::isdigit(static_cast<unsigned char>(peek(1))))) {
      name(out);
      return Token::Kind::Name;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') {
      number(out);
      return Token::Kind::Number;
    }
    out = c;
    ++at_;
    return Token::Kind::Mark;
  }

  // $0, ${0}, ${0:c} name an operand; $$ starts a name with a dollar; ${:uid} is unique per asm and so can be dropped.
  Token::Kind dollar(std::string& out) {
    ++at_;
    if (peek() == '$') {
      ++at_;
      out = "$$";
      name(out);
      return Token::Kind::Name;
    }
    out = "$";
    if (peek() == '{') {
      ++at_;
      while (std::isdigit(static_cast<unsigned char>(peek())))
        out += text_[at_++];
      while (at_ < text_.size() && peek() != '}')
        ++at_;
      ++at_;
      return Token::Kind::Name;
    }
    while (std::isdigit(static_cast<unsigned char>(peek())))
      out += text_[at_++];
    return out == "$" ? Token::Kind::Mark : Token::Kind::Name;
  }

  void name(std::string& out) {
    if (peek() == '%')
      out += text_[at_++];
    while (at_ < text_.size()) {
      if (peek() == ':' && peek(1) == ':') {
        out += "::";
        at_ += 2;
      } else if (peek() == '$' && peek(1) == '$') {
        out += '$';
        at_ += 2;
      } else if (peek() == '$' && peek(1) == '{' && peek(2) == ':') {
        at_ = text_.find('}', at_) == std::string_view::npos ? text_.size() : text_.find('}', at_) + 1;
      } else if (isNameChar(peek()) && peek() != '$') {
        out += text_[at_++];
      } else {
        return;
      }
    }
  }

  void number(std::string& out) {
    const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X' || peek(1) == 'f' || peek(1) == 'F' ||
                                       peek(1) == 'd' || peek(1) == 'D');
    while (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '.' ||
           (!hex && (peek() == '+' || peek() == '-') && (out.back() == 'e' || out.back() == 'E'))) {
      out += text_[at_++];
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

} // namespace

std::vector<Token> tokenize(std::string_view text) {
  return Lexer(text).run();
}

} // namespace kverify::simt::ptx

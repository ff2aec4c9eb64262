#include "simt/ptx/parser.h"

#include <bit>
#include <cctype>
#include <cstdlib>
#include <map>
#include <optional>

#include "simt/ptx/lexer.h"

namespace kverify::simt::ptx {
namespace {

class Parser {
public:
  explicit Parser(std::string_view text) : text_(text), tokens_(tokenize(text)) { scopes_.push_back({0, {}}); }

  Listing run() {
    while (listing_.error.empty() && !atEnd())
      statement();
    if (listing_.error.empty() && scopes_.size() != 1)
      fail("a { without its }");
    return std::move(listing_);
  }

private:
  struct Scope {
    int id;
    std::map<std::string, std::string> names;
  };

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool atEnd() const { return peek().kind == Token::Kind::End; }
  bool isMark(std::string_view mark, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::Mark && peek(ahead).text == mark;
  }
  bool accept(std::string_view mark) {
    if (!isMark(mark))
      return false;
    ++at_;
    return true;
  }
  bool expect(std::string_view mark) {
    if (accept(mark))
      return true;
    fail("expected '" + std::string(mark) + "' before '" + peek().text + "'");
    return false;
  }
  void fail(const std::string& message) {
    if (listing_.error.empty())
      listing_.error = message;
  }

  std::string textBetween(std::size_t begin, std::size_t end) const {
    std::string out;
    for (const char c : text_.substr(begin, end - begin)) {
      const bool blank = std::isspace(static_cast<unsigned char>(c));
      if (!blank)
        out += c;
      if (blank && !out.empty() && out.back() != ' ')
        out += ' ';
    }
    while (!out.empty() && out.back() == ' ')
      out.pop_back();
    return out;
  }

  void statement() {
    if (accept(";"))
      return;
    if (accept("{")) {
      scopes_.push_back({++last_scope_, {}});
      return;
    }
    if (accept("}")) {
      if (scopes_.size() == 1)
        return fail("a } without its {");
      scopes_.pop_back();
      return;
    }
    if (peek().kind == Token::Kind::Name && (peek().text == ".reg" || peek().text.starts_with(".reg.")))
      return declaration();
    if (peek().kind == Token::Kind::Name && isMark(":", 1)) {
      Statement label;
      label.kind = Statement::Kind::Label;
      label.words = {peek().text};
      listing_.statements.push_back(std::move(label));
      at_ += 2;
      return;
    }
    instruction();
  }

  // .reg .b32 a, b<4>; and .reg.b32 a;
  void declaration() {
    const std::string word = tokens_[at_++].text;
    std::string type = word.substr(std::min<std::size_t>(word.size(), 5));
    if (type.empty() && (peek().kind != Token::Kind::Name || peek().text.size() < 2))
      return fail("expected a type after .reg");
    if (type.empty())
      type = tokens_[at_++].text.substr(1);
    do {
      if (peek().kind != Token::Kind::Name)
        return fail("expected a register's name");
      const std::string name = tokens_[at_++].text;
      if (!accept("<")) {
        declare(name, type);
        continue;
      }
      const int count = std::atoi(peek().text.c_str());
      ++at_;
      if (!expect(">"))
        return;
      if (count > 4096)
        return fail("more than 4096 registers declared at once");
      for (int i = 0; i < count; ++i)
        declare(name + std::to_string(i), type);
    } while (accept(","));
    expect(";");
  }

  void declare(const std::string& name, const std::string& type) {
    const std::string unique = name + "#" + std::to_string(scopes_.back().id);
    scopes_.back().names[name] = unique;
    listing_.registers.push_back({unique, type});
  }

  std::string resolve(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (const auto it = scope->names.find(name); it != scope->names.end())
        return it->second;
    }
    return name;
  }

  void instruction() {
    Statement out;
    const std::size_t begin = peek().begin;
    if (accept("@")) {
      out.guard_negated = accept("!");
      out.guard = resolve(peek().text);
      ++at_;
    }
    if (peek().kind != Token::Kind::Name)
      return fail("expected an instruction before '" + peek().text + "'");
    std::string word;
    for (const char c : tokens_[at_++].text + ".") {
      if (c != '.') {
        word += c;
      } else {
        out.words.push_back(std::move(word));
        word.clear();
      }
    }
    if (!atEnd() && !isMark(";") && !isMark("}")) {
      do
        out.operands.push_back(operand());
      while (listing_.error.empty() && accept(","));
    }
    if (!listing_.error.empty())
      return;
    out.text = textBetween(begin, peek().begin);
    if (!atEnd() && !isMark("}") && !expect(";"))
      return;
    listing_.statements.push_back(std::move(out));
  }

  Operand operand() {
    Operand out;
    if (accept("{")) {
      out.kind = Operand::Kind::Vector;
      do
        out.parts.push_back(operand());
      while (accept(","));
      expect("}");
      return out;
    }
    if (accept("["))
      return address();
    if (accept("!"))
      out.negated = true;
    if (isMark("-") || peek().kind == Token::Kind::Number)
      return number();
    if (peek().kind != Token::Kind::Name) {
      fail("expected an operand before '" + peek().text + "'");
      return out;
    }
    out.name = resolve(peek().text);
    if (peek().text == "_")
      out.kind = Operand::Kind::Sink;
    ++at_;
    if (accept("|")) {
      out.pair = resolve(peek().text);
      ++at_;
    }
    return out;
  }

  // Terms of an address are added up; tensor coordinates and the like are not addresses and end in an error.
  Operand address() {
    Operand out;
    out.kind = Operand::Kind::Address;
    bool minus = false;
    do {
      Operand term = operand();
      if (term.kind == Operand::Kind::Integer) {
        const auto value = static_cast<std::int64_t>(term.bits);
        out.offset += minus ? -value : value;
      } else if (minus || term.kind != Operand::Kind::Name) {
        fail("an address that is not a sum of registers and constants");
      } else {
        out.parts.push_back(std::move(term));
      }
      minus = isMark("-");
    } while (accept("+") || accept("-"));
    expect("]");
    return out;
  }

  Operand number() {
    Operand out;
    const bool minus = accept("-");
    std::string text = peek().text;
    const bool ok =
        peek().kind == Token::Kind::Number && (readFloat(text, minus, out) || readInteger(text, minus, out));
    if (!ok)
      fail("'" + text + "' is no number");
    ++at_;
    return out;
  }

  static bool readFloat(const std::string& text, bool minus, Operand& out) {
    const bool single = text.size() == 10 && text[0] == '0' && (text[1] == 'f' || text[1] == 'F');
    const bool twice = text.size() == 18 && text[0] == '0' && (text[1] == 'd' || text[1] == 'D');
    char* end = nullptr;
    if (single || twice) {
      out.kind = Operand::Kind::Float;
      out.is_double = twice;
      out.bits = std::strtoull(text.c_str() + 2, &end, 16);
      if (minus)
        out.bits ^= std::uint64_t{1} << (twice ? 63 : 31);
      return *end == '\0';
    }
    if (text.find_first_of("xX") != std::string::npos || text.find_first_of(".eE") == std::string::npos)
      return false;
    out.kind = Operand::Kind::Float;
    out.is_double = true;
    const double value = std::strtod(text.c_str(), &end);
    out.bits = std::bit_cast<std::uint64_t>(minus ? -value : value);
    return *end == '\0';
  }

  static bool readInteger(std::string text, bool minus, Operand& out) {
    if (!text.empty() && (text.back() == 'U' || text.back() == 'u'))
      text.pop_back();
    const bool binary = text.size() > 2 && text[0] == '0' && (text[1] == 'b' || text[1] == 'B');
    char* end = nullptr;
    out.kind = Operand::Kind::Integer;
    out.bits = std::strtoull(text.c_str() + (binary ? 2 : 0), &end, binary ? 2 : 0);
    if (minus)
      out.bits = ~out.bits + 1;
    return !text.empty() && *end == '\0';
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::vector<Scope> scopes_;
  int last_scope_ = 0;
  Listing listing_;
};

} // namespace

Listing parse(std::string_view text) {
  return Parser(text).run();
}

} // namespace kverify::simt::ptx

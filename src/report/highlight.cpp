#include "report/highlight.h"

#include <cctype>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "report/escape.h"

namespace kverify::report {
namespace {

bool isWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

const std::set<std::string_view>& keywords() {
  static const std::set<std::string_view> all = {
      "alignas",  "alignof",  "auto",     "bool",      "break",    "case",     "char",      "class",   "const",
      "constexpr", "continue", "default",  "delete",    "do",       "double",   "else",      "enum",    "explicit",
      "extern",   "false",    "float",    "for",       "friend",   "goto",     "if",        "inline",  "int",
      "long",     "namespace", "new",      "noexcept",  "nullptr",  "operator", "private",   "public",  "register",
      "return",   "short",    "signed",   "sizeof",    "static",   "static_assert", "static_cast", "struct",
      "switch",   "template", "this",     "true",      "typedef",  "typename", "union",     "unsigned", "using",
      "virtual",  "void",     "volatile", "while",     "half",     "reinterpret_cast", "const_cast", "asm"};
  return all;
}

bool isBuiltIn(std::string_view word) {
  static const std::set<std::string_view> all = {"threadIdx", "blockIdx", "blockDim", "gridDim", "warpSize", "dim3"};
  return all.count(word) > 0 || (word.starts_with("__") && word.size() > 2);
}

std::string span(char kind, std::string_view text) {
  return fmt::format("<span class=\"{}\">{}</span>", kind, escapeXml(text));
}

/// Goes through one line; a comment may have begun on an earlier one.
class LineLexer {
public:
  LineLexer(std::string_view line, bool& in_comment) : line_(line), in_comment_(in_comment) {}

  std::string html() {
    std::string out;
    std::size_t first = line_.find_first_not_of(" \t");
    if (!in_comment_ && first != line_.npos && line_[first] == '#') {
      std::size_t end = std::min(line_.find("//", first), line_.size());
      out += escapeXml(line_.substr(0, first)) + span('p', line_.substr(first, end - first));
      at_ = end;
    }
    while (at_ < line_.size())
      out += next();
    return out;
  }

private:
  std::string take(char kind, std::size_t end) {
    std::string_view text = line_.substr(at_, end - at_);
    at_ = end;
    return kind ? span(kind, text) : escapeXml(text);
  }

  std::string next() {
    char c = line_[at_];
    if (in_comment_ || line_.substr(at_, 2) == "/*") {
      std::size_t close = line_.find("*/", in_comment_ ? at_ : at_ + 2);
      in_comment_ = close == line_.npos;
      return take('c', in_comment_ ? line_.size() : close + 2);
    }
    if (line_.substr(at_, 2) == "//")
      return take('c', line_.size());
    if (c == '"' || c == '\'')
      return take('s', endOfString(c));
    if (std::isdigit(static_cast<unsigned char>(c)))
      return take('n', endOfNumber());
    if (!isWord(c))
      return take(0, endOfPlain());
    std::size_t end = at_;
    while (end < line_.size() && isWord(line_[end]))
      ++end;
    std::string_view word = line_.substr(at_, end - at_);
    return take(keywords().count(word) ? 'k' : isBuiltIn(word) ? 'b' : char(0), end);
  }

  /// Up to something that may begin a piece of its own; never inside a character of several bytes.
  std::size_t endOfPlain() const {
    std::size_t end = at_ + 1;
    while (end < line_.size() && !isWord(line_[end]) && std::string_view("\"'/").find(line_[end]) == std::string_view::npos)
      ++end;
    return end;
  }

  std::size_t endOfString(char quote) const {
    for (std::size_t i = at_ + 1; i < line_.size(); ++i) {
      if (line_[i] == '\\')
        ++i;
      else if (line_[i] == quote)
        return i + 1;
    }
    return line_.size();
  }

  std::size_t endOfNumber() const {
    std::size_t end = at_;
    auto is_sign = [&](std::size_t i) {
      char before = i > 0 ? line_[i - 1] : ' ';
      return (line_[i] == '+' || line_[i] == '-') && (before == 'e' || before == 'E' || before == 'p' || before == 'P');
    };
    while (end < line_.size() && (isWord(line_[end]) || line_[end] == '.' || line_[end] == '\'' || (end > at_ && is_sign(end))))
      ++end;
    return end;
  }

  std::string_view line_;
  bool& in_comment_;
  std::size_t at_ = 0;
};

} // namespace

std::vector<std::string> highlight(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  out.reserve(lines.size());
  bool in_comment = false;
  for (const std::string& line : lines)
    out.push_back(LineLexer(line, in_comment).html());
  return out;
}

} // namespace kverify::report

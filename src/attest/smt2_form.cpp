#include "attest/smt2_form.h"

#include <vector>

#include <fmt/format.h>

#include "attest/utf8.h"

namespace kverify::attest {
namespace {

/// Splits SMT-LIB 2.6 text into tokens (section 3.1 of the standard). Strings are not among what a question needs.
class Scanner {
public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// "(", ")", a word, or "" at the end; nothing where the text is no SMT-LIB, or has more than a question needs.
  std::optional<std::string_view> next() {
    skip();
    if (at_ == text_.size())
      return "";
    std::size_t begin = at_;
    char c = text_[at_];
    if (c == '(' || c == ')') {
      ++at_;
    } else if (c == '|') {
      at_ = text_.find('|', at_ + 1);
      if (at_ == text_.npos || text_.substr(begin, at_ - begin).find('\\') != text_.npos)
        return std::nullopt;
      ++at_;
    } else {
      while (at_ < text_.size() && isWordCharacter(text_[at_]))
        ++at_;
      if (at_ == begin)
        return std::nullopt;
    }
    return text_.substr(begin, at_ - begin);
  }

private:
  static bool isWordCharacter(char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || (c && std::string_view("~!@$%^&*_-+=<>.?/:").find(c) != std::string_view::npos);
  }

  void skip() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == ';') {
        std::size_t end = text_.find('\n', at_);
        at_ = end == text_.npos ? text_.size() : end;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// One command: its tokens without the outer parentheses. Only an assertion may be long.
struct Command {
  std::string_view name;
  std::vector<std::string_view> words; ///< of what follows the name, at most eight
  bool more = false;                   ///< there was more than that
};

constexpr std::size_t kMostWords = 8;
constexpr std::size_t kMostNesting = 100'000;

/// False: the text does not go on as a list of commands.
bool readCommand(Scanner& scanner, Command& command) {
  auto name = scanner.next();
  if (!name || name->empty() || *name == "(" || *name == ")")
    return false;
  command.name = *name;
  for (std::size_t depth = 1; depth > 0 && depth < kMostNesting;) {
    auto token = scanner.next();
    if (!token || token->empty())
      return false;
    depth += *token == "(" ? 1 : 0;
    depth -= *token == ")" ? 1 : 0;
    if (depth == 0)
      return true;
    if (command.words.size() < kMostWords)
      command.words.push_back(*token);
    else
      command.more = true;
  }
  return false;
}

bool isAllowed(const Command& command) {
  using Words = std::vector<std::string_view>;
  const Words& words = command.words;
  if (command.name == "assert")
    return !words.empty();
  if (command.more)
    return false;
  if (command.name == "set-info")
    return words == Words{":status", "unknown"};
  if (command.name == "declare-fun")
    return words.size() == 4 && words[1] == "(" && words[2] == ")" && (words[3] == "Int" || words[3] == "Bool");
  return command.name == "check-sat" && words.empty();
}

} // namespace

std::optional<std::string> whyNotPlain(std::string_view smt2) {
  Scanner scanner(smt2);
  bool asked = false;
  for (;;) {
    auto token = scanner.next();
    if (!token)
      return "it has something that is no SMT-LIB, or that no question needs";
    if (token->empty())
      return asked ? std::nullopt : std::optional<std::string>("it asks nothing: there is no (check-sat)");
    if (asked)
      return "it goes on after (check-sat)";
    Command command;
    if (*token != "(" || !readCommand(scanner, command))
      return "it is no list of SMT-LIB commands";
    if (!isAllowed(command))
      return fmt::format("it has the command '{}', which no question needs in this form", mended(command.name));
    asked = command.name == "check-sat";
  }
}

} // namespace kverify::attest

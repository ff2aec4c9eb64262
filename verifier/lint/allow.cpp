#include "verifier/lint/allow.h"

#include <algorithm>
#include <cctype>

namespace kverify::verifier::lint {

namespace {

constexpr std::string_view kWord = "kverify-allow(";

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Where a comment begins, or npos. Raw strings are not told apart here: what looks like an allowance in there shows up
/// as one that nothing uses.
std::size_t commentIn(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote) {
      if (line[i] == '\\')
        ++i;
      else if (line[i] == quote)
        quote = 0;
    } else if (line[i] == '"' || (line[i] == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(line[i - 1]))))) {
      quote = line[i];
    } else if (line.substr(i, 2) == "//" || line.substr(i, 2) == "/*") {
      return i;
    }
  }
  return std::string_view::npos;
}

/// What one comment allows; `column` is where it begins.
void read(std::string_view said, const SourceLocation& at, bool in_block, std::vector<Allowance>& found) {
  for (std::size_t here = said.find(kWord); here != std::string_view::npos; here = said.find(kWord, here + 1)) {
    std::size_t close = said.find(')', here);
    if (close == std::string_view::npos)
      return;
    Allowance one;
    one.line = at.line;
    one.in_block = in_block;
    one.suppression.check = trimmed(said.substr(here + kWord.size(), close - here - kWord.size()));
    one.suppression.at = at;
    one.suppression.at.column += static_cast<unsigned>(here);
    std::string_view rest = trimmed(said.substr(close + 1));
    if (rest.starts_with(':')) {
      std::string_view reason = rest.substr(1, std::min(rest.find(kWord), rest.find("//")) - 1);
      one.suppression.reason = trimmed(reason);
    }
    found.push_back(std::move(one));
  }
}

} // namespace

std::vector<Allowance> allowancesIn(const std::string& file, std::string_view text) {
  std::vector<Allowance> found;
  std::size_t waiting = 0; // the first of those that wait for the next line of code
  unsigned number = 0;
  bool in_block = false;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    std::size_t comment = in_block ? 0 : commentIn(line);
    bool has_code = !trimmed(line.substr(0, comment)).empty();
    if (has_code)
      for (; waiting < found.size(); ++waiting)
        found[waiting].line = number;
    if (comment == std::string_view::npos)
      continue;
    in_block = in_block || line.substr(comment, 2) == "/*";
    read(line.substr(comment), {file, number, static_cast<unsigned>(comment) + 1, ""}, in_block, found);
    if (line.find("*/", comment) != std::string_view::npos)
      in_block = false;
    if (has_code)
      waiting = found.size();
  }
  return found;
}

} // namespace kverify::verifier::lint

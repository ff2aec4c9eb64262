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

/// Reads one line, part by part: code, comments that end in it, and one that does not.
class LineReader {
public:
  LineReader(std::string_view line, SourceLocation at, bool in_block) : line_(line), at_(std::move(at)), in_block(in_block) {}

  void run(std::vector<Allowance>& found) {
    std::size_t here = 0;
    while (here < line_.size()) {
      if (in_block) {
        std::size_t end = line_.find("*/", here);
        said(here, end, found);
        if (end == std::string_view::npos)
          return;
        here = end + 2;
        in_block = false;
        continue;
      }
      std::size_t comment = commentIn(line_.substr(here));
      has_code |= !trimmed(line_.substr(here, comment)).empty();
      if (comment == std::string_view::npos)
        return;
      here += comment;
      if (line_.substr(here, 2) == "//")
        return said(here, std::string_view::npos, found);
      in_block = true;
      here += 2;
    }
  }

private:
  void said(std::size_t from, std::size_t to, std::vector<Allowance>& found) const {
    SourceLocation at = at_;
    at.column = static_cast<unsigned>(from) + 1;
    read(line_.substr(from, to == std::string_view::npos ? to : to - from), at, in_block, found);
  }

  std::string_view line_;
  SourceLocation at_;

public:
  bool in_block;
  bool has_code = false;
};

} // namespace

std::vector<Allowance> allowancesIn(const std::string& file, std::string_view text) {
  std::vector<Allowance> found;
  std::size_t waiting = 0; // the first of those that wait for the next line of code
  unsigned number = 0;
  bool in_block = false;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    LineReader line(text.substr(0, end), {file, ++number, 1, ""}, in_block);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line.run(found);
    in_block = line.in_block;
    if (line.has_code)
      for (; waiting < found.size(); ++waiting)
        found[waiting].line = number;
  }
  return found;
}

} // namespace kverify::verifier::lint

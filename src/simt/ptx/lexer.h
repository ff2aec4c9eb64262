#pragma once
// Tokens of inline PTX.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kverify::simt::ptx {

struct Token {
  enum class Kind { Name, Number, Mark, End };
  Kind kind = Kind::End;
  std::string text;
  std::size_t begin = 0, end = 0; ///< place in the asm string
};

/// Splits the text; comments vanish. A character that no PTX has becomes a Mark, for the parser to refuse.
std::vector<Token> tokenize(std::string_view text);

} // namespace kverify::simt::ptx

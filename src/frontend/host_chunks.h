#pragma once
// A file's declarations at namespace scope, found by clang's lexer alone: where host code begins and ends, in files that
// do not compile.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kverify::frontend {

/// From its first token to behind its last one, `;` or `}` included. Offsets into the text.
struct Chunk {
  std::size_t begin = 0, end = 0;
  std::size_t body_begin = 0, body_end = 0; ///< braces included; equal where it is no function with a body
  unsigned line = 0;                        ///< of its first token, from 1
  std::string name;                         ///< of a function: the word before its parameters; else its first words
  bool is_device = false;   ///< has a word that makes device code of it (__global__, __device__, …, constexpr)
  bool is_function = false; ///< a body follows parameters
  bool is_shape = false;    ///< shapes what other code means: using, typedef, enum, a specialisation of a class, static_assert
};

/// In order. What is inside `namespace x {` and `extern "C" {` counts as namespace scope; preprocessor lines are passed over.
std::vector<Chunk> chunksOf(std::string_view text);

} // namespace kverify::frontend

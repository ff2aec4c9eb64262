#pragma once
// A parser for the PTX found in inline asm, in the form LLVM IR keeps it: `$0` and `${0:c}` are operands of the asm,
// `$$` is a dollar sign. No instruction is known here: the lowering's tables decide what a statement means.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kverify::simt::ptx {

struct Operand {
  enum class Kind {
    Name,    ///< a register ("r1#2" after scope resolution), an asm operand ("$0"), a special register or a label
    Integer, ///< `bits`, two's complement
    Float,   ///< `bits` of a float (0f…) or of a double (0d…, decimal); see is_double
    Vector,  ///< {a, b, …}: `parts`
    Address, ///< [a + b - 4]: `parts` are the terms, `offset` the sum of the constants
    Sink,    ///< _
  };
  Kind kind = Kind::Name;
  std::string name;
  std::string pair;     ///< the second destination of `d|p`
  bool negated = false; ///< !p
  bool is_double = false;
  std::uint64_t bits = 0;
  std::int64_t offset = 0;
  std::vector<Operand> parts;
};

struct Statement {
  enum class Kind { Instruction, Label };
  Kind kind = Kind::Instruction;
  std::string text;               ///< as written, blanks collapsed
  std::string guard;              ///< predicate register of @p, or empty
  bool guard_negated = false;     ///< @!p
  std::vector<std::string> words; ///< "ld.global.v4.f32" as {"ld", "global", "v4", "f32"}; a label's name
  std::vector<Operand> operands;
};

struct Register {
  std::string name; ///< unique over the asm: the declared name, "#" and the number of its scope
  std::string type; ///< "b32", "pred", …
};

struct Listing {
  std::vector<Register> registers;
  std::vector<Statement> statements;
  std::string error; ///< empty, or what could not be read
};

/// Parses one asm string. `.reg r<4>` declares r0…r3; names are resolved through nested { } scopes.
Listing parse(std::string_view text);

} // namespace kverify::simt::ptx

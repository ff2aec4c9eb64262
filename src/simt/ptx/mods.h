#pragma once
// Modifiers of one PTX opcode. A handler takes those it knows; an instruction with one left over is not understood.
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kverify::simt::ptx {

struct Type {
  enum class Kind { Unsigned, Signed, Bits, Float, Half, Brain, Tf32, E4m3, E5m2, Predicate };
  Kind kind = Kind::Bits;
  unsigned bits = 32; ///< of one lane
  unsigned lanes = 1; ///< 2 for f16x2 and the like

  bool isFloat() const { return kind >= Kind::Float && kind <= Kind::E5m2; }
  bool isInteger() const { return kind <= Kind::Bits; }
  bool isSigned() const { return kind == Kind::Signed; }
  unsigned width() const { return bits * lanes; }
  std::string laneName() const; ///< "f32", "s64", "bf16", …
  bool operator==(const Type&) const = default;
};

std::optional<Type> parseType(std::string_view word);

class Mods {
public:
  explicit Mods(const std::vector<std::string>& words) : words_(words), used_(words.size(), false) { used_[0] = true; }

  const std::string& opcode() const { return words_[0]; }
  bool take(std::string_view word);
  /// Takes every one present; for hints that mean nothing here.
  void ignore(std::initializer_list<std::string_view> words);
  void ignorePrefix(std::string_view prefix);
  /// The first unused word of the list that is present, or empty.
  std::string takeOneOf(std::initializer_list<std::string_view> words);
  /// The next unused word that is a type.
  std::optional<Type> takeType();
  /// Everything not taken yet, joined by dots, now taken.
  std::string takeRest();
  bool allTaken() const;

private:
  std::vector<std::string> words_;
  std::vector<bool> used_;
};

} // namespace kverify::simt::ptx

#pragma once
// Hash-consed integer and boolean terms: what the verifier knows about values of a kernel.
// Integers are mathematical; that a machine value equals its term is an obligation of its own (KernelModel::no_wrap).
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace kverify::verifier {

/// Over what a symbol keeps one value at a time.
enum class Scope { Grid, Block, Thread };
enum class SymKind {
  Plain,
  Counter,   ///< iterations of a loop finished so far in its current (or, when exited, last) execution
  Halving,   ///< of a loop variable that is divided by two each time
  Recurrent, ///< of a loop variable without closed form: see RecurrentVar
  LoopVar,   ///< stands for a loop's phi until its closed form is known
};

/// Loops are numbered; sets of them are bit masks.
__extension__ typedef unsigned __int128 LoopSet;
inline constexpr unsigned kMostLoops = 120;

struct Sym {
  std::string name;
  Scope scope = Scope::Thread;
  SymKind kind = SymKind::Plain;
  std::optional<std::int64_t> low, high;
  LoopSet nest = 0;          ///< the loops it changes in: it is defined inside them
  LoopSet exits = 0;         ///< of these: the value meant is the one when the loop was last left
  unsigned loop = 0;         ///< of Counter, Halving, Recurrent, LoopVar
  const Sym* base = nullptr; ///< the same without exits; null for itself

  const Sym* origin() const { return base ? base : this; }
};

enum class Op {
  Const,
  Symbol,
  Add,
  Mul,
  TruncDiv, ///< towards zero; says nothing where the divisor is zero
  FloorDiv, ///< towards minus infinity, divisor a positive constant
  Ite,      ///< cond, then, else
  Apply,    ///< an uninterpreted function: bitwise and, or, xor
  // booleans
  True,
  False,
  Not,
  And,
  Or,
  Le,
  Eq,
};

struct Term {
  Op op = Op::Const;
  std::int64_t value = 0;
  const Sym* sym = nullptr;
  std::string function;
  std::vector<const Term*> args;
  unsigned id = 0;
};
using TermPtr = const Term*;

/// Owns and shares terms. Constructors simplify a little, and never change a value.
class TermPool {
public:
  TermPool();
  TermPtr constant(std::int64_t value);
  TermPtr symbol(const Sym& info); ///< the same name gives the same symbol
  TermPtr add(TermPtr a, TermPtr b);
  TermPtr sub(TermPtr a, TermPtr b) { return add(a, mul(constant(-1), b)); }
  TermPtr mul(TermPtr a, TermPtr b);
  TermPtr truncDiv(TermPtr a, TermPtr b);
  TermPtr floorDiv(TermPtr a, std::int64_t divisor);
  TermPtr floorMod(TermPtr a, std::int64_t divisor);
  TermPtr ite(TermPtr cond, TermPtr a, TermPtr b);
  TermPtr min(TermPtr a, TermPtr b) { return ite(le(a, b), a, b); }
  TermPtr max(TermPtr a, TermPtr b) { return ite(le(a, b), b, a); }
  TermPtr apply(const std::string& function, std::vector<TermPtr> args);

  TermPtr boolean(bool value) { return value ? true_ : false_; }
  TermPtr negate(TermPtr a);
  TermPtr both(TermPtr a, TermPtr b);
  TermPtr either(TermPtr a, TermPtr b);
  TermPtr le(TermPtr a, TermPtr b);
  TermPtr lt(TermPtr a, TermPtr b) { return negate(le(b, a)); }
  TermPtr eq(TermPtr a, TermPtr b); ///< of integers or of booleans

  /// The operation of `term` on other arguments, as many as it has; a constant or a symbol as it is. `term` may be of
  /// another pool.
  TermPtr like(TermPtr term, std::vector<TermPtr> args);

  std::size_t size() const { return terms_.size(); }

private:
  TermPtr exactQuotient(TermPtr a, TermPtr b);
  using Key = std::tuple<Op, std::int64_t, const Sym*, std::string, std::vector<TermPtr>>;
  TermPtr make(Op op, std::int64_t value, const Sym* sym, std::string function, std::vector<TermPtr> args);
  TermPtr conjunction(std::vector<TermPtr> parts);

  std::map<Key, std::unique_ptr<Term>> terms_;
  std::map<std::string, std::unique_ptr<Sym>> symbols_;
  TermPtr true_ = nullptr, false_ = nullptr;
};

bool isBoolean(TermPtr term);

/// Rebuilds a term bottom-up with every symbol replaced; keeps what it has done.
class Rewriter {
public:
  explicit Rewriter(TermPool& pool) : pool_(pool) {}
  virtual ~Rewriter() = default;
  TermPtr operator()(TermPtr term);

protected:
  virtual TermPtr replace(const Sym& sym, TermPtr original) = 0;
  TermPool& pool_;

private:
  TermPtr rebuild(TermPtr term);
  std::map<TermPtr, TermPtr> done_;
};

/// For messages and dumps.
std::string show(TermPtr term);

} // namespace kverify::verifier

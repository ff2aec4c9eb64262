#pragma once
// What the user says about a kernel: sizes, tensors, launches, requirements, precision (contract.json).
// Everything is checked when it is loaded; what is left for later is the fit to a kernel's signature
// (contract/fit.h) and what depends on the sizes (contract/instantiate.h).
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kverify/dtype.h"
#include "kverify/error.h"
#include "kverify/expr.h"
#include "kverify/launch.h"
#include "kverify/spec.h"

namespace kverify {

/// A named integer: a range (inclusive), a list, or derived from others.
struct SizeDecl {
  enum class Kind { Range, List, Equals };
  std::string name;
  Kind kind = Kind::Range;
  std::int64_t low = 1, high = 1;  ///< Range
  std::vector<std::int64_t> list;  ///< List
  std::vector<std::int64_t> extra; ///< "try": values of a range that the cases should include
  Expr equals;                     ///< Equals
  std::string place;

  bool allows(std::int64_t value) const; ///< always true for Equals
};

/// What an integer tensor holds, so that a kernel that trusts it stays in bounds.
struct HoldsDecl {
  enum class Order { None, Nondecreasing, Increasing };
  Expr low, high; ///< inclusive; both or neither
  Order order = Order::None;
  bool permutation = false; ///< every value of [low, high] once, per row of the last axis
  Expr first, last;         ///< fixed first and last element of each row; may be absent
};

struct TensorDecl {
  std::string name;
  DType dtype = DType::F32;
  std::vector<Expr> shape;
  std::vector<Expr> strides; ///< in elements, same length as shape; empty = contiguous row-major
  Access access = Access::Read;
  std::string role;              ///< of the spec; empty = none
  std::string output_role;       ///< of a tensor updated in place ("role": ["x", "y"]): what it is afterwards; else empty
  std::vector<std::string> axes; ///< the spec's axis of each dimension; empty without a role
  std::optional<HoldsDecl> holds;
  std::string place;
};

/// Types a by-value argument may be declared with.
enum class ScalarType { Bool, I8, U8, I16, U16, I32, U32, I64, U64, F16, BF16, F32, F64 };
std::string_view nameOf(ScalarType type);
std::optional<ScalarType> parseScalarType(std::string_view name);

/// The address of a tensor, plus an offset in elements.
struct TensorArgDecl {
  std::size_t tensor = 0; ///< index into Contract::tensors
  Expr offset;            ///< in elements; absent = 0
};
/// A value converted to the parameter's own type, or to `type` where it was declared.
struct ValueArgDecl {
  Expr value;
  std::optional<ScalarType> type;
};
/// A null pointer.
struct NullArgDecl {};

struct FieldArgDecl;
/// A struct passed by value. A contract gives every field; where the contract is made up, those left out hold anything.
struct StructArgDecl {
  std::vector<FieldArgDecl> fields;
};

struct ArgDecl {
  std::variant<TensorArgDecl, ValueArgDecl, NullArgDecl, StructArgDecl> value;
  std::string place;
};

struct FieldArgDecl {
  std::string name; ///< from the struct: "n", "v.p", "p[4]"
  ArgDecl arg;      ///< no struct again: its fields have names of their own
};

struct LaunchDecl {
  std::string kernel; ///< as written in the source: "flash_v1<64>"
  std::vector<ArgDecl> args;
  std::vector<Expr> grid, block; ///< one to three each
  Expr shared;                   ///< dynamic shared memory, bytes
  std::string place;
};

/// Arithmetic that a contract may declare.
enum class Arithmetic { F64, F32, TF32, F16, BF16, E4M3, E5M2 };
std::string_view nameOf(Arithmetic arithmetic);
std::optional<Arithmetic> parseArithmetic(std::string_view name);

/// How the kernel computes, as far as the error bound depends on it. Defaults are for a plain f32 kernel.
struct Precision {
  enum class Exp { Accurate, Fast };
  enum class Variance { TwoPass, Welford, OnePass };
  Arithmetic qk = Arithmetic::F32;       ///< accumulator of the scores
  Arithmetic p = Arithmetic::F32;        ///< type the probabilities are rounded to before they meet V
  Arithmetic pv = Arithmetic::F32;       ///< accumulator of P V
  Arithmetic sum = Arithmetic::F32;      ///< accumulator of every other sum: the denominator, mean, variance
  Arithmetic kv = Arithmetic::F32;       ///< type keys and values are rounded to before they are multiplied (dequantised)
  Exp exp = Exp::Accurate;               ///< Fast: __expf, ex2.approx
  std::optional<Arithmetic> out;         ///< type the result is rounded to; absent = the output tensor's own
  Variance variance = Variance::TwoPass; ///< layer norm only
  Expr tile;                             ///< keys between two rescalings of an online softmax; absent = 1 (the loosest)
  Expr chain;                            ///< longest chain of additions of a reduction; absent = its whole length
};

/// What NaN and infinities do, as far as the contract says so ("nonfinite"). What it does not say is reported, not judged.
struct NonfinitePolicy {
  bool inputs_propagate = false; ///< "inputs": "propagate": they reach every result that depends on the element
  bool masked_ignored = false;   ///< "masked": "ignore": what a mask or a length hides may hold them, and no bit changes
};

/// An option's value as the contract writes it.
struct OptionValue {
  std::string choice; ///< for Choice options: one of the spec's values
  Expr value;         ///< for Integer and Real options; for Choice: 0/1 expression standing for false/true
};

struct Contract {
  std::string path;                 ///< as the user wrote it
  std::string bytes;                ///< the whole file
  std::string sha256;               ///< of `bytes`
  std::shared_ptr<const Spec> spec; ///< null: only what needs no operation is judged
  std::vector<SizeDecl> sizes;      ///< in the order of the file
  std::vector<TensorDecl> tensors;
  std::map<std::string, OptionValue> options;
  std::vector<LaunchDecl> launches;
  std::vector<Expr> requirements; ///< "requires"
  bool equal_writes = false;      ///< "same_value_writes": "allow": threads may write one value to one place
  NonfinitePolicy nonfinite;
  Precision precision;

  const SizeDecl* findSize(std::string_view name) const;
  const TensorDecl* findTensor(std::string_view name) const;
  /// The tensor that plays this role, before or after the launches, or null.
  const TensorDecl* findRole(std::string_view role) const;
};

struct ContractOptions {
  std::string spec; ///< overrides the contract's own: a name or a path; empty = keep
};

/// Reads and checks a contract. Errors: Input, with place "contract.json:12 (/tensors/Q/shape/1)" and the nearest valid
/// name where one was mistyped.
Expected<Contract> loadContract(const std::string& path, const ContractOptions& options = {});

/// The same from text; `path` is for messages and for specs given by relative path.
Expected<Contract> parseContract(const std::string& path, std::string text, const ContractOptions& options = {});

/// Completes the free sizes with the derived ones. Errors: Input: a size without a value, out of its range, a name
/// that is not declared, an expression that fails. Does not look at `requires`.
Expected<Sizes> completeSizes(const Contract& contract, const Sizes& free_sizes);

/// The first requirement these (complete) sizes break, null when none; an expression that fails is an error.
Expected<const Expr*> brokenRequirement(const Contract& contract, const Sizes& sizes);

} // namespace kverify

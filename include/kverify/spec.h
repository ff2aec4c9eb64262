#pragma once
// What an operation is: its tensors by role, their axes, its options, and the oracle that computes it (specs/*.json).
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kverify/error.h"
#include "kverify/expr.h"

namespace kverify {

/// A tensor of the operation: "Q [b, h, nq, d]".
struct SpecRole {
  std::string name;
  std::vector<std::string> axes;
  bool output = false;
  bool optional = false;
  bool integer = false;   ///< offsets, tables, labels: an integer tensor; else a floating one
  /// An axis that the contract's tensor leaves out, or gives the extent 1 as a number, repeats (elsewhere its extent is 1).
  bool broadcast = false;
  std::string summary;
};

/// A parameter of the operation that is not a tensor.
struct SpecOption {
  enum class Type {
    Integer, ///< an integer expression
    Real,    ///< a real-valued expression
    Choice,  ///< one of `values`
  };
  std::string name;
  Type type = Type::Real;
  Expr fallback;                   ///< default for Integer and Real: an expression of the axes
  std::vector<std::string> values; ///< for Choice; the first is the default
  std::string if_true, if_false;   ///< for Choice: what `true` and `false` stand for; empty = not allowed
  std::string summary;
};

struct Spec {
  std::string name;   ///< "attention.forward"
  std::string oracle; ///< the oracle's name
  std::string summary;
  std::string path;                                      ///< where it was read from, or "built in"
  std::string sha256;                                    ///< of its text
  std::vector<std::pair<std::string, std::string>> axes; ///< name, what it is; in order
  std::vector<SpecRole> roles;
  std::vector<SpecOption> options;
  std::vector<Expr> constraints; ///< over the axes: "h % hk == 0"

  const SpecRole* findRole(std::string_view role) const;
  const SpecOption* findOption(std::string_view option) const;
};

/// Names of the specs that are part of the program.
std::vector<std::string> builtinSpecNames();

/// A built-in spec by name ("attention.forward"), or one from a file where `name_or_path` ends in ".json".
/// `relative_to` is the folder that a relative path starts from. Errors: Input, with near names.
Expected<std::shared_ptr<const Spec>> loadSpec(const std::string& name_or_path, const std::string& relative_to = {});

/// From text; `path` is for messages.
Expected<std::shared_ptr<const Spec>> parseSpec(const std::string& path, std::string_view text);

} // namespace kverify

#pragma once
// What the host code around kernel launches says about them: the launch, the tensors behind the arguments, the sizes they
// may have. Nothing is run; the host functions are followed statement by statement over symbols.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "frontend/compile.h"
#include "kverify/expr.h"

namespace kverify::frontend {
struct ClangJob;
}

namespace kverify::frontend::host {

/// An integer-valued term over sizes; null where the host code's value is not known.
using Term = ExprPtr;

/// How sure a fact is.
enum class Certainty {
  Observed, ///< the host code was run, and did it
  Derived, ///< the host code says so
  Assumed, ///< a choice among what the host code allows: every choice is legal
  Guessed, ///< the host code does not say it, and a caller may have promised otherwise: what rests on it accuses nobody
};
const char* nameOf(Certainty certainty);

struct Fact {
  std::string text; ///< "out is allocated with the shape of x"
  unsigned line = 0; ///< of the file that findings name; 0 = none
  Certainty certainty = Certainty::Derived;
};

/// What would follow from a guess that is wrong.
struct Guess {
  enum class About {
    Extents, ///< of one tensor: nothing is known about accesses to it being in bounds
    Relation, ///< of sizes that come from several tensors: all but what happens in shared memory rests on it
    Values,  ///< everything rests on it
    Coverage, ///< not all launches of this way were followed: nothing is known to hold, and what another launch may mend is no fault
    Ways,     ///< not every way to a launch is judged: nothing is known to hold
    Rank,     ///< an input has a dimension that no size is asked of: a fault at two or more there may be nobody's
  };
  About about = About::Values;
  std::string tensor; ///< of Extents and Rank
  std::string text;   ///< "nothing in the host code says how large 'w' is (line 12)"
  std::string size;   ///< of Rank: how large that dimension is, "x_4"
};

struct HostSize {
  std::string name;
  std::int64_t low = 1, high = 1;
  Term equals; ///< null: the range counts
  std::string meaning; ///< "x.size(0)"
  unsigned line = 0;
  Certainty certainty = Certainty::Assumed;
  std::set<std::string> called = {}; ///< what the host code's variables call it: "batch_size"
};

struct HostTensor {
  std::string name;
  std::string dtype; ///< "f32"
  std::vector<Term> shape;
  std::string access; ///< as contracts name it
  std::optional<std::pair<std::int64_t, std::int64_t>> holds;
  std::string meaning; ///< "torch::zeros"
  unsigned line = 0;
  Certainty certainty = Certainty::Derived; ///< of the shape
  bool of_caller = false; ///< the caller gives it; else it is allocated here
  // Once the path is bound to a spec (bind.h):
  std::string role = {}, output_role = {}; ///< as of TensorDecl
  std::vector<std::string> axes = {};
};

struct HostArg {
  std::string name; ///< of the kernel's parameter
  enum class Kind { Tensor, Integer, Real, Null, Struct } kind = Kind::Integer;
  std::size_t tensor = 0; ///< of Tensor: index into HostPath::tensors
  Term term;              ///< of Integer: the value; of Tensor: the offset in elements, may be null; of Real: a formula, or null
  double real = 0;        ///< of Real without a formula
  std::vector<std::pair<std::string, HostArg>> fields; ///< of Struct
};

struct HostLaunch {
  std::string kernel; ///< "softmax<float, 4>"
  std::vector<HostArg> args;
  std::vector<Term> grid, block; ///< three each
  Term shared;
  unsigned line = 0;
};

/// A parameter of the host function, as the path takes it.
struct HostParameter {
  enum class Kind {
    Tensor,  ///< terms: its shape
    Pointer, ///< terms: the shape of the memory
    Integer, ///< terms: the value, or the values of a tuple
    Real,
    Absent,  ///< an optional tensor that is not given
    Unknown,
  } kind = Kind::Unknown;
  std::string name;
  std::string element; ///< of Tensor and Pointer: "Float", as c10::ScalarType names it
  bool element_known = false; ///< else it is the usual one
  std::vector<Term> terms;
  double real = 0;
};

/// One way through one host function, with what it launches, in order.
struct HostPath {
  std::string entry; ///< "softmax_cuda"
  std::string qualified; ///< "ns::softmax_cuda"
  unsigned line = 0;
  std::vector<HostParameter> parameters; ///< of the host function, in order
  std::vector<HostSize> sizes;
  std::vector<HostTensor> tensors;
  std::vector<HostLaunch> launches;
  std::vector<Term> requirements;
  std::vector<Fact> facts;   ///< in the order they were met
  std::vector<Guess> guesses;
  std::map<std::string, double> given; ///< real values that the caller gives: name, and the value that is passed
  // Once the path is bound to a spec (bind.h):
  std::string spec;
  std::map<std::string, std::string> options;   ///< of the spec: a choice, or an expression over the sizes
  std::map<std::string, std::string> precision; ///< as the contract writes it
  std::string way; ///< "hd == 64 (line 30)": the choices that lead here; empty where there was none
};

/// A launch, or a whole host function, about which something is missing.
struct Missing {
  std::string entry;
  unsigned line = 0;
  std::string what; ///< "the block of 'k' is not known: props.maxThreadsPerBlock (line 12)"
};

struct HostFacts {
  std::shared_ptr<const ClangJob> job; ///< what the file was accepted as
  std::vector<HostPath> paths; ///< each launches something, all of it known well enough to run
  std::vector<Missing> missing;
  std::vector<HostPath> open; ///< ways that were not followed to their launches: what may be given on them
  bool cut_off = false; ///< more ways exist than were followed
};

/// Reads the file and follows its host code. Errors: as of visitFile.
Expected<HostFacts> hostFactsOf(const std::string& path, const CompileOptions& options);

/// The path as a contract in JSON, with a comment for every fact: its line and its certainty. `source` is for the heading.
std::string contractText(const HostPath& path, const std::string& source);

} // namespace kverify::frontend::host

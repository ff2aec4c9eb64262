#pragma once
// Shadow values, as the users of the executor see them: which domain, what the inputs stand for, what came out.
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kverify/source.h"
#include "simt/shadow/cell.h"

namespace kverify::simt {

/// What every float of a run carries beside it (fuzz/shadow/README.md).
enum class ShadowDomain { None, DoubleDouble, Interval, Field };

namespace shadow {

struct Words {
  Word w[3] = {};
  bool operator==(const Words&) const = default;
};

/// The shadow of one element of a buffer. `valid`: it stands for the bits that are there.
struct Element {
  Words words;
  bool valid = false;
};

/// A number that stands for something that no float is: 1/sqrt(d), log2(e).
struct KnownConstant {
  double value = 0;
  Words words; ///< its residues
};

/// What a field run needs beside the plan. The other domains need nothing.
struct Inputs {
  std::uint64_t seed = 0;           ///< of the residues of the inputs, of the base of exp and of log2(e)
  bool tower = false;               ///< FieldMode (field.h)
  std::vector<KnownConstant> known; ///< beside log2(e), its inverse and a few others, which every run knows
  /// Inputs that are no residues of their own, as the results of a forward pass: by buffer, then by element.
  std::map<std::size_t, std::vector<Element>> given;
};

/// Something that a run did which a domain cannot follow, or that a reader must know.
struct Note {
  std::uint32_t site = 0; ///< index into Result::places
  std::string text;       ///< "a float is converted to an integer"
  std::uint64_t count = 0;
};

/// One operation of the program.
struct Place {
  SourceLocation location; ///< innermost, in the user's source
  std::string operation;   ///< "fadd", "__nv_expf" …
  SiteRecord record;
};

struct Result {
  std::vector<std::vector<Element>> buffers; ///< of LaunchPlan::buffers; empty for integers, inputs
  std::vector<Place> places;
  std::vector<Note> notes;
};

} // namespace shadow
} // namespace kverify::simt

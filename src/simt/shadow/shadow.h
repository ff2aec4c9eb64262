#pragma once
// Shadow values, as the users of the executor see them: which domain, what the inputs stand for, what came out.
#include <cstdint>
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

/// A number that stands for something that no float is: 1/sqrt(d), log2(e). Residues in Montgomery's form.
struct KnownConstant {
  double value = 0;
  Word p = 0, q = 0;
};

/// What a field run needs beside the plan. The other domains need nothing.
struct Inputs {
  std::uint64_t seed = 0;           ///< of the residues of the inputs, of the base of exp and of log2(e)
  std::vector<KnownConstant> known; ///< beside log2(e) and its inverse, which every run knows
};

/// The residues of element `element` of buffer `buffer` in a field run of this seed.
Words inputValue(std::uint64_t seed, std::size_t buffer, std::uint64_t element);
/// The base of exp in a run of this seed, and what stands for log2(e): modulo p and modulo q.
Word baseOfExp(std::uint64_t seed);
KnownConstant log2eOf(std::uint64_t seed);
/// x^((p+1)/4), a root of x or, where that has none (false), of -x; x modulo p.
std::pair<Word, bool> rootModuloP(Word x);
/// The residues of a number, exactly. `value` must be finite.
Words exactly(double value);

/// The shadow of one element of a buffer after the run. `valid`: it stands for the bits that are there.
struct Element {
  Words words;
  bool valid = false;
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

#pragma once
// Where control went in a run: which ways out of each branch were taken and how often each loop went round, over all
// threads of a plan. What a search for inputs is guided by, and what it has to say at its end.
#include <cstdint>
#include <string>
#include <vector>

#include "kverify/source.h"

namespace kverify::simt {

/// The classes of how often a loop goes round: 1, 2, 3-4, 5-8, 9-16, … and, last, 0.
inline constexpr std::uint32_t kTripClasses = 33;

/// "0", "1", "2", "3-4", "5-8", … of a class.
std::string tripClassText(std::uint32_t trip_class);

/// What can be covered in a program (simt::Program::coverageMap). A point is a byte of RunResult::coverage: 1 where some
/// thread was there.
struct CoverageMap {
  /// Points [first, first + count): at least one of them was reached.
  struct Points {
    std::uint32_t first = 0, count = 0;
  };
  /// One way out of a branch.
  struct Way {
    SourceStack place;        ///< of the branch
    std::string when;         ///< "true", "false", "case 3", "default"
    std::uint32_t point = 0;
    bool ends_in_trap = false; ///< a failed assertion and the like: nobody wants it reached
  };
  /// kTripClasses points, one a class.
  struct Loop {
    SourceStack place;
    std::uint32_t first = 0;
  };
  struct Edge {
    std::uint32_t block = 0;
    Points taken; ///< none: always, once its block ran
  };
  struct Block {
    std::vector<std::uint32_t> places; ///< of its instructions, in `places`
    std::vector<Edge> next;            ///< calls of functions that are not inlined, too
    bool ends_in_trap = false;
  };

  std::uint32_t points = 0;
  std::vector<Way> ways; ///< of the source's own branches; those of a loop that are told by its trips are left out
  std::vector<Loop> loops;
  std::vector<SourceStack> places;
  std::vector<Block> blocks; ///< without those that no input reaches: behind a condition that is a constant
  std::vector<std::uint32_t> entries; ///< blocks where kernels begin

  /// Which blocks ran, by the points of one run or of several together.
  std::vector<bool> blocksRun(const std::vector<std::uint8_t>& reached) const;
};

} // namespace kverify::simt

#pragma once
// Small random kernels, as source text and as a model: who accesses which bytes, and who meets whom.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace kverify::simt::test {

/// One statement of a random kernel, executed by the threads for which its guard holds.
struct Step {
  enum class Kind {
    Read,
    Write,
    Atomic, // accesses
    Copy,
    Commit,
    WaitAll,
    WaitGroup, // cp.async
    Barrier,
    Warp,
    Lanes,
    Warps,
    Handover, // meetings: block, warp, low lanes of each warp, low warps, arrive and sync
    Shuffle,
    Fence,
    Exit,
  };
  Kind kind = Kind::Read;
  bool shared = true;
  std::uint32_t width = 4;                       ///< bytes
  std::uint32_t factor = 1, shift = 0, part = 0; ///< slot (factor*t + shift) % threads, unit `part` of its 8 bytes
  std::uint32_t segment = 0; ///< global: 0 = the block's own part, 1 = the next block's, 2 = the first
  enum class Guard { None, One, Below, Even, Odd } guard = Guard::None;
  std::uint32_t limit = 0; ///< of the guard, of Exit, Lanes, Warps, Handover, WaitGroup
  bool first_block_only = false;
};

/// Slots of 8 bytes: one a thread in shared memory, one a thread and block in global memory.
struct RandomKernel {
  std::uint32_t threads = 32, blocks = 1, launches = 1;
  bool initialised = true; ///< shared memory is cleared, and a barrier follows
  std::vector<Step> steps;

  bool runs(const Step& step, std::uint32_t block, std::uint32_t thread) const;
  /// First byte of an access, in its memory.
  std::uint32_t offset(const Step& step, std::uint32_t block, std::uint32_t thread) const;
  /// void NAME(char* g, const int* x, int* out): g has blocks*threads*8 bytes, x threads ints, out blocks*threads ints.
  std::string source(const std::string& name) const;
};

/// `fences`: with fences, whose order depends on who ran first and which the reference model therefore leaves out.
RandomKernel randomKernel(std::mt19937& random, bool fences);

/// Is there a race, by transitive closure over every pair of accesses? Names of the checks that may be reported.
struct Races {
  bool shared_ww = false, shared_rw = false, global_ww = false, global_rw = false, blocks_ww = false, blocks_rw = false,
       async = false;
  bool any() const { return shared_ww || shared_rw || global_ww || global_rw || blocks_ww || blocks_rw || async; }
  bool allows(const std::string& check) const;
};
Races racesOf(const RandomKernel& kernel);

} // namespace kverify::simt::test

#pragma once
// A random kernel as a tree of statements, so that a failing one can be made smaller.
#include <cstdint>
#include <string>
#include <vector>

#include "kverify/contract.h"

namespace kverify::soundness {

/// One statement: `head`, then the children and `tail` where it is a compound one.
struct Node {
  std::string head;
  std::vector<Node> children;
  std::string tail; ///< empty: a simple statement
};

/// The signature that a kernel has, and every launch of it that is run.
struct Profile {
  std::string name;
  std::string contract;     ///< JSON
  std::string prologue;     ///< declares t, b, T, G, v, w, c and the arrays
  std::vector<Sizes> boxes; ///< every size the contract allows: all of them are run
  int elements = 16;        ///< of the arrays s and g
  bool whole_warps = false; ///< blocks are multiples of 32 threads
  std::string parameters = "int* g, const int* h, int n, unsigned u, long long m";
  bool has_output = false; ///< an array o of l = r * n elements that has to be written
  bool packed = false;     ///< of l elements in r parts, part y from z[y] to z[y + 1]; b is a part, blockIdx.y a tile of it
};

struct RandomKernel {
  std::uint64_t seed = 0;
  const Profile* profile = nullptr;
  std::vector<Node> body;

  std::string source() const;
};

const std::vector<Profile>& profiles();

/// The same seed gives the same kernel.
RandomKernel generate(std::uint64_t seed);

} // namespace kverify::soundness

#pragma once
// What `ptxas -v` says about each function.
#include <string>
#include <string_view>
#include <vector>

namespace kverify::cuda {

struct PtxasFunction {
  std::string name; ///< mangled
  unsigned registers = 0, barriers = 0;
  unsigned stack_bytes = 0, spill_store_bytes = 0, spill_load_bytes = 0;
  unsigned static_shared_bytes = 0;
};

/// Entry functions, in the order of the log. Lines that it does not know are left alone; a function whose registers
/// are not given is left out.
std::vector<PtxasFunction> parsePtxas(std::string_view log);

} // namespace kverify::cuda

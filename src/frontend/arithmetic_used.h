#pragma once
// In which types device code computes: how large an error a reference has to allow where no contract says it.
#include <string>
#include <vector>

#include "frontend/device_module.h"
#include "kverify/contract.h"

namespace kverify::frontend {

struct ArithmeticUsed {
  Arithmetic accumulates = Arithmetic::F32; ///< the narrowest that anything is added, multiplied or accumulated in
  Arithmetic rounds = Arithmetic::F32;      ///< the narrowest that anything is rounded to; never wider than `accumulates`
  bool fast_exp = false;                    ///< ex2.approx, __expf, or -use_fast_math
  std::vector<std::string> approximations;  ///< others, whose error no bound of an oracle knows: "tanh.approx"
};

/// By the instructions, PTX texts and intrinsics of the whole module, called or not: rather too coarse than too fine.
/// Errors: Internal for a module that can't be read.
Expected<ArithmeticUsed> arithmeticUsed(const DeviceModule& module);

} // namespace kverify::frontend

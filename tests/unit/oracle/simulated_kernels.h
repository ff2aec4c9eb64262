#pragma once
// Kernels as plain loops in low precision: correct ones, and ones with a single realistic mistake. They run on a
// LaunchPlan, so that contracts, cases, oracle and judge are tested together without an executor.
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/generate/cases.h"
#include "fuzz/judge/judge.h"
#include "kverify/contract.h"

namespace kverify::testing {

enum class Mistake {
  None,
  ScaleOnePercent, ///< 1.01 scale
  ScaleTwice,      ///< scale applied twice
  PaddingKey,      ///< one key of zeros beyond the end takes part
  LostKey,         ///< the last key does not
  LostKeyInTile,   ///< the last key of every full tile does not
  NoRescaleAcc,    ///< the accumulator keeps its old maximum
  NoRescaleL,      ///< the denominator keeps its old maximum
  CausalOffByOne,  ///< one key too few
  CausalPeek,      ///< one key too many
  MeanV,
  Zeros,
  HalfAccumulator, ///< P V accumulated in fp16 although f32 is declared
  NoMaxShift,      ///< exp(s) without the maximum
  WrongKeyHead,    ///< GQA: query head x reads key head x % hk
};
std::string nameOf(Mistake mistake);

/// Online softmax attention in f32 over tiles of `tile` keys, P rounded to `p`, inputs and output in the contract's
/// types. Returns the final contents of all buffers.
std::vector<std::vector<std::uint8_t>> runAttention(const Contract& contract, const LaunchPlan& plan, Arithmetic p,
                                                    int tile, Mistake mistake = Mistake::None);

/// Softmax of rows in f32: online over tiles, or with the mistake (NoMaxShift, LostKey, PaddingKey, Zeros, NoRescaleL).
std::vector<std::vector<std::uint8_t>> runSoftmax(const Contract& contract, const LaunchPlan& plan, int tile,
                                                  Mistake mistake = Mistake::None);

enum class NormMistake {
  None,
  OnePass,
  OnePassClamped,
  DivideByNMinusOne,
  NoEps,
  LostElement,
  NoBeta,
  GammaAfterBeta,
  Zeros,
  CopyInput
};
std::string nameOf(NormMistake mistake);

std::vector<std::vector<std::uint8_t>> runLayerNorm(const Contract& contract, const LaunchPlan& plan,
                                                    NormMistake mistake = NormMistake::None);

/// Contracts over dtype ("f32", "f16", "bf16").
Contract attentionContract(const std::string& dtype, const std::string& causal, const std::string& p);
Contract softmaxContract();
Contract layerNormContract(const std::string& variance);

/// A signature that fits the contract's one launch: all pointers.
std::vector<frontend::KernelInfo> signatureOf(const Contract& contract);

} // namespace kverify::testing

#pragma once
// One report with every kind of thing in it, for the renderers' tests.
#include "kverify/report.h"

namespace kverify::report {

inline Finding sampleRace() {
  Finding finding{.check = "race.shared-read-write", .message = "two threads touch smem[32] with no barrier between"};
  finding.locations = {
      {{{"kernel.cu", 41, 5, "store"}, {"kernel.cu", 60, 3, "row_softmax"}},
       "thread (0,0,0) of block (0,0,0) writes 4 bytes"},
      {{{"kernel.cu", 47, 12, "row_softmax"}}, "thread (32,0,0) of block (0,0,0) reads 4 bytes"},
  };
  finding.launch = "grid=1 block=64, seq_len=33 (head_dim: any)";
  finding.help = "a __syncthreads() is needed between lines 41 and 47";
  finding.fingerprint = "0123456789abcdef";
  finding.confirmed = true;
  finding.replay = "out/KV1202-a91f03bc.json";
  return finding;
}

inline KernelReport sampleRefuted() {
  KernelReport kernel{.file = "kernels/softmax/row/kernel.cu", .kernel = "row_softmax"};
  kernel.source_sha256 = "aa";
  kernel.contract = "kernels/softmax/row/contract.json";
  kernel.contract_sha256 = "bb";
  kernel.spec = "softmax";
  kernel.headers = "builtin";
  kernel.target = "sm_80";
  kernel.verdict = Verdict::Refuted;
  kernel.findings = {sampleRace()};
  kernel.outcomes = {
      {"bounds.global-read", "fuzz", Tested{36, 1, std::nullopt, "N in {1, 33}"}, 0.5},
      {"bounds.global-write", "fuzz", Tested{36, 1, std::nullopt, "N in {1, 33}"}, 0.5},
      {"numerics.bound", "fuzz", Unknown{"no cases", "every case broke another rule"}, 0.5},
      {"race.shared-read-write", "fuzz", Refuted{"two threads touch smem[32]", "out/KV1202-a91f03bc.json"}, 0.5},
      {"race.shared-write-write", "fuzz", Tested{36, 1, std::nullopt, "N in {1, 33}"}, 0.5},
  };
  kernel.notes = {"the kernel printed 12 bytes over all cases"};
  kernel.seconds = 1.25;
  return kernel;
}

inline KernelReport sampleCertified() {
  KernelReport kernel{.file = "tiled.cu", .kernel = "tiled<64>"};
  kernel.headers = "toolkit";
  kernel.target = "sm_90";
  kernel.verdict = Verdict::Certified;
  kernel.outcomes = {
      {"bounds.global-read", "fuzz", Tested{3, 1, std::nullopt, ""}, 0.1},
      {"race.shared-write-write", "fuzz", Tested{3, 1, std::nullopt, ""}, 0.1},
  };
  kernel.assumptions = {"every pointer is a distinct buffer of 1 MiB"};
  kernel.seconds = 0.5;
  return kernel;
}

inline KernelReport sampleProved() {
  KernelReport kernel{.file = "proved.cu", .kernel = "axpy"};
  kernel.verdict = Verdict::Certified;
  kernel.outcomes = {
      {"index.overflow", "formal", Proved{"all sizes: n in [1, 99]", {"distinct buffers"}, "z3 4.8.12", "cafe"}, 0.1},
      {"race.blocks-write-write", "formal",
       Proved{"all sizes: n in [1, 99]", {"distinct buffers", "accesses in bounds"}, "z3 4.8.12", "beef", true}, 0.0},
      {"numerics.bound", "formal", Unknown{"time budget", "no answer in 10 s"}, 10.0},
      {"numerics.bound", "fuzz", Tested{8, 1, 0.3125, "n in {1, 7}"}, 0.25},
  };
  return kernel;
}

inline KernelReport sampleFailed() {
  KernelReport kernel{.file = "broken.cu"};
  kernel.error = ToolError{ErrorKind::Input, "there is no kernel 'flsh' in 'broken.cu'",
                           "contract.json:7 (/launches/0)", "did you mean 'flash'?"};
  return kernel;
}

inline Report sampleReport() {
  Report report{.tool_version = "0.1.0", .command = "kverify audit kernels", .seed = 18446744073709551615u};
  report.kernels = {sampleRefuted(), sampleCertified(), sampleProved(), sampleFailed()};
  report.seconds = 2.5;
  report.exit_code = kExitRefuted;
  return report;
}

} // namespace kverify::report

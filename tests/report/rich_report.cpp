#include "tests/report/rich_report.h"

#include <cmath>
#include <limits>
#include <map>

#include "core/hash.h"
#include "kverify/check.h"

namespace kverify::report::tests {
namespace {

constexpr const char* kSoftmax = R"cu(// Row softmax, one block a row. The second barrier of the loop is missing.
#include <cuda_runtime.h>

__device__ void store(float* smem, int t, float v) {
  smem[t] = v;
}

template <int kThreads>
__global__ void row_softmax(const float* x, float* y, int n) {
  __shared__ float smem[64];
  int t = threadIdx.x;
  float sum = 0.0f;
  for (int first = 0; first < n; first += kThreads) {
    store(smem, t, x[blockIdx.x * n + first + t]);
    __syncthreads();
    for (int j = 0; j < kThreads; ++j) {
      float m = smem[j];  /* every thread reads all:
                             of one tile */
      sum += __expf(m - 1.5e+3f);
    }
  }
  y[blockIdx.x * n + t] = x[blockIdx.x * n + t] / sum;  // µ: two bytes
}
)cu";

constexpr const char* kFlash = R"cu(#include "tile.h"
__global__ void flash(const float* q, const float* k, const float* v, float* o, int nk) {
  // kverify-allow(readable.names): as in the paper
  float m = -INFINITY, l = 0;
  for (int j = 0; j < nk; ++j) l += expf(q[threadIdx.x] * k[j]);
  o[threadIdx.x] = v[threadIdx.x] / l;
}
)cu";

constexpr const char* kAxpy = R"cu(__global__ void axpy(float a, const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = a * x[i] + y[i];
}
)cu";

const std::map<std::string, std::string>& sources() {
  static const std::map<std::string, std::string> all = {{"kernels/softmax/row/kernel.cu", kSoftmax},
                                                         {"kernels/attention/flash/kernel.cu", kFlash},
                                                         {"axpy.cu", kAxpy},
                                                         {"changed.cu", "int changed;\n"}};
  return all;
}

LaunchFacts launch64() {
  return {.kernel = "row_softmax<64>", .grid = {1, 1, 1}, .block = {64, 1, 1}, .sizes = {{"n", 128}}, .family = "normal", .seed = 7};
}

ThreadId thread(std::uint32_t x, std::uint32_t block = 0) {
  return {{x, 0, 0}, {block, 0, 0}};
}

/// 64 elements, each written by its own thread; the last ones are read by thread 0 too.
Tile softmaxTile() {
  Tile tile{.object = "smem", .first = {0}, .rows = 2, .columns = 32};
  tile.focus.emplace(1, 31);
  for (std::uint32_t i = 0; i < 64; ++i) {
    tile.threads.push_back(thread(i));
    tile.writers.push_back(static_cast<std::int32_t>(i));
    tile.others.push_back(i >= 60 ? 0 : std::int32_t{Tile::Nobody});
    tile.intervals.push_back(1);
  }
  return tile;
}

Finding race() {
  Finding finding{.check = "race.shared-read-write", .message = "two threads touch smem[63] with no barrier between"};
  finding.locations = {{{{"kernels/softmax/row/kernel.cu", 5, 11, "store"}, {"kernels/softmax/row/kernel.cu", 14, 5, "row_softmax<64>"}},
                        "thread (63,0,0) of block (0,0,0) writes 4 bytes",
                        thread(63),
                        MemoryAccess{AccessKind::Write, 4, 252, {63}, 1}},
                       {{{"kernels/softmax/row/kernel.cu", 17, 17, "row_softmax<64>"}},
                        "thread (0,0,0) of block (0,0,0) reads 4 bytes",
                        thread(0),
                        MemoryAccess{AccessKind::Read, 4, 252, {63}, 1}}};
  finding.launch = "grid=1 block=64, n=128";
  finding.help = "a __syncthreads() is needed between lines 14 and 17";
  finding.fingerprint = "0123456789abcdef";
  finding.confirmed = true;
  finding.replay = "out/KV1202-a91f03bc.json";
  finding.facts.launch = launch64();
  finding.facts.object = MemoryObject{"smem", MemorySpace::Shared, 256, 4, {64}};
  finding.facts.interval = BarrierInterval{1, SourceLocation{"kernels/softmax/row/kernel.cu", 15, 5, "row_softmax<64>"}, std::nullopt};
  finding.facts.tile = softmaxTile();
  return finding;
}

Finding overBound() {
  Finding finding{.check = "numerics.bound",
                  .message = "O[b=0, nq=3, dv=1] is 0.75, the reference 0.5: an error of 0.25 where a correct kernel keeps 1e-06"};
  finding.locations = {{{{"kernels/attention/flash/kernel.cu", 2, 17, "flash"}}, ""}};
  finding.launch = "grid=2 block=4, nk=33, family normal, seed 7";
  finding.fingerprint = "00000000deadbeef";
  finding.confirmed = true;
  finding.replay = "out/KV2101-00c0ffee.json";
  finding.facts.launch = LaunchFacts{.kernel = "flash", .grid = {2, 1, 1}, .block = {4, 1, 1}, .shared_bytes = 1024, .sizes = {{"nk", 33}}, .family = "normal", .seed = 7};
  finding.facts.object = MemoryObject{"O", MemorySpace::Global, 128, 4, {1, 4, 8}};
  finding.facts.violation = Violation{"error of O[b=0, nq=3, dv=1]", 0.25, 1e-6, ""};
  finding.facts.value = ValueFacts{"O", {{"b", 0}, {"nq", 3}, {"dv", 1}}, 0.75, 0.5, 1e-6, 9, 32};
  Tile tile{.object = "O", .first = {0, 0, 0}, .rows = 4, .columns = 8};
  tile.focus.emplace(3, 1);
  for (std::uint32_t i = 0; i < 32; ++i)
    tile.ratios.push_back(i < 16 ? 0.03125 * i : i == 25 ? 250000 : i == 31 ? std::numeric_limits<double>::infinity() : 1.5 * (i - 15));
  tile.threads = {thread(0), thread(1), thread(2), thread(3), thread(0, 1), thread(1, 1), thread(2, 1), thread(3, 1)};
  for (std::uint32_t i = 0; i < 32; ++i)
    tile.writers.push_back(static_cast<std::int32_t>(i % 8));
  finding.facts.tile = tile;
  return finding;
}

Finding outside() {
  Finding finding{.check = "bounds.global-write", .message = "writes across the end of o (128 bytes), 4 bytes too far"};
  finding.locations = {{{{"kernels/attention/flash/kernel.cu", 6, 18, "flash"}}, "thread (3,0,0) of block (1,0,0) writes 4 bytes", thread(3, 1),
                        MemoryAccess{AccessKind::Write, 4, 128, {}, 0}}};
  finding.fingerprint = "00000000deadbeef"; // as another finding's: told apart by a number
  finding.facts.object = MemoryObject{"o", MemorySpace::Global, 128, 4, {32}};
  finding.facts.violation = Violation{"bytes of o", 132, 128, "byte"};
  Tile tile{.object = "o", .first = {24}, .rows = 1, .columns = 9};
  tile.focus.emplace(0, 8);
  tile.threads = {thread(3, 1)};
  tile.writers = {Tile::Host, Tile::Host, Tile::Earlier, Tile::Nobody, 0, 0, 0, 0, Tile::Outside};
  tile.others = {-1, -1, -1, -1, -1, -1, -1, -1, 0};
  finding.facts.tile = tile;
  return finding;
}

Stability stability() {
  Stability s;
  s.rows = {{"normal", "everyday values", "nk=33", "pass", 0.16, -1e-8, "O[b=0, nq=1, dv=0]", 0, 0, 22, 22},
            {"one-hot", "a lost key", "nk=33", "fail", 4200, 2e-1, "O[b=0, nq=3, dv=1]", 0, 0, 21, 22},
            {"overflow", "no shift by the maximum", "nk=33", "fail", std::numeric_limits<double>::infinity(), 0, "", 0, 0, 22, 22},
            {"denormal", "flushing", "nk=33", "not run", 0, 0, "", 0, 0}};
  s.nonfinite = "in an input reaches every result that depends on it";
  s.schedules = 3;
  s.growth_size = "nk";
  for (std::int64_t n = 16; n <= 1024; n *= 4)
    s.growth.push_back({n, 1e-7 * std::sqrt(static_cast<double>(n)), 1e-6 * static_cast<double>(n), 3e-7 * static_cast<double>(n)});
  s.error_exponent = 0.5;
  s.bound_exponent = 1;
  s.plot = "out/flash-growth.svg";
  return s;
}

const CheckInfo kRace{"race.shared-read-write", "KV1202", "fuzz", "one thread reads a shared element that another writes, unordered",
                      "which value is read depends on the schedule", "a __syncthreads() is needed between the two accesses",
                      "sound and complete for the inputs that were run", Severity::Error, "smem[t] = v;\n__syncthreads();"};
const CheckInfo kBound{"numerics.bound", "KV2101", "fuzz", "an error above what a correct kernel keeps", "the result is wrong.",
                       "look for a lost key, a missing rescale, a low accumulator", "never accuses a correct kernel"};
const CheckInfo kWrite{"bounds.global-write", "KV1002", "fuzz", "write outside a global allocation", "it corrupts what is not its own",
                       "guard the access", "sound and complete for the inputs that were run"};
const CheckInfo kReuse{"sync.tile-reuse", "KV3104", "static", "a tile is overwritten while others may read it", "a race, most likely",
                       "a second barrier at the end of the loop", "neither: it reads the source", Severity::Warning};
const CheckInfo kOverflow{"index.overflow", "KV1601", "formal", "index arithmetic leaves its integer type", "it wraps", "compute in 64 bits",
                          "proved for every launch of the contract"};

} // namespace

std::optional<std::string> sourceText(const std::string& path) {
  auto found = sources().find(path);
  return found == sources().end() ? std::nullopt : std::optional(found->second);
}

void registerSampleChecks() {
  static const RegisterCheck all[] = {RegisterCheck(kRace), RegisterCheck(kBound), RegisterCheck(kWrite), RegisterCheck(kReuse),
                                      RegisterCheck(kOverflow)};
  (void)all;
}

KernelReport racyKernel() {
  KernelReport kernel{.file = "kernels/softmax/row/kernel.cu", .kernel = "row_softmax<64>"};
  kernel.source_sha256 = sha256Hex(std::string_view(kSoftmax));
  kernel.contract = "kernels/softmax/row/contract.json";
  kernel.contract_sha256 = "bb";
  kernel.spec = "softmax";
  kernel.headers = "builtin";
  kernel.target = "sm_80";
  kernel.verdict = Verdict::Refuted;
  Finding warning{.check = "sync.tile-reuse", .severity = Severity::Warning, .message = "'smem' is written again with no barrier after its reads"};
  warning.locations = {{{{"kernels/softmax/row/kernel.cu", 14, 5, "row_softmax<64>"}}, "writes the tile"}};
  warning.fingerprint = "1111111111111111";
  kernel.findings = {race(), warning};
  kernel.examples = {{"out/KV1202-a91f03bc.json", "n=128, any values"}};
  kernel.outcomes = {{"bounds.global-read", "fuzz", Tested{36, 1, std::nullopt, "n in {1, 64, 128}"}, 0.5, {}},
                     {"numerics.bound", "fuzz", Unknown{"no cases", "every case broke another rule before its values could be judged"}, 0.5, {}},
                     {"race.shared-read-write", "fuzz", Refuted{"two threads touch smem[63] with no barrier between", "out/KV1202-a91f03bc.json"}, 0.5, {}},
                     {"race.shared-read-write", "formal", Refuted{"two threads touch smem[63] with no barrier between", "out/KV1202-a91f03bc.json"}, 0.25, {}},
                     {"bounds.shared-write", "formal", Proved{"all sizes: n in [1, 4096]", {"distinct tensors do not overlap"}, "z3 4.8.12", "cafe"}, 0.012,
                      {{"kernels/softmax/row/kernel.cu", 5}}},
                     {"bounds.shared-read", "formal", Proved{"bounded: n in [1, 64]", {"distinct tensors do not overlap", "every loop ends"}, "z3 4.8.12", "beef", true}, 0,
                      {{"kernels/softmax/row/kernel.cu", 17}}}};
  kernel.static_checks = 48;
  kernel.assumptions = {"x and y are distinct buffers"};
  kernel.notes = {"the kernel printed 12 bytes over all cases"};
  kernel.seconds = 1.25;
  return kernel;
}

KernelReport wrongKernel() {
  KernelReport kernel{.file = "kernels/attention/flash/kernel.cu", .kernel = "flash"};
  kernel.source_sha256 = sha256Hex(std::string_view(kFlash));
  kernel.spec = "attention.forward";
  kernel.headers = "toolkit";
  kernel.target = "sm_90";
  kernel.verdict = Verdict::Refuted;
  kernel.findings = {overBound(), outside()};
  kernel.outcomes = {{"numerics.bound", "fuzz", Refuted{"an error of 0.25 where a correct kernel keeps 1e-06", "out/KV2101-00c0ffee.json"}, 2, {}},
                     {"numerics.bound", "stability", Tested{4, 1, 0.16, "the stress list"}, 3, {}},
                     {"bounds.global-write", "fuzz", Unknown{"unconfirmed", "seen once, not seen again: writes across the end of o"}, 2, {}},
                     {"sync.tile-reuse", "static", Unknown{"can't tell", "kernel.cu:5: a template"}, 0, {}}};
  kernel.adequacy = Adequacy{21, 22, 0.9, {"the last key lost"}};
  kernel.stability = stability();
  kernel.static_checks = 48;
  Suppression allowed{.check = "readable.names", .at = {"kernels/attention/flash/kernel.cu", 3, 3, ""}, .reason = "as in the paper"};
  allowed.state = Suppression::State::Used;
  allowed.silenced = "4 of 5 variables of 'flash' have one letter";
  Suppression refused{.check = "numerics.bound", .at = {"kernels/attention/flash/kernel.cu", 4, 3, ""}, .reason = "we know"};
  refused.state = Suppression::State::Refused;
  refused.silenced = "an error of 0.25";
  kernel.suppressions = {allowed, refused};
  kernel.notes = {"too large to be covered: nk=65536"};
  kernel.seconds = 5.5;
  return kernel;
}

KernelReport provedKernel() {
  KernelReport kernel{.file = "axpy.cu", .kernel = "axpy"};
  kernel.source_sha256 = sha256Hex(std::string_view(kAxpy));
  kernel.contract = "axpy.contract.json";
  kernel.contract_sha256 = "cc";
  kernel.headers = "builtin";
  kernel.target = "sm_80";
  kernel.verdict = Verdict::Certified;
  std::vector<std::string> assumed = {"distinct tensors do not overlap", "every loop ends"};
  kernel.outcomes = {{"index.overflow", "formal", Proved{"all sizes: n in [1, 1048576]", assumed, "z3 4.8.12", "aa"}, 0.1, {{"axpy.cu", 2}, {"axpy.cu", 4}}},
                     {"bounds.global-write", "formal", Proved{"all sizes: n in [1, 1048576]", assumed, "z3 4.8.12, 2 of 2 queries agreed by cvc5 1.0.3", "bb"}, 0.2, {{"axpy.cu", 4}}},
                     {"numerics.bound", "formal", Unknown{"time budget", "no answer in 10 s"}, 10, {{"axpy.cu", 4}}},
                     {"numerics.bound", "fuzz", Tested{8, 1, 0.3125, "n in {1, 7}"}, 0.25, {}}};
  kernel.idle = {{"barrier.divergent", "no barrier"}, {"race.async-copy", "no asynchronous copy"}, {"barrier.deadlock", "no barrier"}};
  kernel.profile = {"axpy: 4 lines, cyclomatic 2"};
  kernel.seconds = 0.5;
  return kernel;
}

KernelReport unknownKernel() {
  KernelReport kernel{.file = "odd names/<k> & \"q\", 100%|`x`.cu", .kernel = "evil<'<script>alert(1)</script>'>"};
  kernel.verdict = Verdict::Inconclusive;
  kernel.source_sha256 = "dd";
  kernel.outcomes = {{"exec.trap", "fuzz", Unknown{"unsupported", "wgmma | `m64n8k16` *and* ]]> <b>more</b>\nsecond line %0A ::error::no"}, 0.5, {}},
                     {"bounds.local", "fuzz", Unknown{"unsupported", "bytes that are no text: \xff\xfe, and a bell \x07"}, 0.5, {}}};
  Finding finding{.check = "gone.check", .severity = Severity::Warning, .message = "a check, of: another\nversion % \xf0\x9f\x9a\x80 <i>"};
  finding.locations = {{{{"changed.cu", 1, 5, ""}}, "in a file that has changed"}};
  finding.code = "KV9999";
  kernel.findings = {finding};
  kernel.notes = {"clang: warning: <unused> & \"quoted\""};
  return kernel;
}

KernelReport brokenKernel() {
  KernelReport kernel{.file = "broken.cu"};
  kernel.error = ToolError{ErrorKind::Compile, "broken.cu:3:5: error: use of undeclared identifier 'y'\n    3 |     y = 1;\n      |     ^", "", "declare it"};
  return kernel;
}

Report richReport() {
  Report report{.tool_version = "0.1.0", .command = "kverify audit kernels axpy.cu 'odd names' --seed 18446744073709551615", .seed = 18446744073709551615u};
  report.kernels = {racyKernel(), provedKernel(), wrongKernel(), unknownKernel(), brokenKernel()};
  report.kernels[3].source_sha256 = "dd";
  report.seconds = 7.75;
  report.exit_code = kExitRefuted;
  report.started = "2026-10-09T08:30:00Z";
  report.folder = "sub dir";
  report.platform = {{"clang", "19.1.7"}, {"system", "Debian GNU/Linux 12 (bookworm), x86_64"}};
  return report;
}

} // namespace kverify::report::tests

// Who verifies the verifier: small random kernels, proved for all sizes of a small contract, and every one of those
// launches run in the executor. What the executor breaks must not have been proved.
// KVERIFY_SOUNDNESS_KERNELS sets how many (default 12), KVERIFY_SOUNDNESS_SEED where they start.
#include <cstdio>
#include <cstdlib>
#include <random>

#include "contract/instantiate.h"
#include "simt/executor.h"
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

const std::string kContract = R"json({ "contract": 1,
  "sizes": { "T": {"range": [1, 4]}, "G": {"range": [1, 2]}, "N": {"range": [1, 3]} },
  "tensors": { "g": {"dtype": "i32", "shape": [16], "access": "read_write"} },
  "launches": [ {"kernel": "random", "args": ["g", "N"], "grid": ["G"], "block": ["T"]} ] })json";

/// Writes kernels statement by statement. Variables in scope: t, b, T, G, n, and i, j of loops.
class Writer {
public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string kernel() {
    std::string body = statements(2 + pick(4), 0);
    return "__global__ void random(int* g, int n) {\n  __shared__ int s[16];\n  int t = threadIdx.x, b = blockIdx.x, "
           "T = blockDim.x, G = gridDim.x, v = t + b + T + G;\n"
           "  for (int z = t; z < 16; z += T)\n    s[z] = 0;\n  __syncthreads();\n" +
           body + "}\n";
  }

private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string index() {
    static const char* const forms[] = {"t",
                                        "t + 1",
                                        "t * 2",
                                        "t / 2",
                                        "(t + 1) % T",
                                        "T - 1 - t",
                                        "b * 4 + t",
                                        "b",
                                        "0",
                                        "t % 2",
                                        "t + T",
                                        "b * T + t",
                                        "t ^ 1",
                                        "n",
                                        "n + t",
                                        "n * t",
                                        "t * T",
                                        "t & 3",
                                        "(t << 1) + 1",
                                        "t >> 1",
                                        "15 - t",
                                        "t + 4 * b + 8",
                                        "v"};
    std::string form = pick(3) ? forms[pick(static_cast<int>(std::size(forms)))] : "t";
    if (loops_ > 0 && pick(2)) {
      std::string variable = loops_ > 1 && pick(2) ? "j" : "i";
      static const char* const around[] = {"%",         "% + t",           "% * T + t",
                                           "t * 3 + %", "(% & 1) * 4 + t", "(% + 1) / 2 * 4 + t"};
      form = around[pick(static_cast<int>(std::size(around)))];
      form.replace(form.find('%'), 1, variable);
    }
    return form;
  }

  std::string access() {
    std::string array = pick(4) ? "s" : "g";
    switch (pick(4)) {
    case 0: return array + "[" + index() + "] = v;\n";
    case 1: return "v += " + array + "[" + index() + "];\n";
    case 2: return array + "[" + index() + "] += 1;\n";
    default: return array + "[t] = " + array + "[" + index() + "];\n";
    }
  }

  std::string guard() {
    static const char* const guards[] = {"t < 2",      "t == 0", "t < n",  "t + 1 < T", "n > 1",
                                         "t % 2 == 0", "b == 0", "t >= n", "T > 2",     "v > 3"};
    return guards[pick(static_cast<int>(std::size(guards)))];
  }

  std::string loop(int depth) {
    std::string variable = loops_ ? "j" : "i";
    static const char* const heads[] = {" = 0; % < n; ++%", " = t; % < 8; % += T", " = T / 2; % > 0; % /= 2",
                                        " = n; % > 0; --%", " = 0; % < 2; ++%",    " = T / 2; % > 0; % >>= 1",
                                        " = 0; % < t; ++%"};
    std::string head = heads[pick(static_cast<int>(std::size(heads)))];
    for (std::size_t at = head.find('%'); at != std::string::npos; at = head.find('%'))
      head.replace(at, 1, variable);
    ++loops_;
    std::string body = statements(1 + pick(3), depth + 1);
    --loops_;
    return "for (int " + variable + head + ") {\n" + body + "}\n";
  }

  std::string statements(int count, int depth) {
    std::string all;
    for (int i = 0; i < count; ++i)
      switch (pick(8)) {
      case 0:
      case 1: all += "__syncthreads();\n"; break;
      case 2:
        if (depth < 2 && loops_ < 2) {
          all += loop(depth);
          break;
        }
        [[fallthrough]];
      case 3: all += "if (" + guard() + ") {\n" + (depth < 2 ? statements(1, depth + 1) : access()) + "}\n"; break;
      default: all += access() + (pick(3) ? "__syncthreads();\n" : "");
      }
    return all;
  }

  std::mt19937 random_;
  int loops_ = 0;
};

struct Checked {
  frontend::DeviceModule module;
  Contract contract;
  std::unique_ptr<simt::Program> program;
};

/// The check ids that some launch of the contract breaks, each with the launch.
std::map<std::string, std::string> broken(Checked& checked) {
  std::map<std::string, std::string> found;
  for (std::int64_t threads = 1; threads <= 4; ++threads)
    for (std::int64_t blocks = 1; blocks <= 2; ++blocks)
      for (std::int64_t n = 1; n <= 3; ++n) {
        auto plan =
            contract::instantiate(checked.contract, checked.module.kernels, {{"T", threads}, {"G", blocks}, {"N", n}});
        if (!plan) {
          ADD_FAILURE() << plan.error().message;
          return found;
        }
        plan->buffers[0].bytes.assign(64, 0);
        auto result = checked.program->run(*plan);
        if (!result) {
          ADD_FAILURE() << result.error().message;
          return found;
        }
        for (const Finding& finding : result->findings)
          found.emplace(finding.check, "T=" + std::to_string(threads) + " G=" + std::to_string(blocks) +
                                           " N=" + std::to_string(n) + ": " + finding.message);
      }
  return found;
}

Results proveModule(const Checked& checked) {
  ProveOptions options;
  options.obligation_ms = 300;
  options.kernel_seconds = 2;
  options.want_candidates = false;
  return resultsOf(judgeKernel(checked.module, checked.contract, options));
}

/// The formal id that has to be open where the executor saw this one.
std::string formalId(const std::string& check) {
  return check == "barrier.deadlock" ? "barrier.divergent" : check;
}

struct Count {
  int proved = 0, broken = 0, open = 0; ///< checks of kernels
};

void checkKernel(const std::string& source, Count& count) {
  frontend::CompileOptions compile;
  compile.headers = frontend::CudaHeaders::Builtin;
  auto module = frontend::compileSource("random.cu", source, compile);
  ASSERT_TRUE(module) << module.error().message << "\n" << source;
  auto contract = parseContract("contract.json", kContract);
  ASSERT_TRUE(contract) << contract.error().message;
  auto program = simt::Program::create(*module);
  ASSERT_TRUE(program) << program.error().message;
  Checked checked{std::move(*module), std::move(*contract), std::move(*program)};
  Results results = proveModule(checked);
  std::map<std::string, std::string> found = broken(checked);
  for (const auto& [check, launch] : found) {
    std::string id = formalId(check);
    bool judged = id.starts_with("race.") || id.starts_with("bounds.") || id == "barrier.divergent";
    if (!judged)
      continue;
    auto outcome = results.find(id);
    ASSERT_NE(outcome, results.end()) << check << " was not even judged; " << launch << "\n" << source;
    ASSERT_NE(outcome->second, "proved") << "UNSOUND: " << check << "; " << launch << "\n" << source;
  }
  for (const auto& [check, outcome] : results) {
    bool seen = found.count(check) > 0;
    count.proved += outcome == "proved";
    count.broken += seen;
    count.open += outcome != "proved" && !seen;
  }
}

unsigned fromEnvironment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

TEST(Soundness, NoRandomKernelIsProvedThatTheExecutorBreaks) {
  unsigned first = fromEnvironment("KVERIFY_SOUNDNESS_SEED", 1);
  unsigned kernels = fromEnvironment("KVERIFY_SOUNDNESS_KERNELS", 12);
  Count count;
  for (unsigned seed = first; seed < first + kernels; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    checkKernel(Writer(seed).kernel(), count);
    if (HasFatalFailure())
      return;
  }
  RecordProperty("proved", count.proved);
  RecordProperty("broken", count.broken);
  std::printf("%u kernels; checks: %d proved, %d broken, %d neither\n", kernels, count.proved, count.broken,
              count.open);
  EXPECT_GT(count.proved, 0) << "a test in which nothing is proved tests nothing";
  EXPECT_GT(count.broken, 0) << "a test in which nothing is broken tests nothing";
}

} // namespace
} // namespace kverify::verifier::test

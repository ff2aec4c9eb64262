// The fast filter against the precise engine, and the precise engine against a reference of its own, on random kernels.
//
// KVERIFY_FUZZ_SECONDS=600 runs for that long instead of a fixed number of kernels; KVERIFY_FUZZ_SEED sets where it
// starts.
#include "both_engines.h"

#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "random_kernel.h"

namespace kverify::simt::test {
namespace {

constexpr std::uint32_t kBatch = 32; // kernels a module: compiling is most of the time

struct Engines {
  std::unique_ptr<Program> fast, precise;
};

Engines compileBatch(const std::vector<RandomKernel>& kernels) {
  std::string source = R"(__device__ __forceinline__ void copy(void* to, const void* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" :: "r"((unsigned)__cvta_generic_to_shared(to)), "l"(from));
}
)";
  for (std::size_t i = 0; i < kernels.size(); ++i)
    source += kernels[i].source(fmt::format("k{}", i));
  frontend::CompileOptions compile;
  compile.target = "sm_80";
  compile.headers = frontend::CudaHeaders::Builtin;
  auto module = frontend::compileSource("random.cu", source, compile);
  if (!module) {
    ADD_FAILURE() << "the generated kernels do not compile: " << module.error().message << "\n" << source;
    return {};
  }
  Engines engines;
  for (bool precise : {false, true}) {
    ProgramOptions options;
    options.always_precise = precise;
    auto program = Program::create(*module, options);
    if (program)
      (precise ? engines.precise : engines.fast) = std::move(*program);
    else
      ADD_FAILURE() << program.error().message;
  }
  return engines;
}

LaunchPlan planOf(const RandomKernel& kernel, std::size_t number) {
  LaunchPlan plan;
  plan.buffers = {zeros("g", kernel.threads * kernel.blocks * 8, DType::U8),
                  zeros("x", kernel.threads, DType::I32, Access::Read), zeros("out", kernel.threads * kernel.blocks)};
  KernelLaunch launch;
  launch.kernel = fmt::format("k{}", number);
  launch.grid = {kernel.blocks};
  launch.block = {kernel.threads};
  for (std::uint32_t i = 0; i < 3; ++i)
    launch.args.push_back(BufferArg{i, 0});
  plan.launches.assign(kernel.launches, launch);
  return plan;
}

struct Tally {
  std::uint32_t kernels = 0, racy = 0, cleared = 0;
};

/// The filter may only clear what the precise engine clears; it may doubt as it likes.
void compare(const RandomKernel& kernel, std::size_t number, Engines& engines, bool with_reference, Tally& tally) {
  LaunchPlan plan = planOf(kernel, number);
  auto fast = engines.fast->run(plan), precise = engines.precise->run(plan);
  ASSERT_TRUE(fast && precise) << (fast ? precise.error().message : fast.error().message);
  auto ids = [](const RunResult& result) {
    auto list = checksOf(result);
    return std::set<std::string>(list.begin(), list.end());
  };
  std::set<std::string> found = ids(*precise);
  ASSERT_EQ(ids(*fast), found) << "the filter and the precise engine differ";
  ASSERT_EQ(statusName(fast->status), statusName(precise->status));
  if (found.empty()) {
    ASSERT_EQ(fast->buffers, precise->buffers) << "the engines compute different results";
  }
  ++tally.kernels;
  tally.racy += !found.empty();
  tally.cleared += !fast->stats.precise;
  if (!with_reference)
    return;
  Races races = racesOf(kernel);
  ASSERT_EQ(races.any(), !found.empty()) << "the precise engine and the reference differ: found "
                                         << ::testing::PrintToString(found);
  for (const std::string& check : found)
    ASSERT_TRUE(races.allows(check)) << "the reference knows of no " << check;
}

void fuzz(bool with_reference, std::uint32_t batches, std::uint32_t seed) {
  const char* seconds = std::getenv("KVERIFY_FUZZ_SECONDS");
  if (const char* start = std::getenv("KVERIFY_FUZZ_SEED"))
    seed = static_cast<std::uint32_t>(std::atoi(start));
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds ? std::atoi(seconds) / 2 : 0);
  Tally tally;
  for (std::uint32_t batch = 0; seconds ? std::chrono::steady_clock::now() < end : batch < batches; ++batch) {
    std::mt19937 random(seed + batch);
    std::vector<RandomKernel> kernels;
    for (std::uint32_t i = 0; i < kBatch; ++i)
      kernels.push_back(randomKernel(random, !with_reference));
    Engines engines = compileBatch(kernels);
    if (!engines.precise || !engines.fast)
      return;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      const RandomKernel& kernel = kernels[i];
      SCOPED_TRACE(fmt::format("seed {} kernel {}: grid {} block {} launches {}\n{}", seed + batch, i, kernel.blocks,
                               kernel.threads, kernel.launches, kernel.source(fmt::format("k{}", i))));
      compare(kernel, i, engines, with_reference, tally);
      if (::testing::Test::HasFatalFailure())
        return;
    }
  }
  EXPECT_GT(tally.racy, tally.kernels / 10) << "the generator makes too few racy kernels to say anything";
  EXPECT_GT(tally.cleared, tally.kernels / 10) << "the generator makes too few kernels that the filter clears";
}

TEST(Filter, ClearsOnlyWhatThePreciseEngineClears) {
  fuzz(false, 2, 1);
}

TEST(Precise, AgreesWithTheTransitiveClosure) {
  fuzz(true, 2, 1000);
}

} // namespace
} // namespace kverify::simt::test

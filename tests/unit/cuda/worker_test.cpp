// The worker process over the fake driver: right results, and a typed one for everything that goes wrong.
#include <cmath>

#include "fake_gpu.h"

namespace kverify::cuda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using Worker = FakeGpu;

TEST_F(Worker, SaysWhatDeviceItHas) {
  auto device = gpu.device();
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ(device->name, "Fake H0");
  EXPECT_EQ(device->major, 9);
  EXPECT_EQ(device->driver, 13000);
  EXPECT_EQ(device->shared_bytes, 232448);
  EXPECT_EQ(device->nvml_driver, "580.0.fake");
}

TEST_F(Worker, RunsALaunchAndGivesTheBuffersBack) {
  JobResult result = gpu.run(twice("run twice"));
  ASSERT_EQ(result.status, JobStatus::Completed) << result.detail;
  EXPECT_THAT(result.damage, SizeIs(0));
  ASSERT_THAT(result.buffers, SizeIs(2));
  EXPECT_THAT(floatsOf(result.buffers[1]), ElementsAre(2, 4, 6, 8, 10));
  EXPECT_THAT(result.functions, SizeIs(1));
}

TEST_F(Worker, OutputsAreNaNBeforeTheLaunch) {
  JobResult result = gpu.run(twice("run twice_lazy"));
  ASSERT_EQ(result.status, JobStatus::Completed);
  for (float y : floatsOf(result.buffers[1]))
    EXPECT_TRUE(std::isnan(y)) << y;
}

TEST_F(Worker, OnlyTheSlicesThatWereAskedForComeBack) {
  Job job = twice("run twice");
  job.all_buffers = false;
  job.slices = {{1, 4, 8}};
  JobResult result = gpu.run(job);
  ASSERT_EQ(result.status, JobStatus::Completed);
  ASSERT_THAT(result.buffers, SizeIs(1));
  EXPECT_THAT(floatsOf(result.buffers[0]), ElementsAre(4, 6));
}

TEST_F(Worker, ASliceOutsideItsBufferIsNoCrash) {
  Job job = twice("run twice");
  job.all_buffers = false;
  job.slices = {{1, 16, ~0ull - 8}};
  EXPECT_NE(gpu.run(job).status, JobStatus::Completed);
}

TEST_F(Worker, WritesBehindAndBeforeABufferAreFound) {
  JobResult behind = gpu.run(twice("run twice_overrun"));
  ASSERT_EQ(behind.status, JobStatus::Completed);
  ASSERT_THAT(behind.damage, SizeIs(1));
  EXPECT_EQ(behind.damage[0].buffer, 1u);
  EXPECT_EQ(behind.damage[0].where, 1);
  EXPECT_GE(behind.damage[0].first, 20);
  JobResult before = gpu.run(twice("run twice_underrun"));
  ASSERT_THAT(before.damage, SizeIs(1));
  EXPECT_EQ(before.damage[0].where, 0);
  EXPECT_LT(before.damage[0].first, 0);
}

TEST_F(Worker, AnInputThatWasWrittenIsFound) {
  JobResult result = gpu.run(twice("run twice_writes_input"));
  ASSERT_EQ(result.status, JobStatus::Completed);
  ASSERT_THAT(result.damage, SizeIs(1));
  EXPECT_EQ(result.damage[0].buffer, 0u);
  EXPECT_EQ(result.damage[0].where, 2);
  EXPECT_EQ(result.damage[0].first, 2); // the two upper bytes of 1.0f became those of 8.0f
}

TEST_F(Worker, PrintedTextComesBackWithTheJobThatPrintedIt) {
  EXPECT_EQ(gpu.run(twice("run twice_prints")).printed, "n is 5\n");
  EXPECT_EQ(gpu.run(twice("run twice")).printed, "");
}

TEST_F(Worker, AnIllegalAccessCostsTheWorkerAndNothingElse) {
  JobResult result = gpu.run(twice("illegal"));
  EXPECT_EQ(result.status, JobStatus::Faulted);
  EXPECT_EQ(result.error_name, "CUDA_ERROR_ILLEGAL_ADDRESS");
  EXPECT_EQ(gpu.workersStarted(), 1u);
  EXPECT_EQ(gpu.run(twice("run twice")).status, JobStatus::Completed);
  EXPECT_EQ(gpu.workersStarted(), 2u);
}

TEST_F(Worker, TheFaultyLaunchOfASequenceIsNamed) {
  Job job = twice("run twice");
  std::string module = "kverify-fake\nfunction f run twice\nfunction g misaligned\n";
  job.module.assign(module.begin(), module.end());
  job.module.push_back(0);
  job.launches.push_back(job.launches[0]);
  job.launches[1].function = "g";
  JobResult result = gpu.run(job);
  EXPECT_EQ(result.status, JobStatus::Faulted);
  EXPECT_EQ(result.launch, 1u);
}

TEST_F(Worker, AHangIsEndedByTheClock) {
  JobResult result = gpu.run(twice("hang"));
  EXPECT_EQ(result.status, JobStatus::Hung);
  EXPECT_THAT(result.detail, HasSubstr("200 ms"));
  EXPECT_EQ(gpu.run(twice("run twice")).status, JobStatus::Completed);
  EXPECT_EQ(gpu.workersStarted(), 2u);
}

TEST_F(Worker, AWorkerThatDiesIsATypedResult) {
  JobResult result = gpu.run(twice("crash"));
  EXPECT_EQ(result.status, JobStatus::Lost);
  EXPECT_THAT(result.detail, HasSubstr("signal"));
  EXPECT_EQ(gpu.run(twice("run twice")).status, JobStatus::Completed);
}

TEST_F(Worker, ALaunchTheDeviceRefusesKeepsTheWorker) {
  EXPECT_EQ(gpu.run(twice("refuse")).status, JobStatus::LaunchRefused);
  Job wide = twice("run twice");
  wide.launches[0].block[0] = 2048;
  EXPECT_EQ(gpu.run(wide).status, JobStatus::LaunchRefused);
  Job shared = twice("run twice");
  shared.launches[0].shared_bytes = 300 << 10;
  EXPECT_EQ(gpu.run(shared).status, JobStatus::LaunchRefused);
  EXPECT_EQ(gpu.run(twice("run twice")).status, JobStatus::Completed);
  EXPECT_EQ(gpu.workersStarted(), 1u);
}

TEST_F(Worker, NoMemoryAndNoFunctionAreTyped) {
  Job job = twice("run twice");
  job.buffers[1].bytes = std::uint64_t{1} << 32;
  EXPECT_EQ(gpu.run(job).status, JobStatus::OutOfMemory);
  job = twice("run twice");
  job.launches[0].function = "nobody";
  EXPECT_EQ(gpu.run(job).status, JobStatus::NoFunction);
  job = twice("run twice");
  job.module = {'x', 0};
  EXPECT_EQ(gpu.run(job).status, JobStatus::NoFunction);
  EXPECT_EQ(gpu.workersStarted(), 1u);
}

TEST_F(Worker, AParameterThatPointsNowhereIsRefused) {
  Job job = twice("run twice");
  job.launches[0].params[0].pointers[0].buffer = 7;
  EXPECT_NE(gpu.run(job).status, JobStatus::Completed);
}

TEST_F(Worker, WithoutADeviceEverythingSaysSo) {
  setenv("KVERIFY_FAKE_CUDA", "no-device", 1);
  auto device = gpu.device();
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().kind, ErrorKind::Environment);
  EXPECT_THAT(device.error().message, HasSubstr("sees no device"));
  EXPECT_EQ(gpu.run(twice("run twice")).status, JobStatus::NoDevice);
  setenv("KVERIFY_LIBCUDA", "/nowhere/libcuda.so", 1);
  EXPECT_EQ(gpu.run(twice("run twice")).status, JobStatus::NoDevice);
}

TEST_F(Worker, WithoutAWorkerTheMessageSaysWhatToBuild) {
  Gpu none({.worker = "/nowhere/kverify-gpu-worker"});
  auto device = none.device();
  ASSERT_FALSE(device);
  EXPECT_THAT(device.error().hint, HasSubstr("kverify-gpu-worker"));
}

TEST_F(Worker, SamplesComeWithTheClocksBeforeAndAfter) {
  ASSERT_EQ(gpu.prepare({.job = twice("run twice us=40")}).status, JobStatus::Completed);
  Samples samples = gpu.sample({.samples = 3, .batch = 10, .cold = false});
  ASSERT_EQ(samples.status, JobStatus::Completed) << samples.detail;
  ASSERT_THAT(samples.ms, SizeIs(3));
  EXPECT_NEAR(samples.ms[0], 0.04, 1e-6);
  ASSERT_THAT(samples.health, SizeIs(4));
  EXPECT_EQ(samples.health[0].sm_mhz, 1980);
  EXPECT_EQ(samples.health[0].throttle, 0);
}

TEST_F(Worker, ColdSamplesMeetOtherContentsAtTheSamePointers) {
  TimingJob job{.job = twice("run twice"), .more = {{{bytesOf({10, 20, 30, 40, 50})}}}, .copies = 1};
  ASSERT_EQ(gpu.prepare(job).status, JobStatus::Completed);
  ASSERT_EQ(gpu.sample({.samples = 1}).status, JobStatus::Completed);
  JobResult first = gpu.collect();
  ASSERT_EQ(gpu.sample({.samples = 1}).status, JobStatus::Completed);
  JobResult second = gpu.collect();
  EXPECT_NE(first.contents, second.contents);
  EXPECT_THAT(floatsOf(first.buffers[1]), ElementsAre(2, 4, 6, 8, 10));
  EXPECT_THAT(floatsOf(second.buffers[1]), ElementsAre(20, 40, 60, 80, 100));
}

TEST_F(Worker, AKernelThatCachesByPointerGivesStaleResultsAway) {
  TimingJob job{.job = twice("run twice_cached"), .more = {{{bytesOf({10, 20, 30, 40, 50})}}}, .copies = 1};
  ASSERT_EQ(gpu.prepare(job).status, JobStatus::Completed);
  ASSERT_EQ(gpu.sample({.samples = 2}).status, JobStatus::Completed);
  JobResult second = gpu.collect();
  EXPECT_EQ(second.contents, 1u);
  EXPECT_THAT(floatsOf(second.buffers[1]), ElementsAre(2, 4, 6, 8, 10)) << "these are the results of other inputs";
}

TEST_F(Worker, TimingThatHangsIsTypedToo) {
  ASSERT_EQ(gpu.prepare({.job = twice("hang")}).status, JobStatus::Completed);
  EXPECT_EQ(gpu.sample({.samples = 1}).status, JobStatus::Hung);
  EXPECT_EQ(gpu.sample({.samples = 1}).status, JobStatus::Lost) << "what was prepared is gone";
  EXPECT_EQ(gpu.run(twice("run twice")).status, JobStatus::Completed);
}

} // namespace
} // namespace kverify::cuda

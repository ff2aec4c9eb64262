// compute-sanitizer's own words (2025.3.1, on an H200), read into our checks and lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/sanitizer.h"

namespace kverify::cuda {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(Sanitizer, SharedWriteOutsideItsArrayOnceALine) {
  auto report = parseSanitizer(R"(========= COMPUTE-SANITIZER
========= Invalid __shared__ write of size 4 bytes
=========     at dyn_shared_oob(float *, int)+0xc0 in probe.cu:19
=========     by thread (118,0,0) in block (0,0,0)
=========     Access to 0x600 is out of bounds
=========     Saved host backtrace up to driver entry point at kernel launch time
=========         Host Frame: main [0x8f67] in probe
========= 
========= Invalid __shared__ write of size 4 bytes
=========     at dyn_shared_oob(float *, int)+0xc0 in probe.cu:19
=========     by thread (119,0,0) in block (0,0,0)
=========     Access to 0x604 is out of bounds
========= 
========= Program hit CUDA_ERROR_LAUNCH_FAILED (error 719) due to "unspecified launch failure" on CUDA API call to cuCtxSynchronize.
=========     Saved host backtrace up to driver entry point at error
========= 
========= ERROR SUMMARY: 3 errors
)");
  EXPECT_TRUE(report.ran);
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].check, "bounds.shared-write");
  ASSERT_THAT(report.findings[0].places, SizeIs(1));
  EXPECT_EQ(report.findings[0].places[0].line, 19u);
  EXPECT_EQ(report.findings[0].places[0].file, "probe.cu");
  EXPECT_EQ(report.findings[0].places[0].function, "dyn_shared_oob(float *, int)");
}

TEST(Sanitizer, ARaceHasTwoSides) {
  auto report = parseSanitizer(R"(========= COMPUTE-SANITIZER
========= Error: Race reported between Write access at race_rw(float *)+0xc0 in probe.cu:29
=========     and Read access at race_rw(float *)+0xd0 in probe.cu:30 [512 hazards]
========= 
race_rw: launch cudaSuccess, sync cudaSuccess (0)
========= RACECHECK SUMMARY: 1 hazard displayed (1 error, 0 warnings)
)");
  EXPECT_TRUE(report.ran);
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].check, "race.shared-read-write");
  ASSERT_THAT(report.findings[0].places, SizeIs(2));
  EXPECT_EQ(report.findings[0].places[0].line, 29u);
  EXPECT_EQ(report.findings[0].places[0].what, "write");
  EXPECT_EQ(report.findings[0].places[1].line, 30u);
  EXPECT_EQ(report.findings[0].places[1].what, "read");
}

TEST(Sanitizer, UninitialisedAndGlobalAndNull) {
  auto init = parseSanitizer(R"(========= COMPUTE-SANITIZER
========= Uninitialized __global__ memory read of size 4 bytes
=========     at uninit_global(float *, float *)+0x60 in /some folder/probe.cu:39
=========     by thread (0,0,0) in block (0,0,0)
=========     Address 0x7fb6e4800000
========= 
========= ERROR SUMMARY: 1 error
)");
  ASSERT_THAT(init.findings, SizeIs(1));
  EXPECT_EQ(init.findings[0].check, "init.global-read");
  EXPECT_EQ(init.findings[0].places[0].file, "/some folder/probe.cu");
  auto null = parseSanitizer(R"(========= COMPUTE-SANITIZER
========= Invalid __global__ write of size 4 bytes
=========     at null_write(float *)+0x60 in probe.cu:59
=========     by thread (0,0,0) in block (0,0,0)
=========     Access to 0x0 is out of bounds
=========     and is 140,567,610,654,720 bytes before the nearest allocation at 0x7fd872800000 of size 512 bytes
========= 
========= ERROR SUMMARY: 1 error
)");
  ASSERT_THAT(null.findings, SizeIs(1));
  EXPECT_EQ(null.findings[0].check, "bounds.global-write");
}

TEST(Sanitizer, MisalignedIsNotOutOfBounds) {
  auto report = parseSanitizer(R"(========= COMPUTE-SANITIZER
========= Invalid __global__ read of size 16 bytes
=========     at misaligned(float *)+0x60 in probe.cu:24
=========     by thread (0,0,0) in block (0,0,0)
=========     Access to 0x7fb60e800204 is misaligned
========= 
========= ERROR SUMMARY: 1 error
)");
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].check, "align.access");
}

TEST(Sanitizer, NothingFoundIsARun) {
  auto report = parseSanitizer("========= COMPUTE-SANITIZER\nhello\n========= ERROR SUMMARY: 0 errors\n");
  EXPECT_TRUE(report.ran);
  EXPECT_THAT(report.findings, SizeIs(0));
}

TEST(Sanitizer, NoSummaryIsNoRun) {
  EXPECT_FALSE(parseSanitizer("========= COMPUTE-SANITIZER\n").ran);
  EXPECT_FALSE(parseSanitizer("").ran);
  auto refused = parseSanitizer("========= COMPUTE-SANITIZER\n========= Error: Device not supported.\n========= ERROR SUMMARY: 1 error\n");
  EXPECT_FALSE(refused.ran);
  EXPECT_THAT(refused.problem, HasSubstr("Device not supported"));
}

} // namespace
} // namespace kverify::cuda

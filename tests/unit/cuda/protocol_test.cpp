// Frames and messages: what is cut, damaged or made up never becomes a message.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cuda/messages.h"

namespace kverify::cuda {
namespace {

using testing::HasSubstr;

class Protocol : public testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0); }
  void TearDown() override {
    close(ends[0]);
    close(ends[1]);
  }
  /// The bytes of a frame as they go over the pipe.
  std::vector<std::uint8_t> rawOf(const Frame& frame) {
    EXPECT_TRUE(writeFrame(ends[0], frame));
    std::vector<std::uint8_t> bytes(24 + frame.payload.size());
    EXPECT_EQ(read(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    return bytes;
  }
  void send(const std::vector<std::uint8_t>& bytes) {
    ASSERT_EQ(write(ends[0], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  int ends[2];
};

Job sampleJob() {
  Job job;
  job.module = {1, 2, 3};
  job.buffers = {{.name = "x", .bytes = 4, .read_only = true, .fill = Fill::Contents, .contents = {9, 8, 7, 6}}};
  JobLaunch launch{.function = "f", .shared_bytes = 77};
  launch.grid[1] = 5;
  launch.params = {{.bytes = {0, 0, 0, 0, 0, 0, 0, 0}, .pointers = {{0, 0, -4}}}};
  job.launches = {launch};
  job.slices = {{0, 1, 2}};
  return job;
}

TEST_F(Protocol, AJobArrivesAsItWasSent) {
  ASSERT_TRUE(writeFrame(ends[0], pack(MessageType::Run, sampleJob())));
  FrameResult got = readFrame(ends[1], 1000);
  ASSERT_EQ(got.status, FrameStatus::Ok);
  Job job;
  ASSERT_TRUE(unpack(got.frame, job));
  EXPECT_EQ(job.module, (std::vector<std::uint8_t>{1, 2, 3}));
  EXPECT_EQ(job.buffers.at(0).contents, (std::vector<std::uint8_t>{9, 8, 7, 6}));
  EXPECT_EQ(job.launches.at(0).grid[1], 5u);
  EXPECT_EQ(job.launches.at(0).params.at(0).pointers.at(0).byte_offset, -4);
  EXPECT_EQ(job.slices.at(0).bytes, 2u);
}

TEST_F(Protocol, EveryCutOfAMessageIsRefused) {
  const Frame whole = pack(MessageType::Run, sampleJob());
  for (std::size_t length = 0; length < whole.payload.size(); ++length) {
    Frame cut = whole;
    cut.payload.resize(length);
    Job job;
    EXPECT_FALSE(unpack(cut, job)) << length << " of " << whole.payload.size() << " bytes";
  }
  Frame longer = whole;
  longer.payload.push_back(0);
  Job job;
  EXPECT_FALSE(unpack(longer, job)) << "a byte too many";
}

TEST_F(Protocol, ALengthThatLiesTakesNoMemory) {
  Writer writer;
  std::uint64_t huge = ~0ull;
  writer(huge);
  Frame frame{static_cast<std::uint16_t>(MessageType::Run), writer.take()};
  Job job;
  EXPECT_FALSE(unpack(frame, job));
}

TEST_F(Protocol, EveryDamagedByteIsNoticed) {
  const Frame frame{7, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
  const auto bytes = rawOf(frame);
  for (std::size_t i = 24; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] ^= 0x10;
    send(damaged);
    EXPECT_EQ(readFrame(ends[1], 1000).status, FrameStatus::Broken) << "byte " << i;
  }
}

TEST_F(Protocol, AnotherVersionOrProgramIsNamed) {
  auto bytes = rawOf({7, {}});
  bytes[4] ^= 0xff;
  send(bytes);
  FrameResult version = readFrame(ends[1], 1000);
  EXPECT_EQ(version.status, FrameStatus::Broken);
  EXPECT_THAT(version.problem, HasSubstr("version"));
  send(std::vector<std::uint8_t>(24, 'x'));
  FrameResult program = readFrame(ends[1], 1000);
  EXPECT_EQ(program.status, FrameStatus::Broken);
}

TEST_F(Protocol, AMessageLongerThanAnyIsRefusedBeforeItIsRead) {
  auto bytes = rawOf({7, {}});
  for (int i = 8; i < 16; ++i)
    bytes[static_cast<std::size_t>(i)] = 0xff;
  send(bytes);
  EXPECT_EQ(readFrame(ends[1], 1000).status, FrameStatus::Broken);
}

TEST_F(Protocol, TheDeadlineHoldsInTheMiddleOfAMessage) {
  auto bytes = rawOf({7, {1, 2, 3, 4}});
  bytes.pop_back();
  send(bytes);
  EXPECT_EQ(readFrame(ends[1], 50).status, FrameStatus::TimedOut);
}

TEST_F(Protocol, AClosedEndIsClosed) {
  shutdown(ends[0], SHUT_RDWR);
  EXPECT_EQ(readFrame(ends[1], 1000).status, FrameStatus::Closed);
}

TEST_F(Protocol, LargeMessagesGoThroughInPieces) {
  Frame large{9, std::vector<std::uint8_t>(5 << 20)};
  for (std::size_t i = 0; i < large.payload.size(); ++i)
    large.payload[i] = static_cast<std::uint8_t>(i * 31);
  std::thread writer([&] { EXPECT_TRUE(writeFrame(ends[0], large)); });
  FrameResult got = readFrame(ends[1], 10000);
  writer.join();
  ASSERT_EQ(got.status, FrameStatus::Ok);
  EXPECT_EQ(got.frame.payload, large.payload);
}

} // namespace
} // namespace kverify::cuda

// What a job leaves behind, and what it may know: its processes end with it, whoever ends first, and secrets of the
// parent's environment and files are not in it.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "caged.h"
#include "sandbox/memory.h"
#include "sandbox/process_tree.h"

namespace kverify::sandbox {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Waits until the file is locked by nobody, which is when the process that held it is gone.
bool isReleased(const std::string& path, double seconds = 10) {
  auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  do {
    int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool free = lockf(fd, F_TEST, 0) == 0;
    close(fd);
    if (free)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

/// A process that has left its group and session, holds a lock, and never ends.
void leaveBehind(const std::string& path) {
  int ready[2];
  if (pipe(ready) != 0)
    return;
  if (fork() == 0) {
    setsid();
    std::signal(SIGTERM, SIG_IGN);
    int fd = open(path.c_str(), O_RDWR | O_CREAT, 0600);
    if (lockf(fd, F_LOCK, 0) == 0)
      (void)!write(ready[1], "x", 1);
    for (;;)
      pause();
  }
  char byte;
  (void)!read(ready[0], &byte, 1);
}

class LeftBehind : public testing::TestWithParam<bool> {
protected:
  /// With namespaces, as far as there are any, or without.
  Layers layers(const Place& place) const { return GetParam() ? place.best() : Layers::none(); }
};

TEST_P(LeftBehind, EndsWithTheJob) {
  Place place;
  std::string lock = place.in("out/lock");
  Seen seen = caged(place.cage(layers(place)), [&] {
    leaveBehind(lock);
    return std::string("done");
  });
  EXPECT_EQ(seen.answer, "done") << seen.said;
  EXPECT_TRUE(isReleased(lock)) << "a process of the job outlives it";
}

TEST_P(LeftBehind, EndsWhenTheJobIsEnded) {
  Place place;
  std::string lock = place.in("out/lock");
  Started started = start(place.cage(layers(place)), [&](int fd, const Layers&) {
    leaveBehind(lock);
    (void)!write(fd, "x", 1);
    for (;;)
      pause();
    return 0;
  });
  ASSERT_GT(started.pid, 0);
  pollfd wait_for = {started.result, POLLIN, 0};
  ASSERT_EQ(poll(&wait_for, 1, 10000), 1);
  end(started);
  int status = 0;
  waitpid(started.pid, &status, 0);
  EXPECT_TRUE(isReleased(lock)) << "a process of the job outlives it";
}

TEST_P(LeftBehind, EndsWhenTheParentIsKilled) {
  Place place;
  std::string lock = place.in("out/lock");
  Layers wanted = layers(place);
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  pid_t parent = fork();
  if (parent == 0) {
    Started started = start(place.cage(wanted), [&](int fd, const Layers&) {
      leaveBehind(lock);
      (void)!write(fd, "x", 1);
      for (;;)
        pause();
      return 0;
    });
    pollfd wait_for = {started.result, POLLIN, 0};
    poll(&wait_for, 1, 10000);
    (void)!write(ready[1], "x", 1);
    for (;;)
      pause();
  }
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_FALSE(isReleased(lock, 0)) << "the test is broken: nothing holds the lock";
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(isReleased(lock)) << "a process of the job outlives the audit";
}

INSTANTIATE_TEST_SUITE_P(Namespaces, LeftBehind, testing::Bool(),
                         [](const auto& one) { return one.param ? "WithNamespaces" : "Without"; });

TEST(Cage, SecretsOfTheEnvironmentAreNotInTheJob) {
  setenv("SOME_CI_TOKEN", "s3cret-of-the-parent", 1);
  setenv("LC_ALL", "C.UTF-8", 1);
  Place place;
  Seen seen = caged(place.cage(Layers::none()), [] {
    const char* token = std::getenv("SOME_CI_TOKEN");
    const char* tmp = std::getenv("TMPDIR");
    const char* language = std::getenv("LC_ALL");
    return std::string(token ? token : "no token") + " " + (tmp ? tmp : "no tmp") + " " + (language ? language : "");
  });
  unsetenv("SOME_CI_TOKEN");
  EXPECT_EQ(seen.answer, "no token " + place.policy.tmp + " C.UTF-8") << seen.said;
}

TEST(Cage, FilesOfTheParentAreClosed) {
  int secret = open("/dev/null", O_RDONLY); // not even close-on-exec
  Place place;
  Seen seen = caged(place.cage(Layers::none()), [&] { return std::string(fcntl(secret, F_GETFD) < 0 ? "closed" : "open"); });
  close(secret);
  EXPECT_EQ(seen.answer, "closed");
}

TEST(Cage, WhatAJobStartsCannotWriteIntoIt) {
  if (geteuid() == 0)
    GTEST_SKIP() << "without layers root may do everything; with them see SystemCalls and Landlock";
  Place place;
  Seen seen = caged(place.cage(Layers::none()), [] {
    std::string path = "/proc/" + std::to_string(getpid()) + "/mem";
    pid_t child = fork();
    if (child == 0)
      _exit(open(path.c_str(), O_RDWR) >= 0 ? 1 : 0);
    int status = 0;
    waitpid(child, &status, 0);
    return std::string(WEXITSTATUS(status) == 0 ? "refused" : "opened");
  });
  EXPECT_EQ(seen.answer, "refused") << seen.said;
}

TEST(Cage, AJobMayShutInWhatItStarts) {
  Place place;
  for (const Layers& layers : {Layers::none(), place.best()}) {
    Seen seen = caged(place.cage(layers), [&] {
      Cage inner{.policy = {}, .layers = Layers::none()};
      return caged(inner, [] { return std::string("from inside"); }).answer;
    });
    EXPECT_EQ(seen.answer, "from inside") << seen.said;
  }
}

TEST(Cage, ACrashIsToldWithItsSignal) {
  Place place;
  for (const Layers& layers : {Layers::none(), place.best()}) {
    Seen seen = caged(place.cage(layers), []() -> std::string {
      std::signal(SIGABRT, SIG_DFL);
      std::abort();
    });
    EXPECT_EQ(WEXITSTATUS(seen.status), kKilledBase + SIGABRT);
  }
}

TEST(Cage, AFileThatGrowsTooLargeIsAnErrorOfTheWrite) {
  Place place;
  place.policy.file_bytes = 1 << 16;
  Seen seen = caged(place.cage(Layers::none()), [&] {
    int fd = open(place.in("out/large").c_str(), O_WRONLY | O_CREAT, 0600);
    std::string bytes(1 << 20, 'x');
    ssize_t n = write(fd, bytes.data(), bytes.size());
    return std::to_string(n) + (write(fd, "x", 1) < 0 && errno == EFBIG ? " too large" : " written");
  });
  EXPECT_EQ(seen.answer, "65536 too large") << seen.said;
}

TEST(ProcessTree, ReservedMemoryIsNotCountedAndTouchedMemoryIs) {
  constexpr std::size_t kReserved = std::size_t{1} << 40, kTouched = 64 << 20;
  std::uint64_t before = useOf(getpid()).memory_bytes;
  void* at = mmap(nullptr, kReserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(at, MAP_FAILED);
  EXPECT_LT(useOf(getpid()).memory_bytes, before + (8 << 20));
  for (std::size_t i = 0; i < kTouched; i += 4096)
    static_cast<volatile char*>(at)[i] = 1;
  EXPECT_GT(useOf(getpid()).memory_bytes, before + kTouched - (8 << 20));
  munmap(at, kReserved);
}

TEST(ProcessTree, EndsWhatStartsProcessesFasterThanOneLooks) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t first = fork();
  if (first == 0)
    for (int generation = 0; generation < 200; ++generation) // each lives shorter than a look takes
      if (fork() != 0)
        _exit(0);
  if (first == 0) {
    for (;;)
      pause();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  killBelow(getpid());
  EXPECT_EQ(treeOf(getpid()).size(), 1u);
}

TEST(Memory, ThereIsSome) {
  EXPECT_GT(availableMemory(), std::uint64_t{64} << 20);
}

} // namespace
} // namespace kverify::sandbox

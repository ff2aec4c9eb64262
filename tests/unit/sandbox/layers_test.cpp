// Each layer alone, tried by what it must refuse; and that a layer that cannot be entered is not passed over in silence.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caged.h"
#include "sandbox/compute_only.h"
#include "sandbox/landlock.h"

namespace kverify::sandbox {
namespace {

using testing::HasSubstr;

/// "yes" where a new file could be made and written there, else the error's name.
std::string writes(const std::string& path) {
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return strerrorname_np(errno);
  close(fd);
  return "yes";
}

Layers only(void (*set)(Layers&)) {
  Layers layers;
  layers.no_capabilities = true; // and no_new_privs, which the others need
  set(layers);
  return layers;
}

bool canHaveNamespaces() {
  Place place;
  return place.best().process_namespace;
}

TEST(Landlock, FilesAreWrittenInTheNamedFoldersOnly) {
  if (landlockVersion() == 0)
    GTEST_SKIP() << "this kernel has no Landlock";
  Place place;
  place.folder.write("other/old", "kept");
  Seen seen = caged(place.cage(only([](Layers& l) { l.landlock = 1; })), [&] {
    return writes(place.in("out/new")) + " " + writes(place.in("tmp/new")) + " " + writes(place.in("other/new")) + " " +
           writes(place.in("other/old")) + " " + writes("/dev/null") + " " +
           (unlink(place.in("other/old").c_str()) == 0 ? "unlinked" : "refused") + " " +
           (rename(place.in("out/new").c_str(), place.in("other/moved").c_str()) == 0 ? "moved" : "refused");
  });
  EXPECT_EQ(seen.answer, "yes yes EACCES EACCES yes refused refused") << seen.said;
  EXPECT_EQ(place.folder.read("other/old"), "kept");
}

TEST(Landlock, ItHoldsForWhatIsStarted) {
  if (landlockVersion() == 0)
    GTEST_SKIP() << "this kernel has no Landlock";
  Place place;
  Seen seen = caged(place.cage(only([](Layers& l) { l.landlock = 1; })), [&] {
    std::string command = "/bin/sh -c 'echo x > " + place.in("other/new") + "' 2>/dev/null";
    return std::system(command.c_str()) == 0 ? "written" : "refused";
  });
  EXPECT_EQ(seen.answer, "refused") << seen.said;
  EXPECT_FALSE(std::filesystem::exists(place.in("other/new")));
}

TEST(SystemCalls, SocketsOfEveryKindAreRefused) {
  Place place;
  Seen seen = caged(place.cage(only([](Layers& l) { l.system_calls = true; })), [] {
    std::string answers;
    for (int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET})
      answers += socket(family, SOCK_DGRAM, 0) < 0 && errno == EACCES ? "refused " : "made ";
    int ends[2];
    return answers + (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 ? "refused" : "made");
  });
  EXPECT_EQ(seen.answer, "refused refused refused refused refused refused") << seen.said;
}

TEST(SystemCalls, WhatReachesOutsideDoesNotExist) {
  Place place;
  place.folder.write("other/old", "kept");
  pid_t parent = getpid();
  Seen seen = caged(place.cage(only([](Layers& l) { l.system_calls = true; })), [&] {
    std::string old = place.in("other/old");
    struct {
      const char* name;
      long result;
    } tried[] = {
        {"ptrace", ptrace(PTRACE_ATTACH, parent, nullptr, nullptr)},
        {"process_vm_readv", syscall(SYS_process_vm_readv, parent, nullptr, 0, nullptr, 0, 0)},
        {"mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr)},
        {"unshare", syscall(SYS_unshare, CLONE_NEWUSER)},
        {"clone into a namespace", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0)},
        {"setns", syscall(SYS_setns, 0, 0)},
        {"kexec_load", syscall(SYS_kexec_load, 0, 0, nullptr, 0)},
        {"bpf", syscall(SYS_bpf, 0, nullptr, 0)},
        {"io_uring_setup", syscall(SYS_io_uring_setup, 1, nullptr)},
        {"userfaultfd", syscall(SYS_userfaultfd, 0)},
        {"keyctl", syscall(SYS_keyctl, 0, 0, 0, 0, 0)},
        {"open_by_handle_at", syscall(SYS_open_by_handle_at, AT_FDCWD, nullptr, 0)},
        {"chmod", syscall(SYS_chmod, old.c_str(), 0777)},
        {"chown", syscall(SYS_chown, old.c_str(), 0, 0)},
        {"truncate", syscall(SYS_truncate, old.c_str(), 0)},
        {"symlink", syscall(SYS_symlink, "/etc/passwd", place.in("out/link").c_str())},
        {"link", syscall(SYS_link, old.c_str(), place.in("out/link").c_str())},
        {"mknod", syscall(SYS_mknod, place.in("out/node").c_str(), 0010600, 0)},
        {"emptying a file opened to read", open(old.c_str(), O_RDONLY | O_TRUNC)},
        {"limits of another", syscall(SYS_prlimit64, parent, 0, nullptr, nullptr)},
        {"typing into a terminal", syscall(SYS_ioctl, 0, 0x5412, "x")},
    };
    std::string done;
    for (const auto& one : tried)
      done += one.result >= 0 ? std::string(one.name) + " " : "";
    return "done: " + done;
  });
  EXPECT_EQ(seen.answer, "done: ") << seen.said;
  EXPECT_EQ(place.folder.read("other/old"), "kept");
}

TEST(SystemCalls, CompilersAndSolversStillRun) {
  Place place;
  Seen seen = caged(place.cage(only([](Layers& l) { l.system_calls = true; })), [] {
    return std::to_string(std::system("/bin/sh -c 'ls / | sort | head -n 1 >/dev/null'"));
  });
  EXPECT_EQ(seen.answer, "0") << seen.said;
}

TEST(Capabilities, NoneAreLeftButRootsUseOfFiles) {
  Place place;
  Seen seen = caged(place.cage(only([](Layers&) {})), [] {
    std::ifstream in("/proc/self/status");
    std::string found;
    for (std::string line; std::getline(in, line);)
      for (const char* name : {"CapEff:", "CapBnd:", "NoNewPrivs:"})
        if (line.starts_with(name))
          found += line + "\n";
    return found;
  });
  bool root = geteuid() == 0;
  EXPECT_THAT(seen.answer, HasSubstr(root ? "CapEff:\t0000000000000002" : "CapEff:\t0000000000000000")) << seen.said;
  EXPECT_THAT(seen.answer, HasSubstr("NoNewPrivs:\t1"));
}

TEST(Namespaces, TheNetworkHasNothingInIt) {
  if (!canHaveNamespaces())
    GTEST_SKIP() << "this machine allows no namespaces";
  Place place;
  Layers layers = place.best();
  layers.system_calls = false; // so that it is the namespace that refuses
  layers.landlock = 0;
  Seen seen = caged(place.cage(layers), [] {
    std::ifstream in("/proc/net/dev");
    std::string interfaces;
    for (std::string line; std::getline(in, line);)
      if (std::size_t colon = line.find(':'); colon != std::string::npos)
        interfaces += line.substr(0, colon);
    return interfaces;
  });
  EXPECT_THAT(seen.answer, testing::Not(HasSubstr("eth"))) << seen.said;
  EXPECT_THAT(seen.answer, HasSubstr("lo"));
}

TEST(Namespaces, TheViewIsReadOnlyButForItsFolders) {
  if (!canHaveNamespaces())
    GTEST_SKIP() << "this machine allows no namespaces";
  Place place;
  place.folder.write("other/old", "kept");
  Layers layers = place.best();
  layers.system_calls = false;
  layers.landlock = 0;
  if (!layers.read_only_view)
    GTEST_SKIP() << "this machine allows no mounts";
  Seen seen = caged(place.cage(layers), [&] {
    return writes(place.in("out/new")) + " " + writes(place.in("tmp/new")) + " " + writes(place.in("other/new")) + " " +
           writes("/dev/null");
  });
  EXPECT_EQ(seen.answer, "yes yes EROFS yes") << seen.said;
  EXPECT_TRUE(std::filesystem::exists(place.in("out/new"))) << "what is written must be there afterwards";
  EXPECT_FALSE(std::filesystem::exists(place.in("tmp/new"))) << "the private tmpfs must be gone with the process";
}

TEST(Cage, ALayerThatCannotBeEnteredEndsTheProcess) {
  Place place;
  Cage cage = place.cage(only([](Layers& l) { l.system_calls = true; }));
  cage.filter = nullptr;
  Seen seen = caged(cage, [] { return "ran"; });
  EXPECT_EQ(seen.answer, "");
  EXPECT_EQ(WEXITSTATUS(seen.status), kCageFailed);
  EXPECT_THAT(seen.said, HasSubstr("system calls"));
}

TEST(Probe, SaysWhatIsMissing) {
  Place place;
  Layers wanted = Layers::all();
  Probe found = probe(place.policy, nullptr, place.in("other"), wanted);
  EXPECT_FALSE(found.layers.system_calls);
  EXPECT_THAT(found.missing, testing::Contains(HasSubstr("seccomp")));
}

TEST(Probe, WithoutAnyLayerItSeesThatNothingIsRefused) {
  Place place;
  Probe found = probe(place.policy, nullptr, place.in("other"), Layers::none());
  EXPECT_FALSE(found.writes_confined);
  EXPECT_FALSE(found.sockets_refused);
}

TEST(Probe, WithAllLayersItSeesThatTheyHold) {
  Place place;
  Probe found = probe(place.policy, place.filter.get(), place.in("other"));
  if (!found.layers.confinesWrites() || !found.layers.system_calls)
    GTEST_SKIP() << "this machine has too little: " << testing::PrintToString(found.missing);
  EXPECT_TRUE(found.writes_confined);
  EXPECT_TRUE(found.sockets_refused);
  EXPECT_TRUE(found.tracing_refused);
}

TEST(Layers, SurviveBeingWrittenDown) {
  Layers layers{.process_namespace = true, .own_proc = true, .landlock = 7, .system_calls = true}, again;
  ASSERT_TRUE(layersFrom(toText(layers), again));
  EXPECT_EQ(again, layers);
  EXPECT_FALSE(layersFrom("nonsense", again));
}

/// Inside the list of allowed calls, as it is where host code is run, and without it.
TEST(ComputeOnly, LeavesMemoryClocksAndOneDescriptor) {
  for (bool caged : {false, true}) {
    auto filter = SystemCallFilter::create();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
      bool entered = (!caged || (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter && filter->enter())) && computeOnly(ends[1]);
      std::string said;
      auto say = [&](const char* what, long result) { said += std::string(what) + (result < 0 ? "-" : "+") + " "; };
      say("enter", entered ? 0 : -1);
      say("open", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY));
      say("socket", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
      say("fork", syscall(SYS_fork));
      say("kill", syscall(SYS_kill, getppid(), 0));
      say("read", syscall(SYS_read, ends[0], nullptr, 0));
      say("memory", syscall(SYS_mmap, nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == -1 ? -1 : 0);
      _exit(write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    close(ends[1]);
    char text[256] = {};
    EXPECT_GT(read(ends[0], text, sizeof text - 1), 0);
    close(ends[0]);
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_STREQ(text, "enter+ open- socket- fork- kill- read- memory+ ") << (caged ? "caged" : "alone");
  }
}

} // namespace
} // namespace kverify::sandbox

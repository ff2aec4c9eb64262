#include "sandbox/limits.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char** environ;

namespace kverify::sandbox {
namespace {

/// What compilers, Python and the C library look at to find files and languages. Nothing here is a secret.
constexpr std::string_view kKeptVariables[] = {
    "PATH",  "HOME",           "LANG",               "LANGUAGE",        "TZ",             "TERM",
    "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "SOURCE_DATE_EPOCH",
};
/// Locales, the CUDA toolkit's and driver's settings, our own for tests.
constexpr std::string_view kKeptPrefixes[] = {"LC_", "CUDA_", "NVIDIA_", "KVERIFY_"};

bool isKept(std::string_view entry) {
  std::string_view name = entry.substr(0, entry.find('='));
  bool by_prefix = std::any_of(std::begin(kKeptPrefixes), std::end(kKeptPrefixes),
                               [&](std::string_view prefix) { return name.starts_with(prefix); });
  return by_prefix || name.ends_with("SAN_OPTIONS") || // the sanitizers', in builds for tests
         std::find(std::begin(kKeptVariables), std::end(kKeptVariables), name) != std::end(kKeptVariables);
}

void limit(int resource, std::uint64_t value) {
  rlimit now{};
  if (getrlimit(static_cast<__rlimit_resource_t>(resource), &now) != 0)
    return;
  rlimit wanted{std::min<rlim_t>(value, now.rlim_max), std::min<rlim_t>(value, now.rlim_max)};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted);
}

} // namespace

bool forbidNewPrivileges() {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool dropCapabilities(bool keep_file_access) {
  for (unsigned long one = 0; prctl(PR_CAPBSET_READ, one, 0, 0, 0) >= 0; ++one)
    if (one != CAP_DAC_OVERRIDE || !keep_file_access)
      prctl(PR_CAPBSET_DROP, one, 0, 0, 0); // refused without CAP_SETPCAP: then there is nothing to bound
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct now[2] = {};
  if (syscall(SYS_capget, &header, now) != 0)
    return false;
  __user_cap_data_struct wanted[2] = {};
  if (keep_file_access) {
    wanted[0].effective = now[0].effective & (1u << CAP_DAC_OVERRIDE);
    wanted[0].permitted = now[0].permitted & (1u << CAP_DAC_OVERRIDE);
  }
  return syscall(SYS_capset, &header, wanted) == 0;
}

void limitResources(const Policy& policy) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, policy.file_bytes);
  limit(RLIMIT_NOFILE, policy.open_files);
}

void dieFirst() {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  [[maybe_unused]] ssize_t written = write(fd, "1000", 4);
  close(fd);
}

void closeAllBut(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned from = 3;
  for (int fd : kept) {
    if (fd < 3)
      continue;
    if (static_cast<unsigned>(fd) > from)
      close_range(from, static_cast<unsigned>(fd) - 1, 0);
    from = static_cast<unsigned>(fd) + 1;
  }
  close_range(from, ~0u, 0);
}

void scrubEnvironment(const std::string& tmp) {
  char** to = environ;
  for (char** from = environ; from && *from; ++from)
    if (isKept(*from))
      *to++ = *from;
    else
      explicit_bzero(*from, std::strlen(*from));
  if (to)
    *to = nullptr;
  if (!tmp.empty())
    setenv("TMPDIR", tmp.c_str(), 1);
}

} // namespace kverify::sandbox

// The numbers are those of linux/landlock.h; Debian 12's copy ends at version 2, so that the later ones stand here.
#include "sandbox/landlock.h"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kverify::sandbox {
namespace {

constexpr std::uint64_t kTruncate = 1ull << 14;      // version 3
constexpr std::uint64_t kDeviceIoctl = 1ull << 15;   // version 5
constexpr std::uint64_t kTcp = 3;                    // version 4: bind, connect
constexpr std::uint64_t kScopeSockets = 1, kScopeSignals = 2; // version 6

struct Ruleset {
  std::uint64_t files, network, scoped;
};

std::uint64_t writesIn(int version) {
  std::uint64_t writes = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                         LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                         LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                         LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  if (version >= 2)
    writes |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3)
    writes |= kTruncate;
  if (version >= 5)
    writes |= kDeviceIoctl;
  return writes;
}

/// What is allowed below one folder (or to one file): regular files, folders and their removal, nothing special.
bool allow(int ruleset, const char* path, std::uint64_t access) {
  int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0)
    return false;
  landlock_path_beneath_attr rule{.allowed_access = access, .parent_fd = fd};
  bool done = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  int error = errno;
  close(fd);
  errno = error;
  return done;
}

} // namespace

int landlockVersion() {
  long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? static_cast<int>(version) : 0;
}

bool confineWrites(const std::vector<std::string>& folders) {
  int version = landlockVersion();
  if (version == 0)
    return false;
  Ruleset handled{.files = writesIn(version),
                  .network = version >= 4 ? kTcp : 0,
                  .scoped = version >= 6 ? kScopeSockets | kScopeSignals : 0};
  std::size_t size = version >= 6 ? sizeof(Ruleset) : version >= 4 ? 16 : 8;
  int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, size, 0));
  if (ruleset < 0)
    return false;
  constexpr std::uint64_t kSpecial = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                     LANDLOCK_ACCESS_FS_MAKE_SYM;
  bool done = allow(ruleset, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE | (handled.files & kTruncate));
  for (const std::string& folder : folders)
    done = done && allow(ruleset, folder.c_str(), handled.files & ~kSpecial & ~kDeviceIoctl);
  done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  int error = errno;
  close(ruleset);
  errno = error;
  return done;
}

} // namespace kverify::sandbox

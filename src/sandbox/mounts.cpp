#include "sandbox/mounts.h"

#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kverify::sandbox {
namespace {

/// Debian 12's glibc declares it, older ones do not.
bool setAttributes(const std::string& path, unsigned flags, std::uint64_t set, std::uint64_t clear) {
  mount_attr attributes{.attr_set = set, .attr_clr = clear, .propagation = 0, .userns_fd = 0};
  return syscall(SYS_mount_setattr, AT_FDCWD, path.c_str(), flags, &attributes, sizeof(attributes)) == 0;
}

bool bindToItself(const std::string& folder) {
  return mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0;
}

bool mountTmpfs(const Policy& policy) {
  char options[96];
  std::snprintf(options, sizeof(options), "size=%llu,nr_inodes=65536,mode=0700",
                static_cast<unsigned long long>(policy.tmp_bytes));
  return mount("kverify", policy.tmp.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
}

} // namespace

bool makeView(const Policy& policy, const Layers& wanted, Layers& reached) {
  // What happens here must not reach the mounts that others see.
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return true;
  if (wanted.own_proc && reached.process_namespace)
    reached.own_proc = mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
  if (wanted.private_tmp && !policy.tmp.empty())
    reached.private_tmp = mountTmpfs(policy);
  if (!wanted.read_only_view)
    return true;
  std::vector<std::string> writable = policy.writable;
  if (!policy.tmp.empty())
    writable.push_back(policy.tmp);
  for (const std::string& folder : writable)
    if (!bindToItself(folder))
      return true;
  if (!setAttributes("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0))
    return true;
  for (const std::string& folder : writable)
    if (!setAttributes(folder, 0, 0, MOUNT_ATTR_RDONLY))
      return false;
  reached.read_only_view = true;
  return true;
}

} // namespace kverify::sandbox

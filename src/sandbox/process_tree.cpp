#include "sandbox/process_tree.h"

#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kverify::sandbox {
namespace {

/// Children that one thread started. Text of /proc/PID/task/TID/children.
void childrenOfThread(const std::string& path, std::vector<pid_t>& found) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (!file)
    return;
  for (int pid = 0; std::fscanf(file, "%d", &pid) == 1;)
    found.push_back(pid);
  std::fclose(file);
}

std::vector<pid_t> childrenOf(pid_t pid) {
  std::vector<pid_t> found;
  std::string folder = "/proc/" + std::to_string(pid) + "/task";
  DIR* threads = opendir(folder.c_str());
  if (!threads)
    return found;
  while (const dirent* entry = readdir(threads))
    if (entry->d_name[0] != '.')
      childrenOfThread(folder + "/" + entry->d_name + "/children", found);
  closedir(threads);
  return found;
}

} // namespace

std::vector<pid_t> treeOf(pid_t root) {
  std::vector<pid_t> tree = {root};
  for (std::size_t i = 0; i < tree.size() && tree.size() < 4096; ++i) {
    std::vector<pid_t> below = childrenOf(tree[i]);
    tree.insert(tree.end(), below.begin(), below.end());
  }
  return tree;
}

std::uint64_t ownMemory(pid_t pid) {
  std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/status").c_str(), "re");
  if (!file)
    return 0;
  std::uint64_t kilobytes = 0, value = 0;
  char line[256];
  while (std::fgets(line, sizeof(line), file))
    for (const char* name : {"RssAnon:", "RssShmem:", "VmSwap:"})
      if (std::strncmp(line, name, std::strlen(name)) == 0 &&
          std::sscanf(line + std::strlen(name), "%" SCNu64, &value) == 1)
        kilobytes += value;
  std::fclose(file);
  return kilobytes * 1024;
}

TreeUse useOf(pid_t root) {
  TreeUse use;
  for (pid_t pid : treeOf(root)) {
    use.memory_bytes += ownMemory(pid);
    ++use.processes;
  }
  return use;
}

void killBelow(pid_t root) {
  // What is killed hands its children to `root`, which takes orphans: each round gets at least one generation.
  for (int round = 0; round < 1000; ++round) {
    while (root == getpid() && waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    std::vector<pid_t> tree = treeOf(root);
    if (tree.size() <= 1)
      return;
    for (std::size_t i = 1; i < tree.size(); ++i)
      kill(tree[i], SIGSTOP); // first no one starts another
    for (std::size_t i = 1; i < tree.size(); ++i)
      kill(tree[i], SIGKILL);
    usleep(1000);
  }
}

} // namespace kverify::sandbox

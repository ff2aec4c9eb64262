#include "tests/soundness/thought_up.h"

#include <fstream>

namespace kverify::soundness {

namespace {

std::string beginning(const Profile& profile) {
  return "__global__ void random(" + profile.parameters +
         ") {\n"
         "  int t = threadIdx.x, b = blockIdx.x, T = blockDim.x, G = gridDim.x, v_ = 0;\n"
         "  __shared__ int s[" +
         std::to_string(profile.elements) +
         "];\n"
         "  extern __shared__ int d[];\n  int* e = d + T;\n  short* f = (short*)(d + 2 * T);\n";
}

} // namespace

Expected<std::vector<ThoughtUp>> readThoughtUp(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    return fail(ErrorKind::Input, "there is no such file", path);
  std::vector<ThoughtUp> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#')
      continue;
    if (line.starts_with("== ")) {
      if (!all.empty())
        all.back().source += "}\n";
      const Profile& profile = profiles()[line.ends_with("@warps")   ? 2
                                          : line.ends_with("@cover") ? 3
                                          : line.ends_with("@rows")  ? 4
                                          : line.ends_with("@packed") ? 5
                                                                     : 0];
      all.push_back({line.substr(3), &profile, beginning(profile)});
      continue;
    }
    if (all.empty())
      return fail(ErrorKind::Input, "a kernel begins with '== name'", path);
    all.back().source += line + "\n";
  }
  if (!all.empty())
    all.back().source += "}\n";
  return all;
}

} // namespace kverify::soundness

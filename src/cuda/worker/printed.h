#pragma once
// What kernels print: the driver writes it to this process's standard output, which is a file in memory.
#include <string>

namespace kverify::cuda {

class Printed {
public:
  /// Puts the file in the place of descriptor 1. Where that fails, nothing is caught.
  Printed();
  /// What came since the last call, at most `most` bytes of it.
  std::string take(std::size_t most = 1 << 16);

private:
  int file_ = -1;
};

} // namespace kverify::cuda

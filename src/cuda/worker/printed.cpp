#include "cuda/worker/printed.h"

#include <algorithm>
#include <cstdio>

#include <sys/mman.h>
#include <unistd.h>

namespace kverify::cuda {

Printed::Printed() : file_(memfd_create("kverify-printed", MFD_CLOEXEC)) {
  if (file_ >= 0)
    dup2(file_, STDOUT_FILENO);
}

std::string Printed::take(std::size_t most) {
  if (file_ < 0)
    return {};
  std::fflush(stdout);
  const off_t size = lseek(file_, 0, SEEK_END);
  std::string text(std::min<std::size_t>(size > 0 ? static_cast<std::size_t>(size) : 0, most), '\0');
  const ssize_t got = pread(file_, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (ftruncate(file_, 0) == 0)
    lseek(file_, 0, SEEK_SET);
  return text;
}

} // namespace kverify::cuda

#pragma once
// Comparison with a golden file of tests/report/golden.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace kverify::report::tests {

/// KVERIFY_UPDATE_GOLDENS=1 writes the file instead. The whole texts are long: only the first line that differs is shown.
inline void expectGolden(const std::string& name, const std::string& text) {
  std::string path = std::string(GOLDEN_DIR) + "/" + name;
  if (std::getenv("KVERIFY_UPDATE_GOLDENS")) {
    std::ofstream(path, std::ios::binary) << text;
    GTEST_SKIP() << "wrote " << path;
  }
  std::ifstream in(path, std::ios::binary);
  std::string golden{std::istreambuf_iterator<char>(in), {}};
  std::size_t at = 0, line = 1;
  while (at < golden.size() && at < text.size() && golden[at] == text[at])
    line += golden[at++] == '\n';
  std::size_t start = text.rfind('\n', at ? at - 1 : 0) + 1;
  EXPECT_TRUE(golden == text) << path << ":" << line << " differs; the text has now:\n"
                              << text.substr(start, std::min<std::size_t>(300, text.find('\n', at) - start))
                              << "\nif that is right, run this test with KVERIFY_UPDATE_GOLDENS=1 and read the difference";
}

} // namespace kverify::report::tests

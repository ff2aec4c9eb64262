#include <filesystem>
#include <iostream>
#include "frontend/observe/observe.h"
using namespace kverify::frontend;
int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    auto facts = host::hostFactsOf(argv[i], {.headers = CudaHeaders::Builtin});
    if (!facts) { std::cout << argv[i] << " ERROR " << facts.error().message.substr(0,200) << "\n"; continue; }
    auto runs = observe::runPaths(*facts);
    for (std::size_t p = 0; p < runs.size(); ++p)
      std::cout << argv[i] << " " << facts->paths[p].entry << (facts->paths[p].way.empty() ? "" : " [" + facts->paths[p].way + "]") << (facts->paths[p].guesses.empty() ? " sure" : " guess") << ": "
        << (runs[p].difference.empty() ? runs[p].not_run.empty() ? "AGREED " + std::to_string(runs[p].agreed) + " runs, " + std::to_string(runs[p].compared) + " numbers"
           : "NOTRUN " + runs[p].not_run : "DIFF " + runs[p].difference) << std::endl;
    for (auto& m : facts->missing) std::cout << argv[i] << " MISSING " << m.entry << " " << m.what << std::endl;
  }
}

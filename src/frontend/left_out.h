#pragma once
// What of a file's host code was not judged. It travels in the module, as metadata: the module is all that stages are given.
#include <string>
#include <vector>

#include "frontend/clang_job.h"
#include "frontend/device_module.h"

namespace llvm {
class Module;
}

namespace kverify::frontend {

/// Host code that did not compile and was left out, so that the device code could be judged.
struct LeftOut {
  std::string file;  ///< as it is shown
  unsigned line = 0; ///< of its first error
  std::string name;  ///< "launch_softmax", "PYBIND11_MODULE(TORCH_EXTENSION_NAME)"
  bool is_function = true;
  std::string why;   ///< clang's words: "use of undeclared identifier 'cudnnCreate'"
};

std::vector<LeftOut> leftOut(const DeviceModule& module);
std::vector<LeftOut> leftOut(const llvm::Module& module);

/// One sentence each: "host function 'f' was left out, it does not compile here: … (k.cu:12)".
std::vector<std::string> describe(const std::vector<LeftOut>& left_out);

/// Headers of libraries of the host's that the file includes and that are not installed.
std::vector<std::string> missingHeaders(const DeviceModule& module);

/// One sentence for each header that was searched for: "'utils.h' was found in /p/common, which no -I names".
std::vector<std::string> foundHeaders(const DeviceModule& module);

/// Writes all three into the module, for the functions above.
void noteLeftOut(llvm::Module& module, const std::vector<LeftOut>& left_out, const std::vector<std::string>& missing_headers,
                 const std::vector<FoundHeader>& found);

} // namespace kverify::frontend

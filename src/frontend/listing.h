#pragma once
// Which kernels a file has, without generating code for any of them.
#include <string>
#include <vector>

#include "frontend/compile.h"
#include "frontend/left_out.h"

namespace kverify::frontend {

struct ListedKernel {
  std::string name; ///< as --kernel takes it: "softmax<float, 4>", with namespaces where others share the name
  /// A kernel template that the file never instantiates: it needs arguments.
  bool needs_arguments = false;
  bool is_instance = false;            ///< of a template, which host code launches or names
  std::vector<std::string> parameters; ///< "const float *x", of a template as its author wrote them
  SourceLocation location;
};

struct Listing {
  std::vector<ListedKernel> kernels; ///< in the order of the file
  std::vector<LeftOut> left_out;     ///< host code that may launch more
};

/// Parses the file, host code included. No kernel at all is no error here. Errors: as of compileFile.
Expected<Listing> listKernels(const std::string& path, const CompileOptions& options);

} // namespace kverify::frontend

#pragma once
// Recoverable failures of the tool itself. A defect found in a kernel is a Finding, never a ToolError.
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace kverify {

/// What kind of thing went wrong; the command line maps every kind to exit code 2.
enum class ErrorKind {
  Usage,       ///< wrong flags or arguments
  Input,       ///< a file that is missing, empty, malformed or that does not fit
  Compile,     ///< the front-end rejected the source; the message is clang's own text
  Environment, ///< something needed is not installed on this machine
  Limit,       ///< more memory or time asked for than allowed
  Interrupted, ///< Ctrl-C
  Internal,    ///< a bug in kverify
};

/// One clear sentence, the place it is about, and the nearest valid thing.
struct ToolError {
  ErrorKind kind = ErrorKind::Internal;
  std::string message; ///< one sentence, no trailing newline (clang text may have several lines)
  std::string place;   ///< "contract.json:12 (/sizes/N)", "kernel.cu", or empty
  std::string hint;    ///< "did you mean 'shape'?", or empty
};

template <class T>
using Expected = tl::expected<T, ToolError>;

inline tl::unexpected<ToolError> fail(ErrorKind kind, std::string message, std::string place = {},
                                      std::string hint = {}) {
  return tl::unexpected<ToolError>(ToolError{kind, std::move(message), std::move(place), std::move(hint)});
}

} // namespace kverify

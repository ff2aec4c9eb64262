#pragma once
// One page that a reviewer opens: no script, no network, one file.
#include <string>

#include "report/format.h"

namespace kverify::report {

/// The verdict and what it covers first, then the kernels, the worst first. Works with the keyboard and with a screen
/// reader, in light and dark, and on paper. Above kManyKernels the sources of certified kernels are left out, which is said.
std::string renderHtml(const Report& report, const RenderOptions& options);

inline constexpr std::size_t kManyKernels = 40;

} // namespace kverify::report

#pragma once
// The text of peaks.cu, carried in the binary.
#include <string_view>

namespace kverify::bench {
extern const std::string_view kPeaksSource;
}

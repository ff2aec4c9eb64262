#pragma once
// Pictures of a report as SVG that stands inside an HTML page: colours are CSS classes of the page, so that they follow
// light and dark, and no picture says by colour alone what it says.
#include <optional>
#include <string>
#include <vector>

#include "report/format.h"

namespace kverify::report {

/// The two threads of a finding side by side, with the barriers around the interval in which they meet, or not. Empty
/// where the finding is not about two places. `id` makes ids unique on the page.
std::string threadsPicture(const Finding& finding, const RenderOptions& options, const std::string& id);

/// The cells of a tile: who wrote each, who else touched it, or how far off it is.
std::string tilePicture(const FindingFacts& facts, const std::string& id);

/// The same in words: runs of elements that are alike. One line each.
std::vector<std::string> tileInWords(const FindingFacts& facts);

/// Error, bound and naive over the length of the reduction, both axes logarithmic. Empty for fewer than two points.
std::string growthPicture(const Stability& stability, const std::string& id);

/// The worst error of each stress case as a share of the bound, on a logarithmic axis.
std::string stressPicture(const Stability& stability, const std::string& id);

/// "tile[3][7]", "Q[0,1,17,3]", or "smem at byte 5" where it is no element.
std::string elementName(const MemoryObject& object, const MemoryAccess& access);

/// "thread (0,0,0)".
std::string threadName(const ThreadId& thread);
std::string blockName(const ThreadId& thread);

/// Position of a thread in its block, x fastest; nothing without the block's shape.
std::optional<std::uint32_t> linearThread(const ThreadId& thread, const FindingFacts& facts);

} // namespace kverify::report

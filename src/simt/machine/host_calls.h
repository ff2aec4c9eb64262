#pragma once
// The functions that compiled device code may call: an allow-list, nothing else of the process can be reached.
#include <string_view>
#include <utility>
#include <vector>

namespace kverify::simt {

/// Name and address of every host function that JIT-compiled code may be linked to.
const std::vector<std::pair<const char*, void*>>& hostSymbols();

} // namespace kverify::simt

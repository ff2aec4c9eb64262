#pragma once
// Patterns of paths and of check ids, as kverify.json writes them.
#include <string_view>

namespace kverify::gate {

/// A path against a pattern, as .gitignore reads them: '*' and '?' stay inside one folder, '**' goes through any number
/// of them ("a/**" is all below a, "**/x.cu" is x.cu anywhere), and a pattern without a slash is about the file's name
/// in any folder. A pattern that ends with a slash is all below that folder. Both are relative to one folder, with '/'.
bool matchesPath(std::string_view pattern, std::string_view path);

/// A check id against a pattern: '*' is any text, dots included.
bool matchesCheck(std::string_view pattern, std::string_view check);

} // namespace kverify::gate

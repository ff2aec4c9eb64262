#pragma once
// Which files a source includes, without a compiler: what cannot be told counts as included.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kverify::gate {

/// One #include of a text, on any branch of its conditionals.
struct Include {
  enum class Form { Quoted, Angled, Computed };
  Form form = Form::Quoted;
  std::string name; ///< between the quotes; empty where a macro says it
};

/// All of them, in order. Lines that a backslash joins are one; comments are not looked into, so that an include in a
/// comment counts too.
std::vector<Include> includesIn(std::string_view text);

/// What a file reaches through its includes.
struct Reach {
  std::set<std::string> files; ///< paths from the repository's top, without the file itself
  bool computed = false;       ///< some include's name is a macro's value: it may be any file
};

/// Follows includes over the files of one repository. A name is looked for beside the file that has it (quoted ones),
/// and there alone if it is there; else it may be any file of the repository whose path ends with it, since search paths
/// (-I) are not known. Files of other places (the toolkit, the system) cannot change with the repository.
class IncludeGraph {
public:
  /// `files`: paths from `root`, those that are gone included: what includes them is touched, too.
  IncludeGraph(std::string root, const std::vector<std::string>& files);

  Reach reachOf(const std::string& file);

private:
  const std::vector<Include>& includesOf(const std::string& file);
  std::vector<std::string> candidates(const std::string& from, const Include& include) const;

  std::string root_;
  std::set<std::string> files_;
  std::map<std::string, std::vector<std::string>> by_name_; ///< file name to paths
  std::map<std::string, std::vector<Include>> read_;
};

} // namespace kverify::gate

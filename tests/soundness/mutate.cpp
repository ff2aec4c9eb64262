#include "tests/soundness/mutate.h"

#include <algorithm>
#include <regex>

#include <fmt/format.h>

namespace kverify::soundness {

namespace {

std::size_t closing(const std::string& text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    depth += std::string("([{").find(text[at]) != std::string::npos;
    depth -= std::string(")]}").find(text[at]) != std::string::npos;
    if (depth == 0)
      return at;
  }
  return std::string::npos;
}

/// Works line by line; what it finds lies within one line and before its comment.
class Mutator {
public:
  explicit Mutator(const std::string& source) : source_(source) {}

  std::vector<Mutant> all() {
    for (std::size_t begin = 0; begin < source_.size(); ++line_) {
      std::size_t end = std::min(source_.find('\n', begin), source_.size());
      begin_ = begin;
      text_ = source_.substr(begin, end - begin);
      code_ = text_.substr(0, text_.find("//"));
      mutateLine();
      begin = end + 1;
    }
    return std::move(mutants_);
  }

private:
  void change(std::size_t at, std::size_t length, const std::string& to, std::string what) {
    std::string mutated = source_;
    mutated.replace(begin_ + at, length, to);
    mutants_.push_back({line_, std::move(what), std::move(mutated)});
  }

  void mutateLine() {
    if (code_.find('#') != std::string::npos || code_.find("static_assert") != std::string::npos)
      return;
    each(
        R"(__syncthreads\(\);|__syncwarp\([^;]*\);|__pipeline_wait_prior\([^;]*\);|cp_async_wait\w*(<[^>]*>)?\([^;]*\);)",
        [&](const std::smatch& found) { change(at(found), length(found), ";", "no " + found.str()); });
    if (code_.find("__global__") == std::string::npos && code_.find("template") == std::string::npos)
      comparisons();
    guards();
    stores();
    if (!std::regex_search(
            code_,
            std::regex(
                R"(__shared__|^\s*(const |constexpr )?(float|int|half|__half|__nv_bfloat16|unsigned|std::uint\w+|uint\w*)\s+\w+\[)")))
      subscripts();
    strides();
  }

  void comparisons() {
    each(R"( (<|<=|>|>=) )", [&](const std::smatch& found) {
      std::string sign = found.str(1);
      std::string other = sign.size() == 1 ? sign + "=" : sign.substr(0, 1);
      change(at(found), length(found), " " + other + " ", sign + " became " + other);
    });
  }

  void guards() {
    each(R"(\bif (constexpr )?\()", [&](const std::smatch& found) {
      std::size_t open = at(found) + length(found) - 1, end = closing(code_, open);
      if (end != std::string::npos && found.str(1).empty())
        change(open + 1, end - open - 1, "true", "no guard " + code_.substr(open, end - open + 1));
    });
    each(R"(\w+ (<|<=|>=|>) [\w.]+ && | && \w+ (<|<=|>=|>) [\w.]+)",
         [&](const std::smatch& found) { change(at(found), length(found), "", "no" + found.str()); });
    each(R"(([\w.]+ (<|<=|>=|>) [\w.]+) \?)",
         [&](const std::smatch& found) { change(at(found), length(found) - 2, "true", "no guard " + found.str(1)); });
  }

  /// Statements that fill an array, and loops that may; what they leave out is read all the same.
  void stores() {
    each(R"(^\s*(\w+)(\[[^=;]*\])+ [+*]?= [^;]*;\s*$)", [&](const std::smatch& found) {
      change(at(found), length(found), ";", "no store to " + found.str(1));
    });
    each(R"(; (\w+) < ([^;]+); )", [&](const std::smatch& found) {
      std::string fewer = found.str(1) + " < " + found.str(2) + " - 1";
      change(at(found), length(found), "; " + fewer + "; ", fewer);
    });
  }

  void subscripts() {
    for (std::size_t open = code_.find('['); open != std::string::npos; open = code_.find('[', open + 1)) {
      std::size_t end = closing(code_, open);
      if (end == std::string::npos || end == open + 1 || open == 0 || code_[open - 1] == ' ')
        continue;
      std::string index = code_.substr(open + 1, end - open - 1);
      change(open + 1, end - open - 1, "(" + index + ") + 1", "[" + index + "] one further");
      change(open + 1, end - open - 1, "(" + index + ") - 1", "[" + index + "] one before");
    }
  }

  void strides() {
    each(R"( \+= ([\w.]+(?: \* [\w.]+)?)\))", [&](const std::smatch& found) {
      change(at(found), length(found), " += " + found.str(1) + " + 1)", "step " + found.str(1) + " + 1");
      change(at(found), length(found), " += (" + found.str(1) + " + 1) / 2)", "half the step " + found.str(1));
    });
    each(R"( \* ([A-Za-z_][\w.]*) \+ )", [&](const std::smatch& found) {
      change(at(found), length(found), " * (" + found.str(1) + " - 1) + ", "stride " + found.str(1) + " - 1");
    });
    each(R"((threadIdx|blockIdx)\.([xy]))", [&](const std::smatch& found) {
      change(at(found), length(found), found.str(1) + "." + (found.str(2) == "x" ? "y" : "x"),
             "the other " + found.str(1));
    });
  }

  template <class Do>
  void each(const char* pattern, Do act) {
    std::regex regex(pattern);
    for (std::sregex_iterator found(code_.begin(), code_.end(), regex), end; found != end; ++found)
      act(*found);
  }
  static std::size_t at(const std::smatch& found) { return static_cast<std::size_t>(found.position()); }
  static std::size_t length(const std::smatch& found) { return static_cast<std::size_t>(found.length()); }

  const std::string& source_;
  std::string text_, code_;
  std::size_t begin_ = 0;
  unsigned line_ = 1;
  std::vector<Mutant> mutants_;
};

} // namespace

std::vector<Mutant> mutantsOf(const std::string& source) {
  return Mutator(source).all();
}

} // namespace kverify::soundness

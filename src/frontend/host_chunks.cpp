#include "frontend/host_chunks.h"

#include <algorithm>
#include <cctype>

#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>

namespace kverify::frontend {
namespace {

using clang::Token;
namespace tok = clang::tok;

/// One token, with its offset; a preprocessor line is none.
struct Word {
  tok::TokenKind kind;
  std::size_t begin, end;
  std::string_view text;
};

/// The end of the preprocessor line that begins at `at`: continued lines belong to it.
std::size_t endOfDirective(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos)
      return text.size();
    std::size_t last = end;
    while (last > at && text[last - 1] == '\r')
      --last;
    if (last == at || text[last - 1] != '\\')
      return end;
    at = end + 1;
  }
  return text.size();
}

/// `#define HD __host__ __device__`: from here on HD makes device code.
void noteMacro(std::string_view directive, std::vector<std::string>& device_words) {
  std::size_t define = directive.find("define");
  if (define == std::string_view::npos || directive.find("__device__", define) == std::string_view::npos)
    return;
  std::size_t begin = directive.find_first_not_of(" \t", define + 6);
  std::size_t end = begin;
  while (end < directive.size() && (std::isalnum(static_cast<unsigned char>(directive[end])) || directive[end] == '_'))
    ++end;
  if (begin != std::string_view::npos && end > begin)
    device_words.emplace_back(directive.substr(begin, end - begin));
}

std::vector<Word> wordsOf(std::string_view text, std::vector<std::string>& device_words) {
  clang::LangOptions language;
  language.CPlusPlus = language.CPlusPlus11 = language.CPlusPlus17 = true;
  const std::string copy(text); // the lexer wants a terminating null
  clang::Lexer lexer(clang::SourceLocation(), language, copy.data(), copy.data(), copy.data() + copy.size());
  std::vector<Word> words;
  std::size_t skip_to = 0;
  for (Token token;;) {
    bool at_end = lexer.LexFromRawLexer(token);
    auto begin = static_cast<std::size_t>(lexer.getBufferLocation() - copy.data()) - token.getLength();
    if (token.is(tok::eof))
      return words;
    if (begin >= skip_to) {
      if (token.is(tok::hash) && token.isAtStartOfLine()) {
        skip_to = endOfDirective(text, begin);
        noteMacro(text.substr(begin, skip_to - begin), device_words);
      } else
        words.push_back({token.getKind(), begin, begin + token.getLength(), text.substr(begin, token.getLength())});
    }
    if (at_end)
      return words;
  }
}

bool isAny(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Reads one declaration after the other.
class Splitter {
public:
  explicit Splitter(std::string_view text) : text_(text), words_(wordsOf(text, device_words_)) {}

  std::vector<Chunk> split() {
    while (at_ < words_.size()) {
      if (!enterScope() && !leaveScope())
        readChunk();
    }
    return std::move(chunks_);
  }

private:
  bool is(std::size_t i, std::string_view text) const { return i < words_.size() && words_[i].text == text; }

  /// `namespace a::b {`, `namespace {`, `inline namespace a {`, `extern "C" {`.
  bool enterScope() {
    std::size_t i = at_;
    if (is(i, "inline") && is(i + 1, "namespace"))
      ++i;
    if (is(i, "namespace")) {
      for (++i; i < words_.size() && !is(i, "{") && !is(i, ";") && !is(i, "="); ++i) {
      }
    } else if (is(i, "extern") && i + 1 < words_.size() && words_[i + 1].kind == tok::string_literal) {
      i += 2;
    } else {
      return false;
    }
    if (!is(i, "{"))
      return false;
    ++scopes_;
    at_ = i + 1;
    return true;
  }

  bool leaveScope() {
    if (!is(at_, "}") || scopes_ == 0)
      return false;
    --scopes_;
    ++at_;
    return true;
  }

  /// Index behind the bracket that matches the one at `i`.
  std::size_t matching(std::size_t i) const {
    int depth = 0;
    for (; i < words_.size(); ++i) {
      tok::TokenKind kind = words_[i].kind;
      depth += kind == tok::l_brace || kind == tok::l_paren || kind == tok::l_square;
      depth -= kind == tok::r_brace || kind == tok::r_paren || kind == tok::r_square;
      if (depth == 0)
        return i + 1;
    }
    return i;
  }

  void readChunk() {
    Chunk chunk;
    chunk.begin = words_[at_].begin;
    std::size_t first = at_, parameters = 0, i = behindTemplateHeads(at_);
    bool is_class = false, assigned = false;
    while (i < words_.size()) {
      tok::TokenKind kind = words_[i].kind;
      std::string_view word = words_[i].text;
      if (kind == tok::semi) {
        ++i;
        break;
      }
      if (kind == tok::r_brace) { // one too many: the file's own fault
        ++i;
        break;
      }
      is_class |= parameters == 0 && isAny(word, {"struct", "class", "union", "enum"});
      assigned |= kind == tok::equal && !is(i - 1, "operator");
      if (kind == tok::l_paren && parameters == 0)
        parameters = i;
      std::size_t next = kind == tok::l_paren || kind == tok::l_square || kind == tok::l_brace ? matching(i) : i + 1;
      bool is_body = kind == tok::l_brace && parameters && !assigned && !is_class;
      if (is_body) {
        chunk.is_function = true;
        chunk.body_begin = words_[i].begin;
        chunk.body_end = next > 0 && next - 1 < words_.size() ? words_[next - 1].end : text_.size();
        i = next;
        break;
      }
      i = next;
    }
    chunk.end = i > first && i - 1 < words_.size() ? words_[i - 1].end : text_.size();
    describe(chunk, first, i, parameters, is_class);
    chunks_.push_back(std::move(chunk));
    at_ = std::max(i, first + 1);
  }

  /// `template <class T, int n = (3 > 2)>`, as many as there are.
  std::size_t behindTemplateHeads(std::size_t i) const {
    while (is(i, "template") && is(i + 1, "<")) {
      int depth = 0;
      for (++i; i < words_.size();) {
        tok::TokenKind kind = words_[i].kind;
        depth += kind == tok::less;
        depth -= kind == tok::greater ? 1 : kind == tok::greatergreater ? 2 : 0;
        bool opens = kind == tok::l_paren || kind == tok::l_square || kind == tok::l_brace;
        i = opens ? matching(i) : i + 1;
        if (depth <= 0)
          break;
      }
    }
    return i;
  }

  void describe(Chunk& chunk, std::size_t first, std::size_t end, std::size_t parameters, bool is_class) {
    for (std::size_t i = first; i < end; ++i) {
      chunk.is_device |= std::find(device_words_.begin(), device_words_.end(), words_[i].text) != device_words_.end();
      chunk.is_device |= isAny(words_[i].text, {"__global__", "__device__", "__constant__", "__managed__", "__shared__",
                                                "constexpr", "consteval", "C10_DEVICE", "C10_HOST_DEVICE", "CUTE_DEVICE",
                                                "CUTE_HOST_DEVICE", "CUTLASS_DEVICE", "CUTLASS_HOST_DEVICE"});
    }
    std::string_view head = words_[first].text;
    bool specialises = head == "template" && is(first + 1, "<") && is(first + 2, ">");
    chunk.is_shape = isAny(head, {"using", "typedef", "enum", "static_assert"}) || (specialises && is_class);
    chunk.line = 1 + static_cast<unsigned>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(chunk.begin), '\n'));
    if (parameters > first)
      chunk.name = words_[parameters - 1].text;
    else
      for (std::size_t i = first; i < std::min(end, first + 3); ++i)
        chunk.name += (i > first ? " " : "") + std::string(words_[i].text);
    // PYBIND11_MODULE(name, m) { … } and its like: the macro is no name that anyone knows the code by.
    if (parameters == first + 1 && parameters + 1 < words_.size() && head.size() > 3 && head == chunk.name)
      chunk.name = std::string(head) + "(" + std::string(words_[parameters + 1].text) + ")";
  }

  std::string_view text_;
  std::vector<std::string> device_words_; ///< macros of the file that stand for __device__
  std::vector<Word> words_;
  std::vector<Chunk> chunks_;
  std::size_t at_ = 0;
  int scopes_ = 0;
};

} // namespace

std::vector<Chunk> chunksOf(std::string_view text) {
  return Splitter(text).split();
}

} // namespace kverify::frontend

// nlohmann parses; a light scanner over the same text finds where every value stands, because the parser does not keep
// it.
#include "contract/json_document.h"

#include <set>

#include <fmt/format.h>

#include "core/near_name.h"

namespace kverify::contract {
namespace {

constexpr unsigned kMaxDepth = 64;

/// "a/b~c" -> "a~1b~0c" (RFC 6901).
std::string escapePointer(std::string_view key) {
  std::string text;
  for (char c : key) {
    if (c == '~')
      text += "~0";
    else if (c == '/')
      text += "~1";
    else
      text += c;
  }
  return text;
}

JsonPosition positionOf(std::string_view text, std::size_t byte) {
  JsonPosition position{1, 1};
  for (std::size_t i = 0; i < std::min(byte, text.size()); ++i) {
    if (text[i] == '\n') {
      ++position.line;
      position.column = 1;
    } else {
      ++position.column;
    }
  }
  return position;
}

/// Walks text that is known to be well-formed (or stops at the first thing that is not).
class Scanner {
public:
  Scanner(std::string_view text, std::map<std::string, JsonPosition>& positions) : text_(text), positions_(positions) {}

  bool scan() { return value("", 0); }

  std::string problem; ///< what scan() stopped at; empty = malformed, which the real parser explains
  JsonPosition problem_at;

private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void step() {
    if (peek() == '\n') {
      ++here_.line;
      here_.column = 0;
    }
    ++here_.column;
    ++at_;
  }

  void skipBlanks() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) {
        step();
      } else if (text_.substr(at_, 2) == "//") {
        while (at_ < text_.size() && peek() != '\n')
          step();
      } else if (text_.substr(at_, 2) == "/*") {
        std::size_t end = text_.find("*/", at_ + 2);
        std::size_t stop = end == std::string_view::npos ? text_.size() : end + 2;
        while (at_ < stop)
          step();
      } else {
        return;
      }
    }
  }

  bool stop(std::string what, JsonPosition where) {
    problem = std::move(what);
    problem_at = where;
    return false;
  }

  bool value(const std::string& pointer, unsigned depth) {
    skipBlanks();
    positions_[pointer] = here_;
    if (depth > kMaxDepth)
      return stop(fmt::format("values nested deeper than {}", kMaxDepth), here_);
    if (peek() == '{')
      return object(pointer, depth);
    if (peek() == '[')
      return array(pointer, depth);
    if (peek() == '"')
      return string().has_value();
    std::size_t start = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n,]}/").find(peek()) == std::string_view::npos)
      step();
    return at_ > start;
  }

  bool object(const std::string& pointer, unsigned depth) {
    step();
    std::set<std::string> seen;
    for (skipBlanks(); peek() != '}'; skipBlanks()) {
      JsonPosition key_at = here_;
      auto key = string();
      if (!key)
        return false;
      if (!seen.insert(*key).second)
        return stop(fmt::format("the key '{}' is given twice", *key), key_at);
      skipBlanks();
      if (peek() != ':')
        return false;
      step();
      if (!value(pointer + "/" + escapePointer(*key), depth + 1))
        return false;
      skipBlanks();
      if (peek() == ',')
        step();
      else if (peek() != '}')
        return false;
    }
    step();
    return true;
  }

  bool array(const std::string& pointer, unsigned depth) {
    step();
    std::size_t index = 0;
    for (skipBlanks(); peek() != ']'; skipBlanks()) {
      if (!value(pointer + "/" + std::to_string(index++), depth + 1))
        return false;
      skipBlanks();
      if (peek() == ',')
        step();
      else if (peek() != ']')
        return false;
    }
    step();
    return true;
  }

  std::optional<std::string> string() {
    std::size_t start = at_;
    if (peek() != '"')
      return std::nullopt;
    step();
    while (at_ < text_.size() && peek() != '"') {
      if (peek() == '\\')
        step();
      if (at_ < text_.size())
        step();
    }
    if (at_ == text_.size())
      return std::nullopt;
    step();
    auto parsed = nlohmann::json::parse(text_.substr(start, at_ - start), nullptr, false);
    if (!parsed.is_string())
      return std::nullopt;
    return parsed.get<std::string>();
  }

  std::string_view text_;
  std::map<std::string, JsonPosition>& positions_;
  std::size_t at_ = 0;
  JsonPosition here_{1, 1};
};

/// "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error while …" -> its last part.
std::string shortenParserMessage(std::string message) {
  std::size_t at = message.find(": ");
  if (message.starts_with("[json.exception") && at != std::string::npos)
    message = message.substr(at + 2);
  return message;
}

} // namespace

std::string JsonDocument::place(const std::string& pointer) const {
  std::string known = pointer;
  auto at = positions.find(known);
  while (at == positions.end() && !known.empty()) {
    known.resize(known.rfind('/'));
    at = positions.find(known);
  }
  unsigned line = at == positions.end() ? 1 : at->second.line;
  return fmt::format("{}:{} ({})", path, line, pointer.empty() ? "/" : pointer);
}

Expected<JsonDocument> parseJson(const std::string& path, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return fail(ErrorKind::Input, "the file is empty", path);
  JsonDocument document;
  document.path = path;
  Scanner scanner(text, document.positions);
  if (!scanner.scan() && !scanner.problem.empty())
    return fail(ErrorKind::Input, scanner.problem,
                fmt::format("{}:{}:{}", path, scanner.problem_at.line, scanner.problem_at.column));
  try {
    document.root = nlohmann::ordered_json::parse(text, nullptr, true, /*ignore_comments=*/true);
  } catch (const nlohmann::json::exception& e) {
    JsonPosition position{1, 1};
    if (const auto* parse_error = dynamic_cast<const nlohmann::json::parse_error*>(&e))
      position = positionOf(text, parse_error->byte > 0 ? parse_error->byte - 1 : 0);
    return fail(ErrorKind::Input, "not valid JSON: " + shortenParserMessage(e.what()),
                fmt::format("{}:{}:{}", path, position.line, position.column));
  }
  return document;
}

void JsonCursor::reject(std::string message, std::string hint) const {
  if (!failed())
    *error_ = ToolError{ErrorKind::Input, std::move(message), place(), std::move(hint)};
}

JsonCursor JsonCursor::child(const nlohmann::ordered_json& value, const std::string& key) const {
  JsonCursor cursor = *this;
  cursor.value_ = &value;
  cursor.pointer_ += "/" + escapePointer(key);
  cursor.key_ = key;
  return cursor;
}

void JsonCursor::expectKeys(const std::vector<std::string>& allowed) const {
  if (!isObject())
    return reject(fmt::format("expected an object, found {}", value_->type_name()));
  for (const auto& [key, value] : value_->items()) {
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end())
      continue;
    std::string hint = didYouMean(key, allowed);
    if (hint.empty())
      hint = fmt::format("the keys here are {}", fmt::join(allowed, ", "));
    child(value, key).reject(fmt::format("unknown key '{}'", key), std::move(hint));
  }
}

bool JsonCursor::has(const std::string& key) const {
  return isObject() && value_->contains(key);
}

JsonCursor JsonCursor::at(const std::string& key) const {
  static const nlohmann::ordered_json nothing;
  if (has(key))
    return child((*value_)[key], key);
  reject(isObject() ? fmt::format("the key '{}' is missing", key)
                    : fmt::format("expected an object, found {}", value_->type_name()));
  return child(nothing, key);
}

std::vector<JsonCursor> JsonCursor::members() const {
  std::vector<JsonCursor> all;
  if (!isObject()) {
    reject(fmt::format("expected an object, found {}", value_->type_name()));
    return all;
  }
  for (const auto& [key, value] : value_->items())
    all.push_back(child(value, key));
  return all;
}

std::vector<JsonCursor> JsonCursor::elements(std::size_t least, std::size_t most) const {
  std::vector<JsonCursor> all;
  if (!isArray()) {
    reject(fmt::format("expected an array, found {}", value_->type_name()));
    return all;
  }
  if (value_->size() < least || value_->size() > most)
    reject(most == SIZE_MAX ? fmt::format("expected at least {} elements, found {}", least, value_->size())
                            : fmt::format("expected {} to {} elements, found {}", least, most, value_->size()));
  for (std::size_t i = 0; i < value_->size(); ++i)
    all.push_back(child((*value_)[i], std::to_string(i)));
  return all;
}

std::string JsonCursor::asString() const {
  if (isString())
    return value_->get<std::string>();
  reject(fmt::format("expected a string, found {}", value_->type_name()));
  return {};
}

bool JsonCursor::asBool() const {
  if (isBool())
    return value_->get<bool>();
  reject(fmt::format("expected true or false, found {}", value_->type_name()));
  return false;
}

std::int64_t JsonCursor::asInteger() const {
  if (!isInteger()) {
    reject(fmt::format("expected an integer, found {}", isNumber() ? value_->dump() : value_->type_name()));
    return 0;
  }
  if (value_->is_number_unsigned() && value_->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    reject(fmt::format("{} does not fit 64 bits", value_->dump()));
    return 0;
  }
  return value_->get<std::int64_t>();
}

double JsonCursor::asNumber() const {
  if (isNumber())
    return value_->get<double>();
  reject(fmt::format("expected a number, found {}", value_->type_name()));
  return 0;
}

std::string JsonCursor::asOneOf(const std::vector<std::string>& words) const {
  std::string word = asString();
  if (failed() || std::find(words.begin(), words.end(), word) != words.end())
    return word;
  std::string hint = didYouMean(word, words);
  if (hint.empty())
    hint = fmt::format("one of {}", fmt::join(words, ", "));
  reject(fmt::format("'{}' is not allowed here", word), std::move(hint));
  return word;
}

Expr JsonCursor::asExpr(ExprMode mode, const std::vector<std::string>* names) const {
  if (isInteger())
    return integerExpr(asInteger(), place());
  if (isNumber() && mode == ExprMode::Real)
    return decimalExpr(asNumber(), place());
  if (!isString()) {
    reject(fmt::format("expected an integer or an expression in quotes, found {}",
                       isNumber() ? value_->dump() : value_->type_name()));
    return integerExpr(0, place());
  }
  auto parsed = parseExpr(asString(), mode, names, place());
  if (parsed)
    return *parsed;
  if (!failed())
    *error_ = parsed.error();
  return integerExpr(0, place());
}

} // namespace kverify::contract

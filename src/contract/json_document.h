#pragma once
// JSON with comments whose every value knows its line, and a cursor to read it that keeps the first error.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "kverify/error.h"
#include "kverify/expr.h"

namespace kverify::contract {

/// Line and column, both from 1.
struct JsonPosition {
  unsigned line = 0, column = 0;
};

/// A parsed file. Keys keep the order of the file.
struct JsonDocument {
  std::string path;
  nlohmann::ordered_json root;
  std::map<std::string, JsonPosition> positions; ///< by JSON pointer

  /// "contract.json:12 (/tensors/Q/shape/1)"; of the nearest enclosing value where the pointer has none itself.
  std::string place(const std::string& pointer) const;
};

/// Parses text with // and /* */ comments. Errors: Input, with line and column: malformed JSON, a key given twice,
/// nesting deeper than 64, nothing but blanks.
Expected<JsonDocument> parseJson(const std::string& path, std::string_view text);

/// Reads one value. The first error of a whole tree of cursors is kept in one place; after it every read gives a
/// harmless default, so that a loader can be written as a straight line and asks once at the end.
class JsonCursor {
public:
  JsonCursor(const JsonDocument& document, std::optional<ToolError>& error)
      : document_(&document), value_(&document.root), error_(&error) {}

  bool failed() const { return error_->has_value(); }
  std::string place() const { return document_->place(pointer_); }
  const std::string& key() const { return key_; }
  void reject(std::string message, std::string hint = {}) const;

  bool isObject() const { return value_->is_object(); }
  bool isArray() const { return value_->is_array(); }
  bool isString() const { return value_->is_string(); }
  bool isBool() const { return value_->is_boolean(); }
  bool isInteger() const { return value_->is_number_integer(); }
  bool isNumber() const { return value_->is_number(); }
  bool isNull() const { return value_->is_null(); }

  /// Requires an object whose keys are all in `allowed`; unknown keys are errors that give the nearest.
  void expectKeys(const std::vector<std::string>& allowed) const;
  bool has(const std::string& key) const;
  /// A member that must be there.
  JsonCursor at(const std::string& key) const;
  /// Every member of an object, or element of an array, in order.
  std::vector<JsonCursor> members() const;
  std::vector<JsonCursor> elements(std::size_t least = 0, std::size_t most = SIZE_MAX) const;

  std::string asString() const;
  bool asBool() const;
  std::int64_t asInteger() const;
  double asNumber() const;
  /// One of a fixed set of words.
  std::string asOneOf(const std::vector<std::string>& words) const;
  /// An expression: a string, or a plain number.
  Expr asExpr(ExprMode mode, const std::vector<std::string>* names) const;

private:
  JsonCursor child(const nlohmann::ordered_json& value, const std::string& key) const;

  const JsonDocument* document_;
  const nlohmann::ordered_json* value_;
  std::optional<ToolError>* error_;
  std::string pointer_;
  std::string key_;
};

} // namespace kverify::contract

#include "attest/strict_json.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "attest/utf8.h"

namespace kverify::attest {
namespace {

using Kind = JsonFault::Kind;

/// Longer than any number that a double needs.
constexpr std::size_t kLongestNumber = 40;

/// Builds the value while the parser walks, so that what is refused is never stored. nlohmann's parser keeps its own
/// stack of one bit a level: depth costs no recursion.
class Builder : public nlohmann::json_sax<Json> {
public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return refuse(Kind::Malformed, "binary data is no JSON"); }

  bool number_integer(number_integer_t value) override {
    if (value < -kLargestInteger || value > kLargestInteger)
      return refuse(Kind::BadNumber, fmt::format("the integer {} is beyond 2^53 - 1", value));
    return put(value);
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(kLargestInteger))
      return refuse(Kind::BadNumber, fmt::format("the integer {} is beyond 2^53 - 1", value));
    return put(value);
  }

  bool number_float(number_float_t value, const string_t& text) override {
    if (text.size() > kLongestNumber)
      return refuse(Kind::BadNumber, fmt::format("a number is {} characters long", text.size()));
    if (text.find_first_of(".eE") == text.npos)
      return refuse(Kind::BadNumber, fmt::format("the integer {} is beyond 2^53 - 1", text));
    if (!std::isfinite(value))
      return refuse(Kind::BadNumber, fmt::format("the number {} is too large", text));
    return put(value);
  }

  bool key(string_t& name) override {
    if (open_.back()->contains(name))
      return refuse(Kind::DuplicateKey, fmt::format("the key '{}' is given twice in one object", shortened(name)));
    key_ = std::move(name);
    return true;
  }

  bool start_object(std::size_t) override { return enter(Json::object()); }
  bool start_array(std::size_t) override { return enter(Json::array()); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool parse_error(std::size_t position, const std::string&, const Json::exception& error) override {
    // 406: a number that no double holds. All others are about the grammar.
    bool number = error.id == 406;
    return refuse(number ? Kind::BadNumber : Kind::Malformed,
                  number ? fmt::format("the number that ends at byte {} is too large", position)
                         : fmt::format("it stops being JSON at byte {}", position));
  }

  Json root;
  std::optional<JsonFault> fault;

private:
  static std::string shortened(const std::string& text) {
    return mended(text.size() > 60 ? text.substr(0, 60) + "..." : text);
  }

  bool refuse(Kind kind, std::string message) {
    if (!fault)
      fault = JsonFault{kind, std::move(message)};
    return false;
  }

  Json* place(Json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& parent = *open_.back();
    if (parent.is_object())
      return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool count() {
    return ++values_ <= limits_.values ||
           refuse(Kind::TooLarge, fmt::format("it has more than {} values", limits_.values));
  }

  bool put(Json value) {
    if (!count())
      return false;
    place(std::move(value));
    return true;
  }

  bool enter(Json value) {
    if (!count())
      return false;
    if (open_.size() >= limits_.depth)
      return refuse(Kind::TooDeep, fmt::format("it is nested deeper than {} levels", limits_.depth));
    open_.push_back(place(std::move(value)));
    return true;
  }

  bool leave() {
    open_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  std::vector<Json*> open_; ///< a container moves only while it is the innermost but one: never while it is in here
  std::string key_;
  std::size_t values_ = 0;
};

} // namespace

tl::expected<Json, JsonFault> parseStrictly(std::string_view text, const JsonLimits& limits) {
  auto refused = [](Kind kind, std::string message) {
    return tl::unexpected(JsonFault{kind, std::move(message)});
  };
  if (text.size() > limits.bytes)
    return refused(Kind::TooLarge, fmt::format("it has {} bytes, and {} are taken at most", text.size(), limits.bytes));
  // nlohmann takes a NUL for the end of the input and skips a byte order mark.
  if (std::size_t at = text.find('\0'); at != text.npos)
    return refused(Kind::NotText, fmt::format("byte {} is a NUL", at));
  if (text.starts_with("\xEF\xBB\xBF"))
    return refused(Kind::NotText, "it begins with a byte order mark");
  if (auto at = firstInvalidUtf8(text))
    return refused(Kind::NotText, fmt::format("byte {} is not UTF-8", *at));
  Builder builder(limits);
  bool parsed = Json::sax_parse(text.begin(), text.end(), &builder);
  if (builder.fault)
    return tl::unexpected(std::move(*builder.fault));
  if (!parsed)
    return refused(Kind::Malformed, "it is no JSON");
  return std::move(builder.root);
}

} // namespace kverify::attest

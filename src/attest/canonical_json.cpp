#include "attest/canonical_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "attest/utf8.h"

namespace kverify::attest {
namespace {

void writeString(const std::string& text, std::string& out) {
  out += '"';
  for (char c : text) {
    switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (static_cast<unsigned char>(c) < 0x20)
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      else
        out += c;
    }
  }
  out += '"';
}

class Writer {
public:
  bool write(const Json& value) {
    switch (value.type()) {
    case Json::value_t::null: text += "null"; return true;
    case Json::value_t::boolean: text += value.get<bool>() ? "true" : "false"; return true;
    case Json::value_t::string: return writeText(value.get_ref<const std::string&>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return writeInteger(value);
    case Json::value_t::number_float: return writeNumber(value.get<double>());
    case Json::value_t::array: return writeArray(value);
    case Json::value_t::object: return writeObject(value);
    default: return refuse("binary data has no JSON text");
    }
  }

  std::string text, problem;

private:
  bool refuse(std::string why) {
    problem = std::move(why);
    return false;
  }

  bool writeText(const std::string& string) {
    if (firstInvalidUtf8(string))
      return refuse(fmt::format("'{}' is not UTF-8", mended(string)));
    writeString(string, text);
    return true;
  }

  bool writeInteger(const Json& value) {
    bool negative = value.is_number_integer() && !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
    std::uint64_t magnitude = negative ? 0 - value.get<std::uint64_t>() : value.get<std::uint64_t>();
    if (magnitude > static_cast<std::uint64_t>(kLargestInteger))
      return refuse(fmt::format("the integer {} is beyond 2^53 - 1", value.dump()));
    text += fmt::format("{}{}", negative ? "-" : "", magnitude);
    return true;
  }

  bool writeNumber(double value) {
    if (!std::isfinite(value))
      return refuse("JSON has no number that is not finite");
    text += ecmaNumber(value);
    return true;
  }

  bool writeArray(const Json& array) {
    text += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      text += i ? "," : "";
      if (!write(array[i]))
        return false;
    }
    text += ']';
    return true;
  }

  bool writeObject(const Json& object) {
    struct Member {
      std::vector<char16_t> order;
      const std::string* key;
      const Json* value;
    };
    std::vector<Member> members;
    for (const auto& [key, value] : object.get_ref<const Json::object_t&>())
      members.push_back({utf16Of(key), &key, &value});
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.order < b.order; });
    text += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      text += i ? "," : "";
      if (!writeText(*members[i].key))
        return false;
      text += ':';
      if (!write(*members[i].value))
        return false;
    }
    text += '}';
    return true;
  }
};

} // namespace

std::string ecmaNumber(double value) {
  if (value == 0)
    return "0"; // also of -0
  std::string sign = value < 0 ? "-" : "";
  // The shortest digits that give the value back: "d.ddde±xx" of to_chars is digits times a power of ten.
  std::array<char, 40> bytes{};
  auto end = std::to_chars(bytes.data(), bytes.data() + bytes.size(), std::fabs(value), std::chars_format::scientific).ptr;
  std::string_view text(bytes.data(), static_cast<std::size_t>(end - bytes.data()));
  std::size_t e = text.find('e');
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  int exponent = 0;
  std::string_view power = text.substr(e + 1);
  power.remove_prefix(power.starts_with('+'));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  int count = static_cast<int>(digits.size());
  int point = exponent + 1; // the decimal point stands after so many digits
  if (count <= point && point <= 21)
    return sign + digits + std::string(static_cast<std::size_t>(point - count), '0');
  if (0 < point && point <= 21)
    return sign + digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
  if (-6 < point && point <= 0)
    return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  std::string mantissa = digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "");
  return fmt::format("{}{}e{}{}", sign, mantissa, exponent < 0 ? '-' : '+', std::abs(exponent));
}

Expected<std::string> canonical(const Json& value) {
  Writer writer;
  if (!writer.write(value))
    return fail(ErrorKind::Internal, "this can't be written as canonical JSON: " + writer.problem);
  return std::move(writer.text);
}

} // namespace kverify::attest

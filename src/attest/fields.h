#pragma once
// Reads JSON that must have exactly the fields it is known for. The first thing that is wrong is kept; after it every read
// gives something harmless, so that a decoder is a straight line and asks once at the end.
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attest/refusal.h"
#include "attest/strict_json.h"

namespace kverify::attest {

class Fields {
public:
  /// `names`: all of its fields, each of which must be there. What else is there is refused (UnknownField): a reader that
  /// does not know a field cannot know what it changes.
  Fields(const Json& value, std::string path, std::optional<Refusal>& error, std::initializer_list<const char*> names);

  bool failed() const { return error_->has_value(); }
  void reject(const std::string& name, const std::string& why) const;

  bool isNull(const char* name) const;
  std::string text(const char* name) const;
  std::string textOrNothing(const char* name) const; ///< null: empty
  bool flag(const char* name) const;
  std::uint64_t count(const char* name) const;
  std::uint64_t bigCount(const char* name) const; ///< written as a string of digits: it may be beyond 2^53
  double number(const char* name) const;
  std::string sha256(const char* name) const; ///< 64 lower-case hex digits
  std::vector<std::string> texts(const char* name) const;
  std::vector<std::string> hashes(const char* name) const; ///< sorted, each once
  std::map<std::string, std::string> named(const char* name) const;
  Fields object(const char* name, std::initializer_list<const char*> names) const;
  void each(const char* name, const std::function<void(const Json&, const std::string& path)>& visit) const;

  template <class T, std::size_t N>
  T oneOf(const char* name, const std::pair<T, const char*> (&known)[N]) const {
    std::string word = text(name);
    for (const auto& [value, spelling] : known)
      if (word == spelling)
        return value;
    reject(name, "'" + word + "' is not known here");
    return known[0].first;
  }

  std::optional<Refusal>& error() const { return *error_; }
  std::string pathOf(const std::string& name) const { return path_ + "/" + name; }

private:
  const Json& at(const char* name) const;

  const Json* value_;
  std::string path_;
  std::optional<Refusal>* error_;
};

bool isSha256(std::string_view text);

} // namespace kverify::attest

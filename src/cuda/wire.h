#pragma once
// Values as bytes and back, for the pipe between kverify and its GPU worker. Both ends run on one machine: native byte
// order. A reader never trusts a length: what does not fit is a failure that sticks, and leaves the rest at its defaults.
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace kverify::cuda {

class Writer {
public:
  static constexpr bool reads = false;

  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      const auto* at = reinterpret_cast<const std::uint8_t*>(&value);
      bytes_.insert(bytes_.end(), at, at + sizeof value);
    } else {
      value.fields(*this);
    }
  }
  void operator()(std::string& text) { sequence(text); }
  template <class T>
  void operator()(std::vector<T>& items) {
    sequence(items);
  }

  std::vector<std::uint8_t> take() { return std::move(bytes_); }

private:
  template <class Items>
  void sequence(Items& items) {
    std::uint64_t count = items.size();
    (*this)(count);
    if constexpr (sizeof(items[0]) == 1 && std::is_arithmetic_v<typename Items::value_type>)
      bytes_.insert(bytes_.end(), items.begin(), items.end());
    else
      for (auto& item : items)
        (*this)(item);
  }

  std::vector<std::uint8_t> bytes_;
};

class Reader {
public:
  static constexpr bool reads = true;

  explicit Reader(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      if (take(sizeof value))
        std::memcpy(&value, bytes_.data() + at_ - sizeof value, sizeof value);
    } else {
      value.fields(*this);
    }
  }
  void operator()(std::string& text) { sequence(text); }
  template <class T>
  void operator()(std::vector<T>& items) {
    sequence(items);
  }

  /// Everything was there, and nothing is left over.
  bool complete() const { return ok_ && at_ == bytes_.size(); }

private:
  bool take(std::uint64_t count) {
    ok_ = ok_ && count <= bytes_.size() - at_;
    at_ += ok_ ? count : 0;
    return ok_;
  }

  template <class Items>
  void sequence(Items& items) {
    std::uint64_t count = 0;
    (*this)(count);
    if constexpr (sizeof(items[0]) == 1 && std::is_arithmetic_v<typename Items::value_type>) {
      if (take(count))
        items.assign(bytes_.begin() + static_cast<std::ptrdiff_t>(at_ - count), bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
    } else {
      // Every item takes at least a byte: a count beyond that is a lie, and no memory is taken for it.
      ok_ = ok_ && count <= bytes_.size() - at_;
      items.clear();
      for (std::uint64_t i = 0; ok_ && i < count; ++i)
        (*this)(items.emplace_back());
    }
  }

  const std::vector<std::uint8_t>& bytes_;
  std::uint64_t at_ = 0;
  bool ok_ = true;
};

} // namespace kverify::cuda

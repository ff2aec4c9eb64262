// c10::ArrayRef, a view of someone else's array, and the vectors around it.
#pragma once
#pragma GCC system_header
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "host_hooks.h"

namespace c10 {

using std::in_place;
using std::make_optional;
using std::nullopt;
using std::nullopt_t;
using std::optional;

template <class T> class ArrayRef final {
public:
  using value_type = T;
  using size_type = std::size_t;
  using iterator = const T*;
  using const_iterator = const T*;

  constexpr ArrayRef() = default;
  constexpr ArrayRef(const T& one) : data_(&one), size_(1) {}
  constexpr ArrayRef(const T* data, std::size_t size) : data_(data), size_(size) {}
  constexpr ArrayRef(const T* begin, const T* end) : data_(begin), size_(static_cast<std::size_t>(end - begin)) {}
  template <class A> ArrayRef(const std::vector<T, A>& from) : data_(from.data()), size_(from.size()) {}
  template <std::size_t n> constexpr ArrayRef(const std::array<T, n>& from) : data_(from.data()), size_(n) {}
  template <std::size_t n> constexpr ArrayRef(const T (&from)[n]) : data_(from), size_(n) {}
  constexpr ArrayRef(const std::initializer_list<T>& from)
      : data_(from.size() ? from.begin() : nullptr), size_(from.size()) {}

  constexpr iterator begin() const { return data_; }
  constexpr iterator end() const { return data_ + size_; }
  constexpr const T* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T& operator[](std::size_t i) const { return data_[i]; }
  const T& at(std::size_t i) const {
    kverify_torch::check(i < size_, "ArrayRef", 0, "an index inside the array");
    return data_[i];
  }
  const T& front() const { return at(0); }
  const T& back() const { return at(size_ - 1); }
  ArrayRef slice(std::size_t first, std::size_t count) const { return {data_ + first, count}; }
  ArrayRef slice(std::size_t first) const { return {data_ + first, size_ - first}; }
  bool equals(ArrayRef other) const {
    if (size_ != other.size_)
      return false;
    for (std::size_t i = 0; i < size_; ++i)
      if (!(data_[i] == other.data_[i]))
        return false;
    return true;
  }
  std::vector<T> vec() const { return std::vector<T>(begin(), end()); }

private:
  const T* data_ = nullptr;
  std::size_t size_ = 0;
};

template <class T> bool operator==(ArrayRef<T> a, ArrayRef<T> b) { return a.equals(b); }
template <class T> bool operator!=(ArrayRef<T> a, ArrayRef<T> b) { return !a.equals(b); }
template <class T> bool operator==(const std::vector<T>& a, ArrayRef<T> b) { return ArrayRef<T>(a).equals(b); }
template <class T> bool operator==(ArrayRef<T> a, const std::vector<T>& b) { return a.equals(b); }
template <class T> bool operator!=(const std::vector<T>& a, ArrayRef<T> b) { return !ArrayRef<T>(a).equals(b); }
template <class T> bool operator!=(ArrayRef<T> a, const std::vector<T>& b) { return !a.equals(b); }

#if defined(KVERIFY_RICH_PRELUDE)
template <class T> std::ostream& operator<<(std::ostream& out, ArrayRef<T> list) {
  out << '[';
  for (std::size_t i = 0; i < list.size(); ++i)
    out << (i ? ", " : "") << list[i];
  return out << ']';
}
#endif

using IntArrayRef = ArrayRef<std::int64_t>;
using SymInt = std::int64_t;
using SymIntArrayRef = ArrayRef<std::int64_t>;

template <class T, unsigned n = 6> using SmallVector = std::vector<T>;

/// An array that may be absent; braces and single numbers make one.
template <class T> class OptionalArrayRef {
public:
  OptionalArrayRef() = default;
  OptionalArrayRef(std::nullopt_t) {}
  OptionalArrayRef(ArrayRef<T> list) : list_(list.vec()) {}
  OptionalArrayRef(const std::vector<T>& list) : list_(list) {}
  OptionalArrayRef(std::initializer_list<T> list) : list_(std::vector<T>(list)) {}
  OptionalArrayRef(const T& one) : list_(std::vector<T>{one}) {}
  bool has_value() const { return list_.has_value(); }
  explicit operator bool() const { return has_value(); }
  ArrayRef<T> value() const { return *list_; }
  ArrayRef<T> operator*() const { return *list_; }

private:
  std::optional<std::vector<T>> list_;
};
using OptionalIntArrayRef = OptionalArrayRef<std::int64_t>;

template <class... A> std::string str(const A&... parts) { return kverify_torch::text(parts...); }

} // namespace c10

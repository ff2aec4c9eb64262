// What the shims ask of whoever runs a host wrapper on the CPU. Host code that is only parsed never reaches them.
#pragma once
#pragma GCC system_header
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#if defined(KVERIFY_RICH_PRELUDE)
#include <sstream>
#endif

extern "C" {
/// Memory of a tensor's storage, zeroed when `zeroed`. Never null; freed with the run.
void* kverify_host_allocate(std::uint64_t bytes, int scalar_type, int on_device, int zeroed);
/// PyTorch would have computed this storage with `operation`: its elements are not known here, its shape is.
void kverify_host_computed(const char* operation, void* storage, std::uint64_t bytes);
/// A TORCH_CHECK that does not hold, or an exception: ends the run.
[[noreturn]] void kverify_host_refused(const char* file, int line, const char* condition, const char* message);
/// A name of PyTorch that is declared and not modelled: ends the run.
[[noreturn]] void kverify_host_unsupported(const char* name);
}

namespace kverify_torch {

/// All arguments one after another, as TORCH_CHECK and c10::str print them. Without streams, which take a third of the
/// parse time of all this, only texts and numbers are printed; a run has them.
#if defined(KVERIFY_RICH_PRELUDE)
template <class... A> std::string text(const A&... parts) {
  std::ostringstream out;
  ((out << parts), ...);
  return out.str();
}
#else
template <class T> void append(std::string& out, const T& part) {
  if constexpr (std::is_arithmetic_v<T>)
    out += std::to_string(part);
  else if constexpr (std::is_convertible_v<const T&, const char*> || std::is_same_v<T, std::string>)
    out += part;
  else
    out += "...";
}
template <class... A> std::string text(const A&... parts) {
  std::string out;
  (append(out, parts), ...);
  return out;
}
#endif

/// A counted pointer: all that is needed of std::shared_ptr.
template <class T> class Shared {
public:
  Shared() = default;
  explicit Shared(T value) : box_(new Box{static_cast<T&&>(value), 1}) {}
  Shared(const Shared& other) : box_(other.box_) {
    if (box_)
      ++box_->count;
  }
  Shared& operator=(const Shared& other) {
    Shared copy(other);
    Box* mine = box_;
    box_ = copy.box_;
    copy.box_ = mine;
    return *this;
  }
  ~Shared() { reset(); }
  void reset() {
    if (box_ && --box_->count == 0)
      delete box_;
    box_ = nullptr;
  }
  T& operator*() const { return box_->value; }
  T* operator->() const { return &box_->value; }
  explicit operator bool() const { return box_ != nullptr; }
  friend bool operator==(const Shared& a, const Shared& b) { return a.box_ == b.box_; }

private:
  struct Box {
    T value;
    long count;
  };
  Box* box_ = nullptr;
};

template <class... A>
inline void check(bool holds, const char* file, int line, const char* condition, const A&... message) {
  if (!holds)
    kverify_host_refused(file, line, condition, text(message...).c_str());
}

/// A value of a type that PyTorch would have computed.
template <class T> T unsupported(const char* name) {
  kverify_host_unsupported(name);
}

} // namespace kverify_torch

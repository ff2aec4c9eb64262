// c10::complex: two numbers, usable on the device.
#pragma once
#pragma GCC system_header
#if defined(KVERIFY_RICH_PRELUDE)
#include <complex>
#include <ostream>
#endif

#include "half.h"

namespace c10 {

template <class T> struct alignas(sizeof(T) * 2) complex {
  using value_type = T;
  T real_ = T(0), imag_ = T(0);
  constexpr complex() = default;
  C10_HOST_DEVICE constexpr complex(const T& re, const T& im = T()) : real_(re), imag_(im) {}
#if defined(KVERIFY_RICH_PRELUDE)
  complex(const std::complex<T>& other) : real_(other.real()), imag_(other.imag()) {}
  operator std::complex<T>() const { return {real_, imag_}; }
#endif
  C10_HOST_DEVICE constexpr T real() const { return real_; }
  C10_HOST_DEVICE constexpr T imag() const { return imag_; }
  C10_HOST_DEVICE friend complex operator+(complex a, complex b) { return {a.real_ + b.real_, a.imag_ + b.imag_}; }
  C10_HOST_DEVICE friend complex operator-(complex a, complex b) { return {a.real_ - b.real_, a.imag_ - b.imag_}; }
  C10_HOST_DEVICE friend complex operator*(complex a, complex b) {
    return {a.real_ * b.real_ - a.imag_ * b.imag_, a.real_ * b.imag_ + a.imag_ * b.real_};
  }
  C10_HOST_DEVICE complex& operator+=(complex b) { return *this = *this + b; }
  C10_HOST_DEVICE complex& operator-=(complex b) { return *this = *this - b; }
  C10_HOST_DEVICE complex& operator*=(complex b) { return *this = *this * b; }
  C10_HOST_DEVICE friend bool operator==(complex a, complex b) { return a.real_ == b.real_ && a.imag_ == b.imag_; }
  C10_HOST_DEVICE friend bool operator!=(complex a, complex b) { return !(a == b); }
};
#if defined(KVERIFY_RICH_PRELUDE)
template <class T> std::ostream& operator<<(std::ostream& out, const complex<T>& value) {
  return out << '(' << value.real_ << ',' << value.imag_ << ')';
}
#endif

} // namespace c10

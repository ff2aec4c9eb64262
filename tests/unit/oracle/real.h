#pragma once
// A number of 200 bits (MPFR), as much of one as the reference formulas need.
#include <compare>

#include <mpfr.h>

namespace kverify::testing {

class Real {
public:
  static constexpr mpfr_prec_t kBits = 200;

  Real(double value = 0) { mpfr_init2(x_, kBits), mpfr_set_d(x_, value, MPFR_RNDN); }
  Real(const Real& other) : Real() { mpfr_set(x_, other.x_, MPFR_RNDN); }
  Real& operator=(const Real& other) {
    mpfr_set(x_, other.x_, MPFR_RNDN);
    return *this;
  }
  ~Real() { mpfr_clear(x_); }

  double toDouble() const { return mpfr_get_d(x_, MPFR_RNDN); }

  friend Real operator+(const Real& a, const Real& b) { return apply(mpfr_add, a, b); }
  friend Real operator-(const Real& a, const Real& b) { return apply(mpfr_sub, a, b); }
  friend Real operator*(const Real& a, const Real& b) { return apply(mpfr_mul, a, b); }
  friend Real operator/(const Real& a, const Real& b) { return apply(mpfr_div, a, b); }
  friend Real exp(const Real& a) { return apply(mpfr_exp, a); }
  friend Real log(const Real& a) { return apply(mpfr_log, a); }
  friend Real sqrt(const Real& a) { return apply(mpfr_sqrt, a); }
  friend Real tanh(const Real& a) { return apply(mpfr_tanh, a); }
  friend Real erf(const Real& a) { return apply(mpfr_erf, a); }
  friend Real cos(const Real& a) { return apply(mpfr_cos, a); }
  friend Real sin(const Real& a) { return apply(mpfr_sin, a); }
  friend bool operator<(const Real& a, const Real& b) { return mpfr_less_p(a.x_, b.x_) != 0; }

private:
  template <class Function>
  static Real apply(Function function, const Real& a, const Real& b) {
    Real result;
    function(result.x_, a.x_, b.x_, MPFR_RNDN);
    return result;
  }
  template <class Function>
  static Real apply(Function function, const Real& a) {
    Real result;
    function(result.x_, a.x_, MPFR_RNDN);
    return result;
  }

  mpfr_t x_;
};

} // namespace kverify::testing

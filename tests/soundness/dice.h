#pragma once
// Chance, the same for the same seed.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

namespace kverify::soundness {

/// What a writer of random kernels derives from.
class Dice {
protected:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  /// 0 … below - 1.
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  template <std::size_t Count>
  std::string any(const char* const (&of)[Count]) {
    return of[pick(static_cast<int>(Count))];
  }
  std::string any(std::initializer_list<const char*> of) { return of.begin()[pick(static_cast<int>(of.size()))]; }

private:
  std::mt19937_64 random_;
};

} // namespace kverify::soundness

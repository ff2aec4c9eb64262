#pragma once
// Which element of a matrix each slot of a wmma fragment holds on the hardware (measured on an H200).
#include <cstdint>

namespace kverify::simt::warp_ops {

enum class Shape { M16N16, M32N8, M8N32 };
enum class Part { A, B, C };

struct Place {
  int row, column;
};

/// Slot `slot` of lane `lane`: place in A (M x K), B (K x N) or C (M x N). tf32: the k8 shape, one element a register.
Place placeOf(bool tf32, Shape shape, Part part, int lane, int slot);

/// Elements a lane holds; f16 fragments of A and B repeat them until 16 slots are full.
constexpr int distinctSlots(bool tf32, Shape shape, Part part) {
  if (part == Part::C)
    return 8;
  if (tf32)
    return 4;
  if (shape == Shape::M16N16)
    return 8;
  return (part == Part::A) == (shape == Shape::M32N8) ? 16 : 4;
}

} // namespace kverify::simt::warp_ops

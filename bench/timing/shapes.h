#pragma once
// Which shapes are timed: those the author declared, and others that were held back.
#include <cstdint>
#include <string>
#include <vector>

#include "bench/timing/contender.h"

namespace kverify::bench {

/// "B=4,H=16,Nq=4096,Nk=4096" at the contract: complete sizes. Errors: Usage, with the nearest size's name.
Expected<Shape> parseShape(const std::string& text, const Contract& contract);

/// {"format": "kverify.shapes/1", "declared": [{"B": 4, …}], "held_back": […]}. Errors: Input, with the path and the place.
Expected<std::vector<Shape>> readShapes(const std::string& path, const Contract& contract);

/// The file beside a contract: X.shapes.json for X.contract.json, shapes.json for contract.json. It need not be there.
std::string shapesPathFor(const std::string& contract);

/// Where nobody declared any: the largest powers of two, in every size that is a range, that take at most `bytes` of memory
/// and `work` multiply-adds of the reference.
std::vector<Shape> shapesOf(const Contract& contract, double bytes = 3e8, double work = 1e300);
/// The multiply-adds that a reference of whole results may cost: a second or so in fp64, on one core.
inline constexpr double kWholeResultWork = 5e8;

/// One other shape for each: what is a range and at least 64 becomes something between 0.6 and 1.4 of it that is no multiple of
/// a tile; equal sizes stay equal. The same seed gives the same ones.
std::vector<Shape> heldBackFor(const std::vector<Shape>& declared, const Contract& contract, std::uint64_t seed);

} // namespace kverify::bench

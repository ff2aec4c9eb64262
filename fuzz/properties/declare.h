#pragma once
// One factory per property, each in its own file.
#include <cstddef>
#include <memory>

#include "fuzz/properties/property.h"

namespace kverify::properties {

std::unique_ptr<Property> makeScoreScale();
std::unique_ptr<Property> makeKeyShift();
std::unique_ptr<Property> makeKeyOrder();
std::unique_ptr<Property> makeValueSign();
std::unique_ptr<Property> makeValueAffine();
std::unique_ptr<Property> makeConstantValues();
std::unique_ptr<Property> makeValueRange();
std::unique_ptr<Property> makeHeadSymmetry();
std::unique_ptr<Property> makeHeadIsolation();
std::unique_ptr<Property> makeFutureKeys();
std::unique_ptr<Property> makeBatchIsolation();
std::unique_ptr<Property> makeRowShift();
std::unique_ptr<Property> makeRowScale();
std::unique_ptr<Property> makeRowOrder();
std::unique_ptr<Property> makeSumsToOne();
std::unique_ptr<Property> makeLeftovers();
std::unique_ptr<Property> makeGradientScale();
std::unique_ptr<Property> makeZeroGradient();
std::unique_ptr<Property> makeMaskedPoison();
/// `number`: of the float input, from 0.
std::unique_ptr<Property> makeNonfiniteInput(std::size_t number, bool infinite);

} // namespace kverify::properties

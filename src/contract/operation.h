#pragma once
// What a contract says about its spec's axes and options at given sizes.
#include <string>

#include "kverify/contract.h"

namespace kverify::contract {

/// Does an axis of the role have no dimension of its own in this tensor? It is left out, or, in a broadcast role, its extent
/// is written as the number 1: [1] for one scale of all heads.
bool repeats(const TensorDecl& tensor, const SpecRole& role, const std::string& axis);

/// The extent of every axis of the spec; an axis that no tensor has, and an axis that a tensor leaves out, is 1 (a
/// broadcast role whose axis repeats says nothing about it).
/// Errors: Input where two tensors contradict each other or a constraint of the spec is broken.
Expected<Sizes> axisExtents(const Contract& contract, const Sizes& sizes);

/// Value of a Real option, the spec's default where the contract gives none.
Expected<double> realOption(const Contract& contract, const Sizes& sizes, const Sizes& axes, const std::string& name);

/// Value of an Integer option, the spec's default where the contract gives none.
Expected<std::int64_t> integerOption(const Contract& contract, const Sizes& sizes, const Sizes& axes,
                                     const std::string& name);

/// Value of a Choice option; the spec's first where the contract gives none.
Expected<std::string> choiceOption(const Contract& contract, const Sizes& sizes, const std::string& name);

} // namespace kverify::contract

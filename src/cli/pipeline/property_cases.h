#pragma once
// Which properties are tried at which sizes.
#include <string>
#include <vector>

#include "fuzz/generate/cases.h"
#include "kverify/report.h"

namespace kverify::pipeline {

/// Up to two cases for each property that the contract's operation owes, at sizes of `cases` (sorted by cost).
std::vector<generate::Case> propertyCases(const Contract& contract, const std::vector<generate::Case>& cases);

/// The property checks that none of these cases answers, each with why.
std::vector<NothingToJudge> propertiesNotOwed(const std::vector<generate::Case>& cases, const Contract& contract);

} // namespace kverify::pipeline

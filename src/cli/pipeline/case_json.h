#pragma once
// A case as replay files and the corpus of saved cases write it down.
#include <nlohmann/json.hpp>

#include "fuzz/generate/cases.h"

namespace kverify::pipeline {

/// Everything that the bytes of a plan depend on, beside the contract; not the estimate of its work.
nlohmann::ordered_json caseToJson(const generate::Case& one);

/// Throws nlohmann's exceptions where something is missing or of the wrong type.
generate::Case caseFromJson(const nlohmann::ordered_json& j);

} // namespace kverify::pipeline

#pragma once
// What became of the mutants, for people and for machines (specs/schema/mutation.schema.json).
#include <span>
#include <string>

#include "cli/pipeline/mutate.h"
#include "report/text.h"

namespace kverify::cli {

inline constexpr const char* kMutationFormat = "kverify.mutation/1";

/// One kernel: counts, a row an operator, then every survivor with its line of source.
std::string renderMutation(const pipeline::MutationReport& report, bool verbose);

std::string mutationToJson(std::span<const pipeline::MutationReport> reports, double floor, int exit_code);

} // namespace kverify::cli

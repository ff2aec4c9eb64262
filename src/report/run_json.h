#pragma once
// The parts of kverify.report/1 that say how the audit was run, as JSON and back.
#include <nlohmann/json.hpp>

#include "kverify/report.h"

namespace kverify::report {

/// Adds tool_build, settings, environment, corpus, shard, shards and summary.
void addRun(nlohmann::ordered_json& j, const Report& report);

/// The inverse, but for the summary, which is counted again. Throws nlohmann's exceptions.
void readRun(const nlohmann::ordered_json& j, Report& report);

nlohmann::ordered_json jobToJson(const JobRef& job);
JobRef jobFrom(const nlohmann::ordered_json& j);

} // namespace kverify::report

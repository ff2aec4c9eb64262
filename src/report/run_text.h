#pragma once
// What is said once about how an audit was run, before its verdict.
#include <string>

#include "kverify/report.h"
#include "report/text.h"

namespace kverify::report {

/// Shards, resumed kernels, and what of the isolation is missing; empty where there is nothing to say. Under
/// `all_checks` also what was in force.
std::string renderRun(const Report& report, const TextOptions& options);

/// "seccomp, landlock 7, network namespace" or "none".
std::string layersText(const Isolation& isolation);

} // namespace kverify::report

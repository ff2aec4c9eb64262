#pragma once
// The typed facts of a finding as JSON, and back. What is absent has no key.
#include <nlohmann/json.hpp>

#include "kverify/facts.h"
#include "kverify/outcome.h"

namespace kverify::report {

nlohmann::ordered_json factsToJson(const FindingFacts& facts);
/// Throws nlohmann::json::exception where it is no such object.
FindingFacts factsFromJson(const nlohmann::ordered_json& json);

nlohmann::ordered_json threadToJson(const ThreadId& thread);
ThreadId threadFromJson(const nlohmann::ordered_json& json);

nlohmann::ordered_json accessToJson(const MemoryAccess& access);
MemoryAccess accessFromJson(const nlohmann::ordered_json& json);

/// {"kernel.cu": [9, 12]}
nlohmann::ordered_json linesToJson(const std::vector<JudgedLine>& lines);
std::vector<JudgedLine> linesFromJson(const nlohmann::ordered_json& json);

/// A number, or "inf", "-inf", "nan".
nlohmann::ordered_json realToJson(double value);
double realFromJson(const nlohmann::ordered_json& json);

const char* nameOf(MemorySpace space);
const char* nameOf(AccessKind kind);

} // namespace kverify::report

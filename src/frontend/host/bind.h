#pragma once
// A spec that the user names, bound to what the host code says: which tensor plays which role, which dimension is which axis,
// what the options are. Only what is certain is bound; where the host code allows several readings, all of them are given.
#include <map>
#include <string>
#include <vector>

#include "frontend/host/facts.h"
#include "kverify/spec.h"

namespace kverify::frontend::host {

/// What the user says beyond the spec's name: option -> value, as a contract writes it.
using GivenOptions = std::map<std::string, std::string>;

/// One way to read the path as the operation.
struct Reading {
  HostPath path;                 ///< with roles, axes, options; what the spec settles is no guess any more
  std::vector<std::string> open; ///< what tells this reading from the others: "causal is none", "q is [b, h, nq, d]"
};

/// At least one reading, at most kMostReadings; the likeliest first.
/// Errors: Input: what could not be bound with certainty, in one sentence.
Expected<std::vector<Reading>> bindSpec(const HostPath& path, const Spec& spec, const GivenOptions& given);

inline constexpr std::size_t kMostReadings = 12;

/// Every option is one of the spec's and every choice one of its values. Errors: Input, with the nearest name.
Expected<void> checkOptions(const Spec& spec, const GivenOptions& given);

} // namespace kverify::frontend::host

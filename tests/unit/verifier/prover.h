#pragma once
// Compiles a kernel from a string and asks the formal stage about it.
#include <algorithm>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/compile.h"
#include "kverify/contract.h"
#include "verifier/checks/prove.h"

namespace kverify::verifier::test {

/// Check id to "proved" or "unknown: code: detail".
using Results = std::map<std::string, std::string>;

inline Results resultsOf(const ProveResult& result) {
  Results results;
  for (const CheckOutcome& one : result.outcomes) {
    const auto* unknown = std::get_if<Unknown>(&one.outcome);
    bool proved = std::holds_alternative<Proved>(one.outcome);
    results[one.check] = proved ? "proved" : unknown ? "unknown: " + unknown->code + ": " + unknown->detail : "other";
  }
  return results;
}

inline Results prove(const std::string& source, const std::string& contract_text) {
  auto contract = parseContract("contract.json", contract_text);
  if (!contract) {
    ADD_FAILURE() << "the test's contract: " << contract.error().message << " " << contract.error().place;
    return {};
  }
  frontend::CompileOptions compile;
  compile.headers = frontend::CudaHeaders::Builtin;
  for (const LaunchDecl& launch : contract->launches)
    compile.kernels.push_back(launch.kernel);
  auto module = frontend::compileSource("test.cu", source, compile);
  if (!module) {
    ADD_FAILURE() << "the test kernel does not compile: " << module.error().message;
    return {};
  }
  ProveOptions options;
  options.obligation_ms = 5000;
  options.want_candidates = false;
  return resultsOf(judgeKernel(*module, *contract, options));
}

/// What is not proved. `left`: checks that the kernel, cut down to what its test is about, does not keep, or that are not
/// decided for it.
inline std::vector<std::string> openOnes(const Results& results, const std::vector<std::string>& left = {}) {
  std::vector<std::string> open;
  for (const auto& [check, what] : results)
    if (what != "proved" && std::find(left.begin(), left.end(), check) == left.end())
      open.push_back(check + " " + what);
  return open;
}

/// The source with its only `from` replaced.
inline std::string mutate(std::string source, const std::string& from, const std::string& to) {
  std::size_t at = source.find(from);
  EXPECT_NE(at, std::string::npos) << "nothing to mutate: " << from;
  if (at != std::string::npos)
    source.replace(at, from.size(), to);
  return source;
}

} // namespace kverify::verifier::test

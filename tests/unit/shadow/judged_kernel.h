#pragma once
// A kernel of a test or of the corpus, as it is or with a mistake written into it, run with shadow values.
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/compile.h"
#include "fuzz/generate/cases.h"
#include "fuzz/shadow/algebra.h"
#include "kverify/contract.h"
#include "simt/executor.h"

namespace kverify::shadow::test {

using Edits = std::vector<std::pair<std::string, std::string>>; ///< text, what it becomes (everywhere)

/// A kernel with its contract, run in a domain.
class JudgedKernel {
public:
  /// `path`: for messages. `source` and `contract` are texts.
  JudgedKernel(const std::string& path, const std::string& source, const std::string& contract,
               simt::ShadowDomain domain = simt::ShadowDomain::Field) {
    auto parsed = parseContract(path + ".contract.json", contract);
    if (!parsed) {
      ADD_FAILURE() << parsed.error().message << " at " << parsed.error().place;
      return;
    }
    contract_ = std::move(*parsed);
    frontend::CompileOptions options;
    options.headers = frontend::CudaHeaders::Builtin;
    for (const LaunchDecl& launch : contract_.launches)
      options.kernels.push_back(launch.kernel);
    auto module = frontend::compileSource(path, source, options);
    if (!module) {
      ADD_FAILURE() << module.error().message;
      return;
    }
    module_ = std::move(*module);
    auto program = simt::Program::create(module_, {.checks = false, .shadow = domain});
    if (program)
      program_ = std::move(*program);
    else
      ADD_FAILURE() << program.error().message;
  }

  LaunchPlan plan(const Sizes& sizes, std::uint64_t seed, const std::string& family = "normal") {
    generate::Case one;
    one.seed = seed;
    one.family = family;
    auto complete = completeSizes(contract_, sizes);
    EXPECT_TRUE(complete.has_value()) << (complete ? "" : complete.error().message);
    if (complete)
      one.sizes = *complete;
    auto made = generate::buildPlan(contract_, module_.kernels, one);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return made ? *made : LaunchPlan{};
  }

  AlgebraVerdict judge(const Sizes& sizes, std::uint64_t seed = 7, const std::string& family = "normal") {
    if (!program_)
      return {};
    auto verdict = judgeAlgebra(contract_, *program_, plan(sizes, seed, family), seed);
    if (verdict)
      return *verdict;
    ADD_FAILURE() << verdict.error().message;
    return {};
  }

  const Contract& contract() const { return contract_; }
  simt::Program* program() { return program_.get(); }

private:
  Contract contract_;
  frontend::DeviceModule module_;
  std::unique_ptr<simt::Program> program_;
};

inline std::string edited(std::string source, const Edits& edits, const std::string& name) {
  for (const auto& [from, to] : edits) {
    EXPECT_NE(source.find(from), std::string::npos) << name << " has no '" << from << "' any more: adapt the edit";
    for (std::size_t at = 0; (at = source.find(from, at)) != std::string::npos; at += to.size())
      source.replace(at, from.size(), to);
  }
  return source;
}

inline std::string textOf(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << "cannot read " << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class CorpusKernel : public JudgedKernel {
public:
  explicit CorpusKernel(const std::string& name, const Edits& edits = {},
                        simt::ShadowDomain domain = simt::ShadowDomain::Field)
      : JudgedKernel("kernels/" + name + "/kernel.cu", edited(textOf("kernels/" + name + "/kernel.cu"), edits, name),
                     textOf("kernels/" + name + "/contract.json"), domain) {}
};

} // namespace kverify::shadow::test

// What the checks are built on: CUDA's variables, writes with their loops and conditions, what depends on what, and what a
// value is made of.
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <stdexcept>

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verifier/lint/code.h"
#include "verifier/lint/dependence.h"
#include "verifier/lint/origins.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Reads the text as a CUDA file and calls `look` while the syntax tree is there.
void read(const std::string& text, const std::function<void(const LintContext&)>& look) {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".cu");
  std::ofstream(path) << text;
  frontend::CompileOptions options{.headers = frontend::CudaHeaders::Builtin};
  bool looked = false;
  auto visited = frontend::visitFile(path.string(), options, [&](frontend::ParsedFile& file) {
    looked = true;
    look(makeContext(file, nullptr, options.target));
  });
  std::filesystem::remove(path);
  EXPECT_TRUE(visited && looked) << (visited ? "" : visited.error().message);
}

const UserFunction& functionIn(const LintContext& context, const std::string& name) {
  for (const UserFunction& function : context.functions)
    if (function.decl->getNameAsString() == name)
      return function;
  throw std::runtime_error("the test's source has no function " + name);
}

/// A variable or parameter that the function's facts or head name.
const clang::ValueDecl* variableIn(const Facts& facts, const std::string& name) {
  for (const clang::ParmVarDecl* parameter : facts.function->parameters())
    if (parameter->getNameAsString() == name)
      return parameter;
  for (const Write& write : facts.writes)
    if (write.to && write.to->getNameAsString() == name)
      return write.to;
  return nullptr;
}

std::vector<std::string> builtinsIn(const std::string& expression) {
  std::vector<std::string> found;
  read("__global__ void k(int* y) { y[0] = " + expression + "; }\n", [&](const LintContext& context) {
    walk(functionIn(context, "k").decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* expr = llvm::dyn_cast<clang::Expr>(&stmt);
      std::optional<std::string> name = expr ? builtinVariable(*expr) : std::nullopt;
      if (name && (found.empty() || found.back() != *name))
        found.push_back(*name);
    });
  });
  return found;
}

TEST(BuiltinVariable, IsSeenThroughParenthesesAndCasts) {
  EXPECT_THAT(builtinsIn("threadIdx.x"), ElementsAre("threadIdx.x"));
  EXPECT_THAT(builtinsIn("((int)(threadIdx).y)"), ElementsAre("threadIdx.y"));
  EXPECT_THAT(builtinsIn("static_cast<int>(blockIdx.x) * int(blockDim.z)"), ElementsAre("blockIdx.x", "blockDim.z"));
  EXPECT_THAT(builtinsIn("gridDim.x"), ElementsAre("gridDim.x"));
}

TEST(BuiltinVariable, IsNoneOfTheUsersOwn) {
  EXPECT_THAT(builtinsIn("make_uint3(1, 2, 3).x"), IsEmpty());
  EXPECT_THAT(builtinsIn("warpSize"), IsEmpty());
}

TEST(BuiltinVariable, TheWholeExpressionIsOneOrIsNot) {
  read("__global__ void k(int* y) { y[0] = threadIdx.x; y[1] = threadIdx.x + 1; }\n", [](const LintContext& context) {
    Facts facts = factsOf(*functionIn(context, "k").decl);
    ASSERT_EQ(facts.writes.size(), 2u);
    EXPECT_EQ(builtinVariable(*facts.writes[0].value), "threadIdx.x");
    EXPECT_FALSE(builtinVariable(*facts.writes[1].value));
  });
}

TEST(Facts, AWriteKnowsItsLoopsAndConditions) {
  read(R"(__global__ void k(const float* x, float* y, int n) {
  float sum = 0.0f;
  if (n < 1) return;
  for (int i = 0; i < n; ++i)
    if (x[i] > 0.0f) sum += x[i];
  y[0] = sum;
})",
       [](const LintContext& context) {
         Facts facts = factsOf(*functionIn(context, "k").decl);
         const Write* sum = facts.accumulation(variableIn(facts, "sum"));
         ASSERT_TRUE(sum);
         EXPECT_EQ(sum->around.loops.size(), 1u);
         EXPECT_EQ(sum->around.conditions.size(), 3u) << "the early return, the loop's and the if's";
         std::vector<const Write*> outputs = facts.writesTo(variableIn(facts, "y"));
         ASSERT_EQ(outputs.size(), 1u);
         EXPECT_TRUE(outputs[0]->of_element);
         EXPECT_FALSE(outputs[0]->accumulates);
         EXPECT_TRUE(outputs[0]->around.loops.empty());
       });
}

TEST(Facts, AFactorIsNoTerm) {
  read("__global__ void k(float* y, int n) { float a = 1, b = 1, c = 1;\n"
       "for (int i = 0; i < n; ++i) { a = a + y[i]; b = b * y[i]; c = fmaf(y[i], y[i], c); } y[0] = a + b + c; }\n",
       [](const LintContext& context) {
         Facts facts = factsOf(*functionIn(context, "k").decl);
         EXPECT_TRUE(facts.accumulation(variableIn(facts, "a")));
         EXPECT_FALSE(facts.accumulation(variableIn(facts, "b")));
         EXPECT_TRUE(facts.accumulation(variableIn(facts, "c")));
       });
}

TEST(Facts, ALocalReferenceIsAnotherName) {
  read("__global__ void k(float* y) { float s[4] = {}; float& last = s[3]; last = y[0]; y[1] = s[3]; }\n",
       [](const LintContext& context) {
         Facts facts = factsOf(*functionIn(context, "k").decl);
         std::vector<const Write*> writes = facts.writesTo(variableIn(facts, "s"));
         ASSERT_EQ(writes.size(), 2u) << "its own, and the one through the reference";
         EXPECT_TRUE(writes[1]->of_element);
       });
}

/// Names of the parameters of `k` that the output `y` depends on.
std::set<std::string> sourcesOfOutput(const std::string& text) {
  std::set<std::string> names;
  read(text, [&](const LintContext& context) {
    std::vector<Facts> facts;
    for (const UserFunction& function : context.functions)
      facts.push_back(factsOf(*function.decl));
    Dependence dependence(context.functions, facts);
    const clang::FunctionDecl& kernel = *functionIn(context, "k").decl;
    const clang::ParmVarDecl* output = nullptr;
    for (const clang::ParmVarDecl* parameter : kernel.parameters())
      output = parameter->getName() == "y" ? parameter : output;
    std::set<const clang::ValueDecl*> sources = dependence.sourcesOf(output);
    EXPECT_TRUE(dependence.isWritten(output));
    for (const clang::ParmVarDecl* parameter : kernel.parameters())
      if (parameter != output && sources.count(dependence.sameMemory(parameter)))
        names.insert(parameter->getNameAsString());
  });
  return names;
}

TEST(Dependence, GoesThroughVariablesConditionsAndAddresses) {
  EXPECT_THAT(sourcesOfOutput("__global__ void k(const float* a, const float* b, const int* c, const float* d, float* y) {\n"
                              "  float v = a[0] * 2.0f; if (b[0] > 0.0f) y[c[0]] = v; float w = d[0]; (void)w; }\n"),
              UnorderedElementsAre("a", "b", "c"));
}

TEST(Dependence, GoesThroughTheFilesFunctions) {
  EXPECT_THAT(sourcesOfOutput("__device__ float twice(float v) { return 2.0f * v; }\n"
                              "__device__ void put(float* to, float v) { *to = v; }\n"
                              "__global__ void k(const float* a, const float* b, float* y) { put(y + 1, twice(a[0])); }\n"),
              UnorderedElementsAre("a"));
}

TEST(Dependence, GoesThroughSharedMemory) {
  EXPECT_THAT(sourcesOfOutput("__global__ void k(const float* a, const float* b, float* y) { __shared__ float s[32];\n"
                              "  s[threadIdx.x] = a[threadIdx.x]; __syncthreads(); y[threadIdx.x] = s[0]; }\n"),
              UnorderedElementsAre("a"));
}

/// Names of the variables that the value of `y[0]` is made of.
std::set<std::string> partsOfOutput(const std::string& text, Origins::Through through) {
  std::set<std::string> names;
  read(text, [&](const LintContext& context) {
    Origins origins(context);
    for (const Facts& facts : origins.facts())
      for (const Write* write : facts.writesTo(facts.function->getName() == "k" ? variableIn(facts, "y") : nullptr))
        origins.forEachPart(write->value, through, [&](const clang::Stmt& stmt) {
          if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt))
            if (llvm::isa<clang::VarDecl>(reference->getDecl()))
              names.insert(reference->getDecl()->getNameAsString());
        });
  });
  return names;
}

constexpr const char* kTwice = "__device__ float first(const float* p) { return p[0]; }\n"
                               "__global__ void k(const float* a, const float* b, float* y) {\n"
                               "  float v = first(a); float m = 0; m = b[1]; y[0] = v + m; }\n";

TEST(Origins, FollowVariablesFunctionsAndArguments) {
  EXPECT_THAT(partsOfOutput(kTwice, Origins::Through::AllWrites), UnorderedElementsAre("v", "m", "a", "b", "p"));
}

TEST(Origins, OfOneWriteStopAtWhatIsWrittenTwice) {
  EXPECT_THAT(partsOfOutput(kTwice, Origins::Through::OneWrite), UnorderedElementsAre("v", "m", "a", "p"));
}

TEST(Origins, EndWhereAFunctionCallsItself) {
  EXPECT_THAT(partsOfOutput("__device__ float down(const float* q, int n) { return n ? down(q, n - 1) : q[0]; }\n"
                            "__global__ void k(const float* a, float* y, int n) { y[0] = down(a, n); }\n",
                            Origins::Through::AllWrites),
              UnorderedElementsAre("q", "n", "a"));
}

} // namespace
} // namespace kverify::verifier::lint

// Where declarations begin and end, in text that need not compile.
#include "frontend/host_chunks.h"

#include <gmock/gmock.h>

namespace kverify::frontend {
namespace {

std::vector<std::string> namesOf(std::string_view text) {
  std::vector<std::string> names;
  for (const Chunk& chunk : chunksOf(text))
    names.push_back(std::string(chunk.is_device ? "device " : "") + (chunk.is_function ? "function " : "") + chunk.name);
  return names;
}

TEST(FrontendChunks, FunctionsAndOtherDeclarations) {
  EXPECT_THAT(namesOf("int x = 3;\nvoid f(int a) { if (a) { g(); } }\nstruct S { void m() {} } s;\n"
                      "template <class T = int, int n = (3 > 2)> T h(T a) { return a; }\n"),
              testing::ElementsAre("int x =", "function f", "struct S {", "function h"));
}

TEST(FrontendChunks, NamespacesAreEntered) {
  EXPECT_THAT(namesOf("namespace a::b {\nextern \"C\" { void f() {} }\nnamespace { void g() {} }\n}\nvoid h() {}\n"),
              testing::ElementsAre("function f", "function g", "function h"));
}

TEST(FrontendChunks, DeviceCodeIsTold) {
  EXPECT_THAT(namesOf("__global__ void k(float* x) { x[0] = 1; }\n#define HD \\\n  __host__ __device__\nHD int d(int a) { return a; }\n"
                      "constexpr int c(int a) { return a; }\n__constant__ float table[4];\nint host() { return 1; }\n"),
              testing::ElementsAre("device function k", "device function d", "device function c", "device __constant__ float table",
                                   "function host"));
}

TEST(FrontendChunks, StringsCommentsAndDirectivesHideBraces) {
  EXPECT_THAT(namesOf("// }\n#define OPEN {\nvoid f() { puts(\"}\"); /* } */ char c = '}'; }\nvoid g() {}\n"),
              testing::ElementsAre("function f", "function g"));
}

TEST(FrontendChunks, MacrosThatDefineModules) {
  EXPECT_THAT(namesOf("PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def(\"f\", &f); }\nvoid f() {}\n"),
              testing::ElementsAre("function PYBIND11_MODULE(TORCH_EXTENSION_NAME)", "function f"));
}

TEST(FrontendChunks, PlacesAreExact) {
  std::string text = "int a;\n\nvoid f()\n{\n  g();\n}\n";
  auto chunks = chunksOf(text);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[1].line, 3u);
  EXPECT_EQ(text.substr(chunks[1].begin, chunks[1].end - chunks[1].begin), "void f()\n{\n  g();\n}");
  EXPECT_EQ(text.substr(chunks[1].body_begin, chunks[1].body_end - chunks[1].body_begin), "{\n  g();\n}");
}

TEST(FrontendChunks, BrokenTextEnds) {
  for (const char* text : {"void f( {", "}}}", "void f() { ( [ }", "#define X", "template <", "namespace {"})
    chunksOf(text);
}

} // namespace
} // namespace kverify::frontend

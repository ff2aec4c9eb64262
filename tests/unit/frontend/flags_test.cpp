// The user's flags, compile_commands.json, and where the toolkit is looked for.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "compile_helpers.h"
#include "frontend/clang_flags.h"
#include "frontend/compile_commands.h"
#include "frontend/toolkit.h"

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class Folder : public testing::Test {
protected:
  void SetUp() override {
    path_ = fs::temp_directory_path() / ("kverify_frontend_" + std::to_string(getpid()));
    fs::create_directories(path_ / "src" / "include");
  }
  void TearDown() override { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  fs::path path_;
};

TEST_F(Folder, IncludesAndDefines) {
  write("src/include/tile.h", "#pragma once\nconstexpr int tile = TILE;\n");
  write("src/beside.h", "template <int N> __global__ void fill(int* x) { *x = N; }\n");
  write("src/kernel.cu", "#include <tile.h>\n#include \"beside.h\"\n__global__ void k(int* x) { *x = tile; }\n");
  CompileOptions options;
  options.headers = CudaHeaders::Builtin;
  options.extra_flags = {"-I", (path_ / "src/include").string(), "-DTILE=32"};
  options.kernels = {"k", "fill<tile>"};
  auto result = compileFile((path_ / "src/kernel.cu").string(), options);
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("k", "fill<tile>"));
  EXPECT_EQ(fs::path(result->kernels[1].location.file).filename(), "beside.h");
}

TEST_F(Folder, BuiltinHeadersComeBeforeTheUsersFolders) {
  for (const char* name : {"cuda_runtime.h", "cuda_fp16.h", "mma.h"})
    write(std::string("src/include/") + name, "#error the wrong header\n");
  write("src/cuda_runtime.h", "#error the wrong header\n");
  write("src/kernel.cu", "#include <cuda_fp16.h>\n#include <cuda_runtime.h>\n#include <mma.h>\n"
                         "__global__ void k(half* x) { *x = __float2half(expf(1.0f)); }\n");
  CompileOptions options;
  options.headers = CudaHeaders::Builtin;
  options.extra_flags = {"-I", (path_ / "src/include").string()};
  auto result = compileFile((path_ / "src/kernel.cu").string(), options);
  EXPECT_TRUE(result) << explain(result);
}

TEST_F(Folder, CompilationDatabase) {
  write("src/kernel.cu", "__global__ void k(int* x) { *x = TILE; }\n");
  write("compile_commands.json",
        R"([{"directory": ")" + path_.string() + R"(", "file": "src/other.cu", "command": "nvcc -DWRONG src/other.cu"},
            {"directory": ")" +
            path_.string() +
            R"(", "file": "src/kernel.cu", "command": "nvcc -O3 -arch=sm_80 -DTILE=32 -D 'NAME=\"a b\"' -Isrc/include )"
            R"(-isystem=/opt/x --use_fast_math -std=c++20 -o k.o -c src/kernel.cu"}])");
  auto flags = flagsFromCompileCommands((path_ / "src/kernel.cu").string());
  ASSERT_TRUE(flags) << flags.error().message;
  EXPECT_THAT(*flags, ElementsAre("-DTILE=32", "-DNAME=\"a b\"", "-I", (path_ / "src/include").string(), "-isystem",
                                  "/opt/x", "-std=c++20"));
  CompileOptions options;
  options.extra_flags = *flags;
  EXPECT_TRUE(compileFile((path_ / "src/kernel.cu").string(), options));
}

TEST_F(Folder, CompilationDatabaseWithArgumentList) {
  write("src/kernel.cu", "__global__ void k(int* x) { *x = 1; }\n");
  fs::create_directories(path_ / "src/build");
  write("src/build/compile_commands.json",
        R"([{"directory": "..", "file": "kernel.cu", "arguments": ["nvcc", "-DA", "-U", "B"]}])");
  auto flags = flagsFromCompileCommands((path_ / "src/kernel.cu").string());
  ASSERT_TRUE(flags) << flags.error().message;
  EXPECT_THAT(*flags, ElementsAre("-DA", "-UB"));
}

TEST_F(Folder, NoDatabaseOrNoEntry) {
  write("src/kernel.cu", "__global__ void k(int* x) { *x = 1; }\n");
  auto none = flagsFromCompileCommands((path_ / "src/kernel.cu").string());
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  write("compile_commands.json", "[]");
  auto empty = flagsFromCompileCommands((path_ / "src/kernel.cu").string());
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->empty());
}

TEST_F(Folder, BrokenDatabase) {
  write("compile_commands.json", "{ this is not json");
  auto flags = flagsFromCompileCommands((path_ / "src/kernel.cu").string());
  ASSERT_FALSE(flags);
  EXPECT_EQ(flags.error().kind, ErrorKind::Input);
  EXPECT_THAT(flags.error().place, testing::HasSubstr("compile_commands.json"));
}

TEST(FrontendFlags, NvccSpellings) {
  EXPECT_THAT(clangSpelling({"-use_fast_math", "-arch=sm_90", "-gencode", "arch=compute_80,code=sm_80", "-DX",
                             "-Xptxas", "-v", "--expt-relaxed-constexpr", "-lineinfo", "-I", "a", "-Xcompiler=-Wall"}),
              ElementsAre("-fgpu-approx-transcendentals", "-DX", "-I", "a"));
  EXPECT_THAT(clangSpelling({"--restrict", "-G", "-O2", "--diag-suppress", "186", "-diag-suppress=20012", "--fmad=false", "-rdc=true", "-t", "4",
                             "--compiler-options", "-fPIC", "-Xcudafe", "--display_error_number", "-fmad", "false", "-std=c++20"}),
              ElementsAre("-O2", "-ffp-contract=off", "-ffp-contract=off", "-std=c++20"));
}

TEST(FrontendFlags, FastMathChangesTheCalls) {
  CompileOptions options;
  options.headers = CudaHeaders::Builtin;
  const char* source = "__global__ void k(float* x) { x[0] = expf(x[1]); }\n";
  auto accurate = compileSource("test.cu", source, options);
  options.extra_flags = {"--use_fast_math"};
  auto fast = compileSource("test.cu", source, options);
  ASSERT_TRUE(accurate && fast);
  EXPECT_THAT(accurate->bitcode, testing::HasSubstr("__nv_expf"));
  EXPECT_THAT(fast->bitcode, testing::HasSubstr("__nv_fast_expf"));
}

class ToolkitPlace : public Folder {
protected:
  void SetUp() override {
    Folder::SetUp();
    for (const char* name : {"CUDA_HOME", "PATH"})
      saved_.emplace_back(name, std::getenv(name) ? std::getenv(name) : "");
  }
  void TearDown() override {
    for (auto& [name, value] : saved_)
      value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
    Folder::TearDown();
  }
  void makeToolkit(const std::string& root, const std::string& version) const {
    fs::create_directories(path_ / root / "include");
    fs::create_directories(path_ / root / "bin");
    write(root + "/include/cuda_runtime.h", "");
    write(root + "/include/cuda_runtime_api.h", "#define CUDART_VERSION  " + version + "\n");
    write(root + "/bin/nvcc", "");
  }
  std::vector<std::pair<std::string, std::string>> saved_;
};

TEST_F(ToolkitPlace, HomeThenPath) {
  makeToolkit("home", "12040");
  makeToolkit("onpath", "13000");
  setenv("CUDA_HOME", (path_ / "home").c_str(), 1);
  setenv("PATH", (path_ / "onpath/bin").c_str(), 1);
  auto home = findToolkit();
  ASSERT_TRUE(home);
  EXPECT_EQ(home->version, "12.4");
  EXPECT_EQ(home->found_by, "CUDA_HOME");
  setenv("CUDA_HOME", (path_ / "nothing").c_str(), 1);
  auto on_path = findToolkit();
  ASSERT_TRUE(on_path);
  EXPECT_EQ(on_path->version, "13.0");
  EXPECT_EQ(on_path->found_by, "nvcc on PATH");
}

TEST(FrontendEnvironment, ClangsOwnHeadersAreFound) {
  ASSERT_TRUE(findClangResourceDir()) << "install the package libclang-common-19-dev";
}

} // namespace
} // namespace kverify::frontend

// KernelInfo says what the source and the device's layout say.
#include <gmock/gmock.h>

#include "compile_helpers.h"

namespace kverify::frontend {
namespace {

using Kind = KernelParam::Kind;

const char* const kSource = R"(#include <cuda_bf16.h>
#include <cuda_fp16.h>
struct Shape { int n; long stride[2]; };
enum class Mode { A, B };
typedef bool flag_t;
using brain = __nv_bfloat16;
namespace c10 {
struct alignas(2) Half { unsigned short x; }; // as PyTorch's headers have it
}
  __global__ void __launch_bounds__(256, 2) kernel(const float* __restrict__ q, __half* h, const __nv_bfloat16* b,
    unsigned char* u, const long long* index, void* raw, float4* wide, float scale, int n, unsigned m, size_t bytes,
    bool causal, Shape shape, Mode mode, half one, double d, const int* const* table,
    flag_t flag, brain beta, c10::Half alpha) {
  __shared__ float tile[16][17];
  __shared__ double sums[3];
  extern __shared__ char dynamic[];
  tile[0][0] = q[0];
  sums[0] = d;
  dynamic[0] = u[0];
  h[0] = __float2half(tile[0][1] + (float)sums[1] + dynamic[1]);
}
)";

class KernelInfoTest : public testing::Test {
protected:
  void SetUp() override {
    auto result = compileText(kSource);
    ASSERT_TRUE(result) << explain(result);
    module_ = std::move(*result);
    ASSERT_EQ(module_.kernels.size(), 1u);
  }
  const KernelParam& param(const std::string& name) {
    for (const KernelParam& candidate : module_.kernels[0].params)
      if (candidate.name == name)
        return candidate;
    ADD_FAILURE() << "no parameter " << name;
    return module_.kernels[0].params[0];
  }
  DeviceModule module_;
};

TEST_F(KernelInfoTest, Pointers) {
  EXPECT_EQ(param("q").kind, Kind::Pointer);
  EXPECT_EQ(param("q").size, 8u);
  EXPECT_EQ(param("q").pointee, "float");
  EXPECT_EQ(param("q").pointee_dtype, DType::F32);
  EXPECT_EQ(param("q").pointee_size, 4u);
  EXPECT_TRUE(param("q").pointee_const);
  EXPECT_TRUE(param("q").is_restrict);
  EXPECT_FALSE(param("h").pointee_const);
  EXPECT_FALSE(param("h").is_restrict);
  EXPECT_EQ(param("h").pointee, "__half");
  EXPECT_EQ(param("h").pointee_dtype, DType::F16);
  EXPECT_EQ(param("b").pointee_dtype, DType::BF16);
  EXPECT_EQ(param("b").pointee, "__nv_bfloat16");
  EXPECT_EQ(param("u").pointee_dtype, DType::U8);
  EXPECT_EQ(param("index").pointee_dtype, DType::I64);
  EXPECT_EQ(param("raw").pointee_size, 0u);
  EXPECT_EQ(param("raw").pointee_dtype, std::nullopt);
  EXPECT_EQ(param("wide").pointee, "float4");
  EXPECT_EQ(param("wide").pointee_size, 16u);
  EXPECT_EQ(param("wide").pointee_dtype, std::nullopt);
  EXPECT_EQ(param("table").pointee_size, 8u);
}

TEST_F(KernelInfoTest, Scalars) {
  EXPECT_EQ(param("scale").kind, Kind::Float);
  EXPECT_EQ(param("scale").size, 4u);
  EXPECT_EQ(param("d").kind, Kind::Float);
  EXPECT_EQ(param("d").size, 8u);
  EXPECT_EQ(param("one").kind, Kind::Float);
  EXPECT_EQ(param("one").size, 2u);
  EXPECT_FALSE(param("one").is_bfloat16);
  EXPECT_EQ(param("beta").kind, Kind::Float);
  EXPECT_TRUE(param("beta").is_bfloat16);
  EXPECT_EQ(param("alpha").kind, Kind::Float);
  EXPECT_FALSE(param("alpha").is_bfloat16);
  EXPECT_EQ(param("n").kind, Kind::Integer);
  EXPECT_TRUE(param("n").is_signed);
  EXPECT_FALSE(param("m").is_signed);
  EXPECT_EQ(param("bytes").size, 8u);
  EXPECT_FALSE(param("bytes").is_signed);
  EXPECT_EQ(param("causal").kind, Kind::Integer);
  EXPECT_EQ(param("causal").size, 1u);
  EXPECT_TRUE(param("causal").is_bool);
  EXPECT_TRUE(param("flag").is_bool);
  EXPECT_FALSE(param("n").is_bool);
  EXPECT_EQ(param("mode").kind, Kind::Integer);
  EXPECT_EQ(param("shape").kind, Kind::Struct);
  EXPECT_EQ(param("shape").size, 24u);
  EXPECT_EQ(param("shape").alignment, 8u);
  EXPECT_EQ(param("n").type, "int");
  EXPECT_THAT(param("q").type, testing::HasSubstr("const float *"));
}

TEST_F(KernelInfoTest, FieldsOfStructs) {
  std::vector<std::string> fields;
  for (const KernelParam& field : param("shape").fields)
    fields.push_back(field.name + " at " + std::to_string(field.offset));
  EXPECT_THAT(fields, testing::ElementsAre("n at 0", "stride[0] at 8", "stride[1] at 16"));
  EXPECT_EQ(findField(param("shape"), "stride[1]")->size, 8u);
  EXPECT_EQ(findField(param("shape"), "stride[2]"), nullptr);
  EXPECT_TRUE(param("n").fields.empty());
}

TEST(KernelInfo, FieldsOfBasesArraysAndInnerStructs) {
  auto result = compileText(R"(#include <cuda_fp16.h>
struct View { const float* data; int stride; };
struct Common { bool causal; };
struct All : Common { View in[2]; struct { half scale; }; double* out; };
__global__ void k(All all) { all.out[0] = all.in[1].data[all.in[0].stride]; }
)");
  ASSERT_TRUE(result) << explain(result);
  const KernelParam& all = result->kernels[0].params[0];
  std::vector<std::string> fields;
  for (const KernelParam& field : all.fields)
    fields.push_back(field.name + " at " + std::to_string(field.offset));
  EXPECT_THAT(fields, testing::ElementsAre("causal at 0", "in[0].data at 8", "in[0].stride at 16", "in[1].data at 24",
                                           "in[1].stride at 32", "scale at 40", "out at 48"));
  EXPECT_EQ(findField(all, "in[1].data")->kind, Kind::Pointer);
  EXPECT_TRUE(findField(all, "in[1].data")->pointee_const);
  EXPECT_EQ(findField(all, "out")->pointee, "double");
  EXPECT_EQ(findField(all, "scale")->kind, Kind::Float);
}

TEST(KernelInfo, NoFieldsOfWhatIsNoNumberAndNoPointer) {
  for (const char* members : {"union { int i; float f; };", "int flag : 3; int rest : 5;", "void (*call)(int);",
                              "int too_many[257];", "int n; virtual void f() {}"}) {
    auto result = compileText("struct S { " + std::string(members) + " };\n__global__ void k(S s, int* x) { *x = 1; }\n");
    ASSERT_TRUE(result) << members << explain(result);
    EXPECT_EQ(result->kernels[0].params[0].kind, Kind::Struct) << members;
    EXPECT_TRUE(result->kernels[0].params[0].fields.empty()) << members;
  }
}

TEST_F(KernelInfoTest, PlaceAndBounds) {
  const KernelInfo& kernel = module_.kernels[0];
  EXPECT_EQ(kernel.location.file, "test.cu");
  EXPECT_EQ(kernel.location.line, 10u);
  EXPECT_EQ(kernel.location.column, 45u);
  EXPECT_EQ(kernel.max_threads, 256u);
  EXPECT_EQ(kernel.static_shared_bytes, 16u * 17 * 4 + 24);
  EXPECT_EQ(module_.headers, "builtin");
  EXPECT_EQ(module_.target, "sm_80");
  EXPECT_EQ(module_.source.bytes, kSource);
  EXPECT_EQ(module_.source.sha256.size(), 64u);
}

TEST(KernelInfo, LaunchBoundsOfTemplates) {
  auto result =
      compileText("template <int N> __global__ void __launch_bounds__(N * 32) k(float* x) { *x = N; }\n", {"k<4>"});
  ASSERT_TRUE(result) << explain(result);
  EXPECT_EQ(result->kernels[0].max_threads, 128u);
}

TEST(KernelInfo, SharedMemoryIsTheKernelsOwn) {
  auto result = compileText(R"(
__device__ float helper(float x) { __shared__ float h[8]; h[0] = x; return h[1]; }
__global__ void with(float* x) { __shared__ float s[2]; s[0] = x[0]; x[1] = s[1] + helper(x[2]); }
__global__ void without(float* x) { x[0] = 1; }
)");
  ASSERT_TRUE(result) << explain(result);
  EXPECT_EQ(findKernel(*result, "with")->static_shared_bytes, 40u);
  EXPECT_EQ(findKernel(*result, "without")->static_shared_bytes, 0u);
}

TEST(KernelInfo, TemplateParametersAreSubstituted) {
  auto result = compileText("template <class T> __global__ void k(const T* x, T s) {}\n", {"k<double>"});
  ASSERT_TRUE(result) << explain(result);
  EXPECT_EQ(result->kernels[0].params[0].pointee, "double");
  EXPECT_EQ(result->kernels[0].params[1].size, 8u);
}

} // namespace
} // namespace kverify::frontend

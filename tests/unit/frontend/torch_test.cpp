// Torch extensions compile against the shims, and host code that does not compile leaves the device code alone.
#include <gmock/gmock.h>

#include "compile_helpers.h"
#include "frontend/left_out.h"

namespace kverify::frontend {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kExtension = R"(#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAGuard.h>

#define CHECK_CUDA(x) TORCH_CHECK((x).is_cuda(), #x " must be a CUDA tensor")

template <class scalar_t>
__global__ void scale(torch::PackedTensorAccessor32<scalar_t, 2, torch::RestrictPtrTraits> x, scalar_t* y, float by) {
  int i = blockIdx.x, j = threadIdx.x;
  if (i < x.size(0) && j < x.size(1)) y[i * x.size(1) + j] = static_cast<scalar_t>(static_cast<float>(x[i][j]) * by);
}

torch::Tensor launch(torch::Tensor x, double by) {
  CHECK_CUDA(x)
  TORCH_CHECK(x.dim() == 2, "expected a matrix, got ", x.sizes());
  const at::cuda::OptionalCUDAGuard guard(device_of(x));
  auto y = torch::empty({x.size(0), x.size(1)}, x.options());
  auto mean = x.mean({0, 1}, /*keepdim=*/true);
  AT_DISPATCH_FLOATING_TYPES_AND2(at::ScalarType::Half, at::kBFloat16, x.scalar_type(), "scale", [&] {
    scale<scalar_t><<<x.size(0), x.size(1), 0, at::cuda::getCurrentCUDAStream()>>>(
        x.packed_accessor32<scalar_t, 2, torch::RestrictPtrTraits>(), y.data_ptr<scalar_t>(), static_cast<float>(by));
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return y.view({-1}).to(torch::kFloat32);
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("launch", &launch, "scales", py::arg("x"), py::arg("by") = 1.0); }
TORCH_LIBRARY(mine, m) { m.def("launch", launch); }
)";

TEST(FrontendTorch, ADispatchMacroInstantiatesEveryTypeItNames) {
  auto result = compileText(kExtension);
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), testing::UnorderedElementsAre("scale<double>", "scale<float>", "scale<c10::Half>",
                                                              "scale<c10::BFloat16>"));
  EXPECT_THAT(leftOut(*result), IsEmpty()) << leftOut(*result)[0].name << ": " << leftOut(*result)[0].why;
}

TEST(FrontendTorch, HalfIsANumberOfSixteenBits) {
  auto result = compileText(kExtension, {"scale<c10::Half>"});
  ASSERT_TRUE(result) << explain(result);
  ASSERT_THAT(result->kernels, SizeIs(1));
  EXPECT_EQ(result->kernels[0].params[1].pointee_dtype, DType::F16);
}

TEST(FrontendTorch, HalvesAreComparedWithWhatPyTorchComparesThemWith) {
  auto result = compileText(R"(#include <torch/extension.h>
template <class T> __global__ void most(const T* x, T* y, int n) {
  T best = at::numeric_limits<T>::lower_bound();
  for (int i = 0; i < n; ++i)
    if (x[i] > best && x[i] >= 0 && !(x[i] == 1.0f) && 2.0 < x[i] && x[i] != T(3) && x[i] <= at::numeric_limits<T>::max()) best = x[i];
  *y = best;
}
template __global__ void most<c10::Half>(const c10::Half*, c10::Half*, int);
template __global__ void most<c10::BFloat16>(const c10::BFloat16*, c10::BFloat16*, int);
template __global__ void most<float>(const float*, float*, int);
)", {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->kernels.size(), 3u);
}

TEST(FrontendTorch, WhatWrappersCallBesidesTheirKernelsTypeChecks) {
  auto result = compileText(R"(#include <torch/extension.h>
__global__ void k(float* y) { y[threadIdx.x] = 1; }
torch::Tensor run(torch::Tensor x, torch::Tensor w, torch::Tensor b, int64_t dim) {
  if (at::maybe_wrap_dim(dim, x.dim()) != 1)
    throw std::runtime_error("dimension " + std::to_string(dim));
  auto y = torch::adaptive_avg_pool2d(torch::layer_norm(x, {x.size(-1)}, w, b), {1, 1});
  y = torch::nn::functional::mish(at::convolution(y, w, b, {1, 1}, {0, 0}, {1, 1}, false, {0, 0}, 1));
  k<<<1, 32>>>(y.data_ptr<float>());
  return y;
}
)");
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(leftOut(*result), IsEmpty()) << leftOut(*result)[0].name << ": " << leftOut(*result)[0].why;
}

TEST(FrontendTorch, AnUnknownNameCostsItsHostFunctionOnly) {
  auto result = compileText(R"(#include <torch/extension.h>
#include <ATen/native/cuda/NobodyKnowsThis.cuh>
#include <nvtx3/nobody_has_this.h>
__global__ void twice(float* x) { x[threadIdx.x] *= 2; }
void good(torch::Tensor x) { twice<<<1, 32>>>(x.data_ptr<float>()); }
static cudnnUnheard_t handle;
torch::Tensor bad(torch::Tensor x) {
  auto y = at::native::fancy_new_thing(x);
  twice<<<1, 32>>>(y.data_ptr<float>());
  return y;
}
namespace inner {
void worse(at::NobodyKnowsThis& x) { x.go(); }
}
)");
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("twice"));
  std::vector<std::string> names;
  for (const LeftOut& one : leftOut(*result))
    names.push_back(one.name + ":" + std::to_string(one.line));
  EXPECT_THAT(names, testing::UnorderedElementsAre("static cudnnUnheard_t handle:6", "bad:8", "worse:13"));
  EXPECT_THAT(missingHeaders(*result), ElementsAre("nvtx3/nobody_has_this.h"));
}

TEST(FrontendTorch, WhatUsesAFunctionThatIsGoneGoesNext) {
  auto result = compileText(R"(#include <torch/extension.h>
__global__ void twice(float* x) { x[threadIdx.x] *= 2; }
at::Unheard helper(torch::Tensor x) { return {}; }
void first(torch::Tensor x) { helper(x); twice<<<1, 32>>>(x.data_ptr<float>()); }
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("first", &first); }
)");
  ASSERT_TRUE(result) << explain(result);
  ASSERT_THAT(leftOut(*result), SizeIs(2));
  EXPECT_EQ(leftOut(*result)[0].name, "helper");
  EXPECT_EQ(leftOut(*result)[1].name, "first");
}

TEST(FrontendTorch, PlainHostCodeWithAnErrorIsTheAuthorsOwn) {
  auto result = compileText("__global__ void k(float* x) { x[0] = 1; }\nvoid host(float* x) { kk<<<1, 1>>>(x); }\n");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("'kk'"));
}

TEST(FrontendTorch, AnErrorInDeviceCodeIsTheFilesOwn) {
  for (const char* text : {"#include <torch/extension.h>\n__global__ void k(float* x) { x[0] = unheard(1); }\n",
                           "#include <torch/extension.h>\n#define HD __host__ __device__\n"
                           "HD inline float f(float x) { return at::unheard(x); }\n"
                           "__global__ void k(float* x) { x[0] = f(1); }\n",
                           "#include <torch/extension.h>\nusing T = at::Unheard;\n__global__ void k(float* x) { x[0] = 1; }\n",
                           "#include \"nowhere.h\"\n__global__ void k(float* x) { x[0] = 1; }\n"}) {
    auto result = compileText(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::Compile);
  }
}

TEST(FrontendTorch, TheWrittenNameOfATemplateStillWorksWhenHostCodeIsLeftOut) {
  auto result = compileText(R"(#include <torch/extension.h>
template <int n> __global__ void grow(float* x) { x[threadIdx.x] *= n; }
void bad(torch::Tensor x) { at::unheard(x); grow<3><<<1, 32>>>(x.data_ptr<float>()); }
)",
                            {"grow<5>"});
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("grow<5>"));
  EXPECT_THAT(leftOut(*result), IsEmpty()) << "nothing was looked for in host code: the name says it all";
}

} // namespace
} // namespace kverify::frontend

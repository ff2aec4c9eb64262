// What the bitcode holds: the unoptimised device code of the kernels asked for, with lines, and nothing else.
#include <gmock/gmock.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/MemoryBuffer.h>

#include "compile_helpers.h"

namespace kverify::frontend {
namespace {

struct Parsed {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
};

void parse(const DeviceModule& device, Parsed& parsed) {
  auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(device.bitcode, "test"), parsed.context);
  ASSERT_TRUE(static_cast<bool>(module)) << llvm::toString(module.takeError());
  parsed.module = std::move(*module);
  ASSERT_FALSE(llvm::verifyModule(*parsed.module, &llvm::errs()));
}

const char* const kSource = R"(__device__ float unused(float* x) { return x[3]; }
__device__ float global_table[4];
__device__ float used(float x) { return expf(x); }
__global__ void wanted(float* x, int n) {
  __shared__ float s[32];
  int dead = n / 2;
  if (n < 0) { float never = *(float*)0; }
  s[threadIdx.x] = used(x[threadIdx.x]);
  __syncthreads();
  x[0] = s[1];
}
__global__ void other(float* x) { x[0] = global_table[1]; }
)";

TEST(FrontendModule, HoldsTheWantedKernelOnly) {
  auto device = compileText(kSource, {"wanted"});
  ASSERT_TRUE(device) << explain(device);
  Parsed parsed;
  ASSERT_NO_FATAL_FAILURE(parse(*device, parsed));
  EXPECT_EQ(parsed.module->getTargetTriple(), "nvptx64-nvidia-cuda");
  EXPECT_NE(parsed.module->getFunction(device->kernels[0].mangled), nullptr);
  EXPECT_NE(parsed.module->getFunction("_Z4usedf"), nullptr);
  EXPECT_EQ(parsed.module->getFunction("_Z6unusedPf"), nullptr);
  EXPECT_EQ(parsed.module->getFunction("_Z5otherPf"), nullptr);
  EXPECT_EQ(parsed.module->getGlobalVariable("global_table", true), nullptr);
  llvm::Function* libdevice = parsed.module->getFunction("__nv_expf");
  ASSERT_NE(libdevice, nullptr);
  EXPECT_TRUE(libdevice->isDeclaration());
}

TEST(FrontendModule, IsNotOptimised) {
  auto device = compileText(kSource, {"wanted"});
  ASSERT_TRUE(device) << explain(device);
  Parsed parsed;
  ASSERT_NO_FATAL_FAILURE(parse(*device, parsed));
  llvm::Function* kernel = parsed.module->getFunction(device->kernels[0].mangled);
  ASSERT_NE(kernel, nullptr);
  EXPECT_FALSE(kernel->hasFnAttribute(llvm::Attribute::NoInline)) << "-O0 was used";
  EXPECT_FALSE(kernel->hasFnAttribute(llvm::Attribute::OptimizeNone));
  unsigned allocas = 0, divisions = 0, loads_of_null = 0;
  for (llvm::Instruction& instruction : llvm::instructions(kernel)) {
    allocas += llvm::isa<llvm::AllocaInst>(instruction);
    divisions += instruction.getOpcode() == llvm::Instruction::SDiv;
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction))
      loads_of_null += llvm::isa<llvm::ConstantPointerNull>(load->getPointerOperand());
  }
  EXPECT_GE(allocas, 3u);
  EXPECT_EQ(divisions, 1u) << "the dead division is kept";
  EXPECT_EQ(loads_of_null, 1u) << "the null access is kept";
}

TEST(FrontendModule, EveryAccessHasItsLine) {
  auto device = compileText(kSource, {"wanted"});
  ASSERT_TRUE(device) << explain(device);
  Parsed parsed;
  ASSERT_NO_FATAL_FAILURE(parse(*device, parsed));
  llvm::Function* kernel = parsed.module->getFunction(device->kernels[0].mangled);
  ASSERT_NE(kernel, nullptr);
  ASSERT_NE(kernel->getSubprogram(), nullptr);
  EXPECT_EQ(kernel->getSubprogram()->getName(), "wanted");
  EXPECT_EQ(kernel->getSubprogram()->getFilename(), "test.cu");
  std::vector<unsigned> shared_lines;
  for (llvm::Instruction& instruction : llvm::instructions(kernel)) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (call && call->getCalledFunction() && call->getCalledFunction()->getName() == "llvm.nvvm.barrier0") {
      EXPECT_EQ(instruction.getDebugLoc().getLine(), 9u);
    }
    if (llvm::isa<llvm::StoreInst>(instruction) && instruction.getDebugLoc())
      shared_lines.push_back(instruction.getDebugLoc().getLine());
  }
  EXPECT_THAT(shared_lines, testing::IsSupersetOf({6u, 7u, 8u, 10u}));
}

TEST(FrontendModule, OurHeadersHaveNoLinesOfTheirOwn) {
  auto device =
      compileText("__global__ void k(float* x) { atomicAdd(x, __ldg(x + 1) + __shfl_sync(~0u, x[2], 1)); }\n");
  ASSERT_TRUE(device) << explain(device);
  Parsed parsed;
  ASSERT_NO_FATAL_FAILURE(parse(*device, parsed));
  for (llvm::Function& function : *parsed.module) {
    if (llvm::DISubprogram* place = function.getSubprogram()) {
      EXPECT_EQ(place->getFilename().str().find("/kverify/"), std::string::npos) << function.getName().str();
    }
  }
}

TEST(FrontendModule, InstancesAreEmittedOnce) {
  auto device = compileText("template <int N> __global__ void k(float* x) { *x = N; }\n", {"k<3>", "k<1 + 2>", "k<4>"});
  ASSERT_TRUE(device) << explain(device);
  Parsed parsed;
  ASSERT_NO_FATAL_FAILURE(parse(*device, parsed));
  unsigned kernels = 0;
  for (llvm::Function& function : *parsed.module)
    kernels += !function.isDeclaration();
  EXPECT_EQ(kernels, 2u);
}

TEST(FrontendModule, ValuesKeepTheirNames) {
  auto device = compileText(kSource, {"wanted"});
  ASSERT_TRUE(device) << explain(device);
  Parsed parsed;
  ASSERT_NO_FATAL_FAILURE(parse(*device, parsed));
  llvm::Function* kernel = parsed.module->getFunction(device->kernels[0].mangled);
  ASSERT_NE(kernel, nullptr);
  EXPECT_EQ(kernel->getArg(0)->getName(), "x");
}

TEST(FrontendModule, SameBytesFromSameSource) {
  auto first = compileText(kSource), second = compileText(kSource);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->bitcode, second->bitcode);
}

} // namespace
} // namespace kverify::frontend

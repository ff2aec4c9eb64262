#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/fit.h"
#include "kverify/contract.h"
#include "sample.h"

namespace kverify::contract {
namespace {

using frontend::KernelInfo;
using frontend::KernelParam;
using kverify::testing::changed;
using kverify::testing::pointer;
using kverify::testing::sampleKernel;
using kverify::testing::value;
using ::testing::HasSubstr;

std::string fitError(const KernelInfo& kernel, const std::string& text = kverify::testing::kSample) {
  auto contract = parseContract("c.json", text);
  if (!contract)
    return "not loaded: " + contract.error().message;
  auto fits = fit(*contract, std::span(&kernel, 1));
  if (fits)
    return "fits";
  return fits.error().place + ": " + fits.error().message +
         (fits.error().hint.empty() ? "" : " | " + fits.error().hint);
}

TEST(Fit, TheSampleFits) {
  EXPECT_EQ(fitError(sampleKernel()), "fits");
}

TEST(Fit, NamesTheKernelThatIsNotThere) {
  KernelInfo kernel = sampleKernel();
  kernel.name = "copi<64, true>";
  EXPECT_EQ(fitError(kernel),
            "c.json:14 (/launches/0): there is no kernel 'copy<64, true>' | did you mean 'copi<64, true>'?");
}

TEST(Fit, CountsArguments) {
  KernelInfo more = sampleKernel();
  more.params.push_back(value("last", "float", KernelParam::Kind::Float, 4));
  EXPECT_EQ(fitError(more), "c.json:14 (/launches/0): copy<64,true> takes 7 arguments, the contract gives 6; the first "
                            "without one is 'last' (float)");
  KernelInfo fewer = sampleKernel();
  fewer.params.pop_back();
  EXPECT_THAT(fitError(fewer), HasSubstr("takes 5 arguments, the contract gives 6"));
}

TEST(Fit, SaysWhichArgumentAndWhatWasExpected) {
  KernelInfo kernel = sampleKernel();
  kernel.params[0] = pointer("x", "__half", DType::F16, 2, true);
  EXPECT_EQ(fitError(kernel),
            "c.json:15 (/launches/0/args/0): argument 1 of copy<64,true> ('x', const __half *) does not fit "
            "the tensor 'x' of f32: expected float *");
  kernel = sampleKernel();
  kernel.params[2] = value("idx", "int", KernelParam::Kind::Integer, 4);
  EXPECT_EQ(fitError(kernel),
            "c.json:15 (/launches/0/args/2): argument 3 of copy<64,true> ('idx', int) is passed by value, "
            "but the contract gives the tensor 'idx'");
  kernel = sampleKernel();
  kernel.params[3] = pointer("n", "int", DType::I32, 4, true);
  EXPECT_THAT(fitError(kernel),
              HasSubstr("argument 4 of copy<64,true> ('n', const int *) is a pointer, but the contract "
                        "gives the value 'N': expected a tensor"));
  kernel = sampleKernel();
  kernel.params[4] = value("scale", "double", KernelParam::Kind::Float, 8);
  EXPECT_THAT(
      fitError(kernel),
      HasSubstr("argument 5 of copy<64,true> ('scale', double) does not fit the declared type f32: expected f64"));
  kernel = sampleKernel();
  kernel.params[4] = value("scale", "int", KernelParam::Kind::Integer, 4);
  EXPECT_THAT(fitError(kernel), HasSubstr("expected i32"));
  kernel = sampleKernel();
  kernel.params[5] = value("extra", "int", KernelParam::Kind::Integer, 4);
  EXPECT_THAT(fitError(kernel), HasSubstr("is no pointer, but the contract gives null"));
  kernel = sampleKernel();
  kernel.params[3] = value("params", "Params", KernelParam::Kind::Struct, 24);
  EXPECT_THAT(fitError(kernel), HasSubstr("is a struct of 24 bytes"));
}

TEST(Fit, StructsFieldByField) {
  using kverify::testing::structSample;
  KernelInfo kernel = kverify::testing::structKernel();
  EXPECT_EQ(fitError(kernel, structSample()), "fits");
  auto error = [&](const std::string& fields) { return fitError(kernel, structSample("[\"x\", " + fields + ", \"idx\"]")); };
  EXPECT_THAT(error(R"({"struct": {"v.y": "y", "v.n": "N"}})"), HasSubstr("the contract gives no 'scale' of argument 2"));
  EXPECT_THAT(error(R"({"struct": {"v.y": "y", "v.m": "N", "scale": 1}})"), HasSubstr("has no field 'v.m'"));
  EXPECT_THAT(error(R"({"struct": {"v.y": "N", "v.n": "N", "scale": 1}})"),
              HasSubstr("'v.y' (float *) of argument 2 of copy<64,true> ('p', Params) is a pointer"));
  EXPECT_THAT(error(R"({"struct": {"v.y": "y", "v.n": "N/2.0", "scale": 1}})"), HasSubstr("is real-valued"));
  EXPECT_THAT(error(R"("N")"), HasSubstr("expected {\"struct\": {...}}"));
  kernel.params[1].fields.clear();
  EXPECT_THAT(fitError(kernel, structSample()), HasSubstr("neither numbers nor pointers"));
  kernel.params[1] = value("p", "int", KernelParam::Kind::Integer, 4);
  EXPECT_THAT(fitError(kernel, structSample()), HasSubstr("is no struct, but the contract gives a struct"));
}

TEST(Fit, AnOutputInAStructMayBeWritten) {
  KernelInfo kernel = kverify::testing::structKernel();
  kernel.params[1].fields[0].pointee_const = true;
  EXPECT_THAT(fitError(kernel, kverify::testing::structSample()), HasSubstr("'y' is declared write, but no launch passes it"));
}

TEST(Fit, ARealValueDoesNotFitAnInteger) {
  EXPECT_THAT(fitError(sampleKernel(), changed("\"idx\", \"N\"", "\"idx\", \"N/2.0\"")),
              HasSubstr("argument 4 of copy<64,true> ('n', int) is an integer, but 'N/2.0' is real-valued"));
}

TEST(Fit, TakesPointersThatMoveTheSameData) {
  struct Moved {
    const char* pointee;
    std::optional<DType> dtype;
    std::uint32_t size;
    bool fits;
  };
  for (const Moved& moved :
       {Moved{"float4", {}, 16, true}, Moved{"struct float4", {}, 16, true}, Moved{"uint4", {}, 16, true},
        Moved{"void", {}, 0, true}, Moved{"char", DType::U8, 1, true}, Moved{"unsigned char", {}, 1, true},
        Moved{"double", {}, 8, false}, Moved{"__half2", {}, 4, false}, Moved{"int", DType::I32, 4, false},
        Moved{"unsigned short", {}, 2, false}, Moved{"char2", {}, 2, false}, Moved{"Widget4", {}, 16, false}}) {
    KernelInfo kernel = sampleKernel();
    kernel.params[0] = pointer("x", moved.pointee, moved.dtype, moved.size, true);
    EXPECT_EQ(fitError(kernel) == "fits", moved.fits) << moved.pointee << ": " << fitError(kernel);
  }
}

TEST(Fit, HalfTensorsAndTheirSpellings) {
  const std::string text = changed("\"x\": { \"dtype\": \"f32\"", "\"x\": { \"dtype\": \"f16\"");
  for (auto [pointee, size] : {std::pair("__half", 2u), std::pair("half", 2u), std::pair("__half2", 4u),
                               std::pair("unsigned short", 2u), std::pair("uint4", 16u)}) {
    KernelInfo kernel = sampleKernel();
    kernel.params[0] = pointer("x", pointee, {}, size, true);
    EXPECT_EQ(fitError(kernel, text), "fits") << pointee;
  }
}

TEST(Fit, AReadOnlyTensorMayMeetANonConstPointer) {
  KernelInfo kernel = sampleKernel();
  kernel.params[0].pointee_const = false;
  EXPECT_EQ(fitError(kernel), "fits");
}

TEST(Fit, AnOutputThatNobodyCanWriteIsAMistake) {
  KernelInfo kernel = sampleKernel();
  kernel.params[1].pointee_const = true;
  EXPECT_EQ(fitError(kernel),
            "c.json:10 (/tensors/y): 'y' is declared write, but no launch passes it to a pointer that may write");
}

} // namespace
} // namespace kverify::contract

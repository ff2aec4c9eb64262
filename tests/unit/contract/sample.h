#pragma once
// A small contract and signatures that tests change one thing of.
#include <optional>
#include <string>
#include <vector>

#include "frontend/device_module.h"

namespace kverify::testing {

/// Line numbers matter to the tests: keep them.
inline const std::string kSample = R"json({
  "contract": 1,
  "sizes": {
    "N": { "range": [1, 1000], "try": [32, 33] },
    "D": { "list": [32, 64] },
    "T": { "equals": "ceildiv(N, 32)" }
  },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["N", "D"], "strides": ["D+4", 1], "access": "read" },
    "y": { "dtype": "f32", "shape": ["N", "D"], "access": "write" },
    "idx": { "dtype": "i32", "shape": ["N"], "access": "read", "holds": {"range": [0, "N-1"], "order": "nondecreasing"} }
  },
  "launches": [
    { "kernel": "copy<64, true>",
      "args": ["x", { "tensor": "y", "offset": "D" }, "idx", "N", { "value": "1/sqrt(D)", "type": "f32" }, null],
      "grid": ["T", 2], "block": [32], "shared": "4*D" }
  ],
  "requires": ["N % 4 == 0 or N < 4"]
})json";

/// kSample with every occurrence of one text replaced by another.
inline std::string changed(const std::string& from, const std::string& to, std::string text = kSample) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

inline frontend::KernelParam pointer(const std::string& name, const std::string& pointee, std::optional<DType> dtype,
                                     std::uint32_t size, bool is_const) {
  frontend::KernelParam param;
  param.name = name;
  param.type = (is_const ? "const " : "") + pointee + " *";
  param.kind = frontend::KernelParam::Kind::Pointer;
  param.size = param.alignment = 8;
  param.pointee = pointee;
  param.pointee_dtype = dtype;
  param.pointee_size = size;
  param.pointee_const = is_const;
  return param;
}

inline frontend::KernelParam value(const std::string& name, const std::string& type, frontend::KernelParam::Kind kind,
                                   std::uint32_t size, bool is_signed = true) {
  frontend::KernelParam param;
  param.name = name;
  param.type = type;
  param.kind = kind;
  param.size = param.alignment = size;
  param.is_signed = is_signed;
  return param;
}

/// The kernel that kSample launches.
inline frontend::KernelInfo sampleKernel() {
  using Kind = frontend::KernelParam::Kind;
  frontend::KernelInfo kernel;
  kernel.name = "copy<64,true>"; // written with another blank than in the contract
  kernel.params = {pointer("x", "float", DType::F32, 4, true), pointer("y", "float", DType::F32, 4, false),
                   pointer("idx", "int", DType::I32, 4, true), value("n", "int", Kind::Integer, 4),
                   value("scale", "float", Kind::Float, 4),    pointer("extra", "float", DType::F32, 4, true)};
  return kernel;
}

/// kSample's kernel with its length and scale in a struct, and an output pointer in it: struct { Inner v; float scale; }.
inline frontend::KernelInfo structKernel() {
  frontend::KernelInfo kernel = sampleKernel();
  frontend::KernelParam all = value("p", "Params", frontend::KernelParam::Kind::Struct, 24);
  all.fields = {pointer("v.y", "float", DType::F32, 4, false), value("v.n", "int", frontend::KernelParam::Kind::Integer, 4),
                value("scale", "float", frontend::KernelParam::Kind::Float, 4)};
  all.fields[1].offset = 8;
  all.fields[2].offset = 16;
  kernel.params = {pointer("x", "float", DType::F32, 4, true), all, pointer("idx", "int", DType::I32, 4, true)};
  return kernel;
}

/// kSample for it.
inline const std::string kStructArgs =
    R"(["x", { "struct": { "v.y": { "tensor": "y", "offset": "D" }, "v.n": "N", "scale": 0.5 } }, "idx"])";
inline std::string structSample(const std::string& args = kStructArgs) {
  std::size_t begin = kSample.find("[\"x\","), end = kSample.find("],\n      \"grid\"");
  return kSample.substr(0, begin) + args + kSample.substr(end + 1);
}

} // namespace kverify::testing

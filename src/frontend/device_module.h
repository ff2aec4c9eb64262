#pragma once
// The one object that every stage judges: device LLVM IR as clang emitted it, before any optimisation.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kverify/dtype.h"
#include "kverify/error.h"
#include "kverify/source.h"

namespace kverify::frontend {

/// One parameter of a kernel, as the source spells it and as the device lays it out.
struct KernelParam {
  enum class Kind { Pointer, Integer, Float, Struct };
  std::string name;
  std::string type; ///< as written: "const float *__restrict"
  Kind kind = Kind::Integer;
  std::uint32_t size = 0;             ///< bytes
  std::uint32_t alignment = 0;        ///< bytes
  std::string pointee;                ///< canonical element type for pointers: "float", "__half", "int"
  std::optional<DType> pointee_dtype; ///< where the element type is one of ours
  std::uint32_t pointee_size = 0;     ///< bytes of the pointee, 0 for void
  bool pointee_const = false;
  bool is_restrict = false;
  bool is_signed = true;    ///< for integers
  bool is_bool = false;     ///< for integers: only 0 and 1
  bool is_bfloat16 = false; ///< for floats of two bytes: bfloat16, else half
  /// Of a struct: every number and pointer in it, in the order of the layout, arrays element by element, named as from
  /// the struct ("v.p", "p[4]"). Empty where it has unions, bit-fields, functions, or too many of them.
  std::vector<KernelParam> fields;
  std::uint32_t offset = 0; ///< of a field: bytes from the start of the struct
};

struct KernelInfo {
  std::string name;    ///< display and look-up name, with template arguments: "flash<64, true>"
  std::string mangled; ///< its symbol in the bitcode
  std::vector<KernelParam> params;
  SourceLocation location;
  std::uint32_t max_threads = 0; ///< from __launch_bounds__, 0 = none
  std::uint32_t static_shared_bytes = 0;
};

/// nvptx64 bitcode with debug locations, from `-O1 -Xclang -disable-llvm-passes`: no pass has run on it.
/// Serialised, so that it can be cached and parsed into any LLVMContext on any thread.
struct DeviceModule {
  KernelSource source;
  std::string bitcode;
  std::vector<KernelInfo> kernels;
  std::string headers;     ///< "builtin" or "toolkit"
  std::string target;      ///< "sm_80"
  std::string diagnostics; ///< clang's warnings, as clang prints them
};

/// The field of a struct parameter, or null.
inline const KernelParam* findField(const KernelParam& param, std::string_view name) {
  for (const KernelParam& field : param.fields)
    if (field.name == name)
      return &field;
  return nullptr;
}

/// The kernel of that name, written with any white space; null when the module has none.
const KernelInfo* findKernel(const DeviceModule& module, std::string_view written_name);

} // namespace kverify::frontend

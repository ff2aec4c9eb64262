// Contract against signature.
#include "contract/fit.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "contract/scalar.h"
#include "core/near_name.h"

namespace kverify::contract {
namespace {

using frontend::KernelInfo;
using frontend::KernelParam;

std::string withoutBlanks(std::string_view name) {
  std::string text;
  for (char c : name)
    if (c != ' ' && c != '\t')
      text += c;
  return text;
}

/// Element types that are read as a tensor type although they are spelled otherwise.
std::optional<DType> elementOf(const KernelParam& param) {
  if (param.pointee_dtype)
    return param.pointee_dtype;
  static constexpr std::array<std::pair<std::string_view, DType>, 28> kSpellings = {{{"float", DType::F32},
                                                                                     {"__half", DType::F16},
                                                                                     {"half", DType::F16},
                                                                                     {"_Float16", DType::F16},
                                                                                     {"__half2", DType::F16},
                                                                                     {"half2", DType::F16},
                                                                                     {"__nv_bfloat16", DType::BF16},
                                                                                     {"__bf16", DType::BF16},
                                                                                     {"__nv_bfloat162", DType::BF16},
                                                                                     {"__nv_fp8_e4m3", DType::E4M3},
                                                                                     {"__nv_fp8x2_e4m3", DType::E4M3},
                                                                                     {"__nv_fp8x4_e4m3", DType::E4M3},
                                                                                     {"__nv_fp8_e5m2", DType::E5M2},
                                                                                     {"__nv_fp8x2_e5m2", DType::E5M2},
                                                                                     {"__nv_fp8x4_e5m2", DType::E5M2},
                                                                                     {"int", DType::I32},
                                                                                     {"unsigned int", DType::I32},
                                                                                     {"long", DType::I64},
                                                                                     {"long long", DType::I64},
                                                                                     {"unsigned long", DType::I64},
                                                                                     {"unsigned long long", DType::I64},
                                                                                     {"char", DType::U8},
                                                                                     {"signed char", DType::U8},
                                                                                     {"unsigned char", DType::U8},
                                                                                     {"bool", DType::U8},
                                                                                     {"float2", DType::F32},
                                                                                     {"float3", DType::F32},
                                                                                     {"float4", DType::F32}}};
  std::string name = param.pointee;
  if (name.starts_with("struct "))
    name = name.substr(7);
  for (const auto& [spelling, dtype] : kSpellings)
    if (spelling == name)
      return dtype;
  return std::nullopt;
}

/// Types that kernels use to move any data: wide vectors, bytes, raw 16-bit words.
bool isRawMover(const KernelParam& param, DType dtype) {
  std::string name = param.pointee;
  if (name.starts_with("struct "))
    name = name.substr(7);
  bool is_vector = !name.empty() && name.back() >= '2' && name.back() <= '4' && param.pointee_size >= 4;
  bool is_builtin = false;
  for (std::string_view base :
       {"float", "double", "int", "uint", "short", "ushort", "char", "uchar", "long", "ulong", "longlong", "ulonglong"})
    is_builtin |= name.size() == base.size() + 1 && name.starts_with(base);
  if (is_vector && is_builtin)
    return param.pointee_size % kverify::sizeOf(dtype) == 0;
  if (name == "char" || name == "unsigned char" || name == "signed char" || name == "std::byte")
    return true;
  bool is_word = name == "short" || name == "unsigned short";
  return is_word && (dtype == DType::F16 || dtype == DType::BF16);
}

bool accepts(const KernelParam& param, DType dtype) {
  if (param.pointee_size == 0 || param.pointee == "void")
    return true;
  return elementOf(param) == dtype || isRawMover(param, dtype);
}

std::string_view spellingOf(DType dtype) {
  switch (dtype) {
  case DType::F32: return "float *";
  case DType::F16: return "__half *";
  case DType::BF16: return "__nv_bfloat16 *";
  case DType::E4M3: return "__nv_fp8_e4m3 *";
  case DType::E5M2: return "__nv_fp8_e5m2 *";
  case DType::I32: return "int *";
  case DType::I64: return "long long *";
  case DType::U8: return "unsigned char *";
  }
  return "?";
}

std::string describe(const KernelInfo& kernel, std::size_t index) {
  const KernelParam& param = kernel.params[index];
  return fmt::format("argument {} of {} ('{}', {})", index + 1, kernel.name, param.name, param.type);
}

std::string describe(const KernelInfo& kernel, std::size_t index, const KernelParam& field) {
  return fmt::format("'{}' ({}) of {}", field.name, field.type, describe(kernel, index));
}

/// `what`: the parameter or field, in words.
Expected<void> fitTensor(const Contract& contract, const ArgDecl& arg, const TensorArgDecl& value,
                         const KernelParam& param, const std::string& what) {
  const TensorDecl& tensor = contract.tensors[value.tensor];
  if (param.kind != KernelParam::Kind::Pointer)
    return fail(ErrorKind::Input,
                fmt::format("{} is passed by value, but the contract gives the tensor '{}'", what, tensor.name),
                arg.place);
  if (!accepts(param, tensor.dtype))
    return fail(ErrorKind::Input,
                fmt::format("{} does not fit the tensor '{}' of {}: expected {}", what, tensor.name, nameOf(tensor.dtype),
                            spellingOf(tensor.dtype)),
                arg.place);
  return {};
}

Expected<void> fitValue(const ArgDecl& arg, const ValueArgDecl& value, const KernelParam& param, const std::string& what) {
  if (param.kind == KernelParam::Kind::Pointer)
    return fail(ErrorKind::Input,
                fmt::format("{} is a pointer, but the contract gives the value '{}': expected a tensor", what,
                            value.value.text),
                arg.place);
  std::optional<ScalarType> type = scalarTypeOf(param);
  if (!type)
    return fail(ErrorKind::Input,
                fmt::format("{} is a struct of {} bytes, but the contract gives one value{}", what, param.size,
                            param.fields.empty() ? "" : ": expected {\"struct\": {...}}"),
                arg.place);
  if (value.type && *value.type != *type)
    return fail(ErrorKind::Input,
                fmt::format("{} does not fit the declared type {}: expected {}", what, nameOf(*value.type), nameOf(*type)),
                arg.place);
  if (!isFloat(*type) && !isIntegerValued(*value.value.root))
    return fail(ErrorKind::Input, fmt::format("{} is an integer, but '{}' is real-valued", what, value.value.text),
                arg.place);
  return {};
}

/// Not for structs.
Expected<void> fitPlain(const Contract& contract, const ArgDecl& arg, const KernelParam& param, const std::string& what) {
  if (const auto* tensor = std::get_if<TensorArgDecl>(&arg.value))
    return fitTensor(contract, arg, *tensor, param, what);
  if (const auto* value = std::get_if<ValueArgDecl>(&arg.value))
    return fitValue(arg, *value, param, what);
  if (param.kind != KernelParam::Kind::Pointer)
    return fail(ErrorKind::Input, fmt::format("{} is no pointer, but the contract gives null", what), arg.place);
  return {};
}

/// Every field once, none that it does not have.
Expected<void> fitStruct(const Contract& contract, const ArgDecl& arg, const StructArgDecl& all, const KernelInfo& kernel,
                         std::size_t index) {
  const KernelParam& param = kernel.params[index];
  if (param.kind != KernelParam::Kind::Struct || param.fields.empty())
    return fail(ErrorKind::Input,
                fmt::format("{} {}, but the contract gives a struct", describe(kernel, index),
                            param.kind != KernelParam::Kind::Struct
                                ? "is no struct"
                                : "has parts that are neither numbers nor pointers, or more than 256"),
                arg.place);
  std::vector<std::string> names;
  for (const KernelParam& field : param.fields)
    names.push_back(field.name);
  for (const FieldArgDecl& given : all.fields) {
    const KernelParam* field = frontend::findField(param, given.name);
    if (!field)
      return fail(ErrorKind::Input, fmt::format("{} has no field '{}'", describe(kernel, index), given.name),
                  given.arg.place, didYouMean(given.name, names));
    if (auto fits = fitPlain(contract, given.arg, *field, describe(kernel, index, *field)); !fits)
      return fits;
    std::erase(names, given.name);
  }
  if (!names.empty())
    return fail(ErrorKind::Input, fmt::format("the contract gives no '{}' of {}", names.front(), describe(kernel, index)),
                arg.place);
  return {};
}

Expected<void> fitArg(const Contract& contract, const ArgDecl& arg, const KernelInfo& kernel, std::size_t index) {
  if (const auto* all = std::get_if<StructArgDecl>(&arg.value))
    return fitStruct(contract, arg, *all, kernel, index);
  return fitPlain(contract, arg, kernel.params[index], describe(kernel, index));
}

Expected<void> fitLaunch(const Contract& contract, const LaunchDecl& launch, const KernelInfo& kernel) {
  if (launch.args.size() != kernel.params.size()) {
    std::string what = fmt::format("{} takes {} arguments, the contract gives {}", kernel.name, kernel.params.size(),
                                   launch.args.size());
    if (launch.args.size() < kernel.params.size()) {
      const KernelParam& next = kernel.params[launch.args.size()];
      what += fmt::format("; the first without one is '{}' ({})", next.name, next.type);
    }
    return fail(ErrorKind::Input, what, launch.place);
  }
  for (std::size_t i = 0; i < launch.args.size(); ++i)
    if (auto fits = fitArg(contract, launch.args[i], kernel, i); !fits)
      return fits;
  return {};
}

void noteWritable(const ArgDecl& arg, const KernelParam& param, std::set<std::size_t>& writable) {
  if (const auto* all = std::get_if<StructArgDecl>(&arg.value))
    for (const FieldArgDecl& field : all->fields)
      noteWritable(field.arg, *frontend::findField(param, field.name), writable);
  if (const auto* tensor = std::get_if<TensorArgDecl>(&arg.value); tensor && !param.pointee_const)
    writable.insert(tensor->tensor);
}

/// An output that only const pointers see can never be written: a mistake in the contract.
Expected<void> fitOutputs(const Contract& contract, std::span<const KernelInfo> kernels) {
  std::set<std::size_t> writable;
  for (const LaunchDecl& launch : contract.launches) {
    const KernelInfo* kernel = findKernel(kernels, launch.kernel);
    for (std::size_t i = 0; i < launch.args.size(); ++i)
      noteWritable(launch.args[i], kernel->params[i], writable);
  }
  for (std::size_t i = 0; i < contract.tensors.size(); ++i)
    if (contract.tensors[i].access == Access::Write && !writable.contains(i))
      return fail(ErrorKind::Input,
                  fmt::format("'{}' is declared write, but no launch passes it to a pointer that may write",
                              contract.tensors[i].name),
                  contract.tensors[i].place);
  return {};
}

} // namespace

const KernelInfo* findKernel(std::span<const KernelInfo> kernels, std::string_view written) {
  std::string wanted = withoutBlanks(written);
  for (const KernelInfo& kernel : kernels)
    if (withoutBlanks(kernel.name) == wanted)
      return &kernel;
  return nullptr;
}

Expected<void> fit(const Contract& contract, std::span<const KernelInfo> kernels) {
  std::vector<std::string> names;
  for (const KernelInfo& kernel : kernels)
    names.push_back(kernel.name);
  for (const LaunchDecl& launch : contract.launches) {
    const KernelInfo* kernel = findKernel(kernels, launch.kernel);
    if (!kernel)
      return fail(ErrorKind::Input, fmt::format("there is no kernel '{}'", launch.kernel), launch.place,
                  didYouMean(launch.kernel, names));
    if (auto fits = fitLaunch(contract, launch, *kernel); !fits)
      return fits;
  }
  return fitOutputs(contract, kernels);
}

} // namespace kverify::contract

// A plan from a signature alone. What is assumed is said, in words, for the report.
#include <algorithm>

#include <fmt/format.h>

#include "contract/instantiate.h"
#include "contract/scalar.h"
#include "core/near_name.h"

namespace kverify::contract {
namespace {

using frontend::KernelInfo;
using frontend::KernelParam;

/// The tensor type that stands for a pointer's elements: its own, that of a vector's components, else bytes.
DType bufferType(const KernelParam& param) {
  if (param.pointee_dtype)
    return *param.pointee_dtype;
  if (param.pointee.find("float") != std::string::npos && param.pointee_size % 4 == 0 && param.pointee_size > 0)
    return param.pointee.find("bfloat16") == std::string::npos ? DType::F32 : DType::BF16;
  if (param.pointee.find("bfloat16") != std::string::npos)
    return DType::BF16;
  if (param.pointee.find("half") != std::string::npos)
    return DType::F16;
  if (param.pointee.find("int") != std::string::npos && param.pointee_size % 4 == 0 && param.pointee_size > 0)
    return DType::I32;
  return DType::U8;
}

Buffer makeBuffer(const KernelParam& param, std::uint64_t bytes) {
  Buffer buffer;
  buffer.name = param.name;
  buffer.dtype = bufferType(param);
  buffer.elements = static_cast<std::int64_t>(bytes / kverify::sizeOf(buffer.dtype));
  buffer.shape = {buffer.elements};
  buffer.strides = {1};
  buffer.access = param.pointee_const ? Access::Read : Access::ReadWrite;
  return buffer;
}

/// An --arg value, or the assumed one.
Expected<Expr> valueOf(const KernelParam& param, ScalarType type, const AssumeOptions& options, bool& assumed) {
  auto given = options.args.find(param.name);
  assumed = given == options.args.end();
  if (assumed)
    return isFloat(type) ? decimalExpr(options.real) : integerExpr(type == ScalarType::Bool ? 1 : options.integer);
  static const std::vector<std::string> no_names;
  std::string text = given->second;
  if (text == "true")
    text = "1";
  if (text == "false")
    text = "0";
  return parseExpr(text, isFloat(type) ? ExprMode::Real : ExprMode::Integer, &no_names, "--arg " + param.name);
}

Expected<void> expectKnownArgs(const KernelInfo& kernel, const AssumeOptions& options) {
  std::vector<std::string> names;
  for (const KernelParam& param : kernel.params)
    if (param.kind != KernelParam::Kind::Pointer)
      names.push_back(param.name);
  for (const auto& [name, value] : options.args)
    if (std::find(names.begin(), names.end(), name) == names.end())
      return fail(ErrorKind::Input, fmt::format("{} has no parameter '{}' that is passed by value", kernel.name, name),
                  "--arg", didYouMean(name, names));
  return {};
}

std::vector<Expr> exprsOf(const Dim3& dim) {
  return {integerExpr(dim.x), integerExpr(dim.y), integerExpr(dim.z)};
}

/// Only what a size can be: 32 and 64 bit integers.
bool isSize(const KernelParam& param) {
  return param.kind == KernelParam::Kind::Integer && (param.size == 4 || param.size == 8);
}

SizeDecl anyValueOf(const KernelParam& param) {
  SizeDecl decl;
  decl.name = param.name;
  decl.kind = SizeDecl::Kind::Range;
  decl.high = param.size == 4 ? INT32_MAX : INT64_MAX;
  decl.low = param.is_signed ? -decl.high - 1 : 0;
  return decl;
}

} // namespace

Expected<Contract> assumedContract(const KernelInfo& kernel, const AssumeOptions& options) {
  if (auto known = expectKnownArgs(kernel, options); !known)
    return tl::unexpected<ToolError>(known.error());
  Contract contract;
  LaunchDecl launch;
  launch.kernel = kernel.name;
  launch.grid = exprsOf(options.grid);
  launch.block = exprsOf(options.block);
  launch.shared = integerExpr(options.dynamic_shared_bytes);
  for (const KernelParam& param : kernel.params) {
    ArgDecl arg;
    if (param.kind == KernelParam::Kind::Pointer) {
      TensorDecl tensor;
      tensor.name = param.name;
      tensor.dtype = bufferType(param);
      tensor.access = param.pointee_const ? Access::Read : Access::ReadWrite;
      arg.value = TensorArgDecl{contract.tensors.size(), {}};
      contract.tensors.push_back(std::move(tensor));
    } else if (isSize(param) && options.args.count(param.name)) {
      bool assumed = false;
      auto value = valueOf(param, *scalarTypeOf(param), options, assumed);
      if (!value)
        return tl::unexpected<ToolError>(value.error());
      arg.value = ValueArgDecl{*value, {}};
    } else if (isSize(param)) {
      contract.sizes.push_back(anyValueOf(param));
      auto value = parseExpr(param.name);
      if (!value)
        return tl::unexpected<ToolError>(value.error());
      arg.value = ValueArgDecl{*value, {}};
    } else {
      arg.value = NullArgDecl{};
    }
    launch.args.push_back(std::move(arg));
  }
  contract.launches.push_back(std::move(launch));
  return contract;
}

Expected<AssumedPlan> assumePlan(const KernelInfo& kernel, const AssumeOptions& options) {
  if (auto known = expectKnownArgs(kernel, options); !known)
    return tl::unexpected<ToolError>(known.error());
  AssumedPlan result;
  KernelLaunch launch;
  launch.kernel = kernel.name;
  launch.grid = options.grid;
  launch.block = options.block;
  launch.dynamic_shared_bytes = options.dynamic_shared_bytes;
  std::vector<std::string> pointers;
  for (const KernelParam& param : kernel.params) {
    if (param.kind == KernelParam::Kind::Pointer) {
      launch.args.push_back(BufferArg{static_cast<std::uint32_t>(result.plan.buffers.size()), 0});
      result.plan.buffers.push_back(makeBuffer(param, options.buffer_bytes));
      pointers.push_back(param.name);
      continue;
    }
    std::optional<ScalarType> type = scalarTypeOf(param);
    if (!type)
      return fail(ErrorKind::Input,
                  fmt::format("the parameter '{}' of {} is a struct ({}, {} bytes); without a contract "
                              "only pointers and numbers can be assumed",
                              param.name, kernel.name, param.type, param.size));
    bool assumed = false;
    auto value = valueOf(param, *type, options, assumed);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    auto bytes = scalarBytes(*type, *value, {}, "--arg " + param.name);
    if (!bytes)
      return tl::unexpected<ToolError>(bytes.error());
    if (assumed)
      result.assumptions.push_back(
          fmt::format("{} = {} (give another with --arg {}=...)", param.name, value->text, param.name));
    if (!isFloat(*type))
      if (auto number = evalInteger(*value, {}); number)
        result.plan.sizes.emplace_back(param.name, *number);
    launch.args.push_back(ScalarArg{std::move(*bytes)});
  }
  if (!pointers.empty())
    result.assumptions.insert(result.assumptions.begin(),
                              fmt::format("{} {} of {} bytes each, initialised, {}", fmt::join(pointers, ", "),
                                          pointers.size() == 1 ? "is one buffer" : "are distinct buffers",
                                          options.buffer_bytes, "integers in them from [0, 64)"));
  result.plan.launches.push_back(std::move(launch));
  return result;
}

} // namespace kverify::contract

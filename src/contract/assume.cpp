// A plan from a signature alone. What is assumed is said, in words, for the report.
#include <algorithm>
#include <memory>

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
  if (param.pointee.find("fp8") != std::string::npos)
    return param.pointee.find("e5m2") == std::string::npos ? DType::E4M3 : DType::E5M2;
  if (param.pointee.find("half") != std::string::npos)
    return DType::F16;
  if (param.pointee.find("int") != std::string::npos && param.pointee_size % 4 == 0 && param.pointee_size > 0)
    return DType::I32;
  return DType::U8;
}

/// As --arg calls it, and the report: a parameter's name, or "q.v.p" for a field of the parameter 'q'.
std::string fullName(const KernelParam& param, const KernelParam& field) {
  return param.name + "." + field.name;
}

Buffer makeBuffer(const std::string& name, const KernelParam& param, std::uint64_t bytes) {
  Buffer buffer;
  buffer.name = name;
  buffer.dtype = bufferType(param);
  buffer.elements = static_cast<std::int64_t>(bytes / kverify::sizeOf(buffer.dtype));
  buffer.shape = {buffer.elements};
  buffer.strides = {1};
  buffer.access = param.pointee_const ? Access::Read : Access::ReadWrite;
  return buffer;
}

/// An --arg value, or the assumed one.
Expected<Expr> valueOf(const std::string& name, ScalarType type, const AssumeOptions& options, bool& assumed) {
  auto given = options.args.find(name);
  assumed = given == options.args.end();
  if (assumed)
    return isFloat(type) ? decimalExpr(options.real) : integerExpr(type == ScalarType::Bool ? 1 : options.integer);
  static const std::vector<std::string> no_names;
  std::string text = given->second;
  if (text == "true")
    text = "1";
  if (text == "false")
    text = "0";
  return parseExpr(text, isFloat(type) ? ExprMode::Real : ExprMode::Integer, &no_names, "--arg " + name);
}

std::vector<std::string> namesOfValues(const KernelInfo& kernel) {
  std::vector<std::string> names;
  for (const KernelParam& param : kernel.params) {
    for (const KernelParam& field : param.fields)
      if (field.kind != KernelParam::Kind::Pointer)
        names.push_back(fullName(param, field));
    if (param.kind != KernelParam::Kind::Pointer && param.fields.empty())
      names.push_back(param.name);
  }
  return names;
}

Expected<void> expectKnownArgs(const KernelInfo& kernel, const AssumeOptions& options) {
  std::vector<std::string> names = namesOfValues(kernel);
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

SizeDecl anyValueOf(const std::string& name, const KernelParam& param) {
  SizeDecl decl;
  decl.name = name;
  decl.kind = SizeDecl::Kind::Range;
  decl.high = param.size == 4 ? INT32_MAX : INT64_MAX;
  decl.low = param.is_signed ? -decl.high - 1 : 0;
  return decl;
}

/// The size of that name: as an expression of one word, whatever is in it.
Expr sizeExpr(const std::string& name) {
  auto node = std::make_shared<ExprNode>();
  node->op = ExprOp::Name;
  node->name = name;
  return {std::move(node), name, {}};
}

/// A tensor for a pointer, a size for an integer. Floats and small integers are not followed.
Expected<ArgDecl> assumedArg(const std::string& name, const KernelParam& param, const AssumeOptions& options,
                             Contract& contract) {
  ArgDecl arg{NullArgDecl{}, {}};
  if (param.kind == KernelParam::Kind::Pointer) {
    TensorDecl tensor;
    tensor.name = name;
    tensor.dtype = bufferType(param);
    tensor.access = param.pointee_const ? Access::Read : Access::ReadWrite;
    arg.value = TensorArgDecl{contract.tensors.size(), {}};
    contract.tensors.push_back(std::move(tensor));
  } else if (isSize(param) && options.args.count(name)) {
    bool assumed = false;
    auto value = valueOf(name, *scalarTypeOf(param), options, assumed);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    arg.value = ValueArgDecl{*value, {}};
  } else if (isSize(param)) {
    contract.sizes.push_back(anyValueOf(name, param));
    arg.value = ValueArgDecl{sizeExpr(name), {}};
  }
  return arg;
}

/// One buffer or number of a plan that is made up.
class PlanMaker {
public:
  PlanMaker(const KernelInfo& kernel, const AssumeOptions& options, AssumedPlan& result)
      : kernel_(kernel), options_(options), result_(result) {}

  Expected<KernelArg> make(const std::string& name, const KernelParam& param) {
    if (param.kind == KernelParam::Kind::Pointer) {
      result_.plan.buffers.push_back(makeBuffer(name, param, options_.buffer_bytes));
      pointers_.push_back(name);
      return BufferArg{static_cast<std::uint32_t>(result_.plan.buffers.size() - 1), 0};
    }
    std::optional<ScalarType> type = scalarTypeOf(param);
    if (!type && !param.fields.empty())
      return makeStruct(param);
    if (!type)
      return fail(ErrorKind::Input,
                  fmt::format("the parameter '{}' of {} is a struct ({}, {} bytes) with parts that are neither numbers nor "
                              "pointers, or with more than 256 of them: nothing can be assumed for it",
                              name, kernel_.name, param.type, param.size));
    bool assumed = false;
    auto value = valueOf(name, *type, options_, assumed);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    auto bytes = scalarBytes(*type, *value, {}, "--arg " + name);
    if (!bytes)
      return tl::unexpected<ToolError>(bytes.error());
    if (assumed)
      result_.assumptions.push_back(fmt::format("{} = {} (give another with --arg {}=...)", name, value->text, name));
    if (!isFloat(*type))
      if (auto number = evalInteger(*value, {}); number)
        result_.plan.sizes.emplace_back(name, *number);
    return ScalarArg{std::move(*bytes)};
  }

  const std::vector<std::string>& pointers() const { return pointers_; }

private:
  Expected<KernelArg> makeStruct(const KernelParam& param) {
    StructArg whole;
    whole.bytes.resize(param.size);
    for (const KernelParam& field : param.fields) {
      auto value = make(fullName(param, field), field);
      if (!value)
        return value;
      putField(whole, field.offset, *value);
    }
    return whole;
  }

  const KernelInfo& kernel_;
  const AssumeOptions& options_;
  AssumedPlan& result_;
  std::vector<std::string> pointers_;
};

/// Few and small enough for any machine, also where a struct has dozens of pointers.
std::uint64_t bytesOfEach(const KernelInfo& kernel, std::uint64_t wanted) {
  constexpr std::uint64_t most = std::uint64_t{1} << 29, least = std::uint64_t{1} << 16;
  std::uint64_t pointers = 0;
  for (const KernelParam& param : kernel.params) {
    pointers += param.kind == KernelParam::Kind::Pointer;
    for (const KernelParam& field : param.fields)
      pointers += field.kind == KernelParam::Kind::Pointer;
  }
  std::uint64_t bytes = wanted;
  while (pointers > 8 && bytes * pointers > most && bytes / 2 >= least)
    bytes /= 2;
  return bytes;
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
    auto whole = assumedArg(param.name, param, options, contract);
    StructArgDecl fields;
    for (const KernelParam& field : param.fields) {
      auto one = whole ? assumedArg(fullName(param, field), field, options, contract) : whole;
      if (!one)
        return tl::unexpected<ToolError>(one.error());
      if (!std::holds_alternative<NullArgDecl>(one->value))
        fields.fields.push_back({field.name, std::move(*one)});
    }
    if (!whole)
      return tl::unexpected<ToolError>(whole.error());
    if (!param.fields.empty())
      whole->value = std::move(fields);
    launch.args.push_back(std::move(*whole));
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
  AssumeOptions each = options;
  each.buffer_bytes = bytesOfEach(kernel, options.buffer_bytes);
  PlanMaker maker(kernel, each, result);
  for (const KernelParam& param : kernel.params) {
    auto arg = maker.make(param.name, param);
    if (!arg)
      return tl::unexpected<ToolError>(arg.error());
    launch.args.push_back(std::move(*arg));
  }
  if (const auto& pointers = maker.pointers(); !pointers.empty())
    result.assumptions.insert(result.assumptions.begin(),
                              fmt::format("{} {} of {} bytes each, initialised, {}", fmt::join(pointers, ", "),
                                          pointers.size() == 1 ? "is one buffer" : "are distinct buffers",
                                          each.buffer_bytes, "integers in them from [0, 64)"));
  result.plan.launches.push_back(std::move(launch));
  return result;
}

} // namespace kverify::contract

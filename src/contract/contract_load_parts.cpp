// Tensors, options, launches and precision of a contract.
#include <algorithm>

#include <fmt/format.h>

#include "contract/contract_load.h"
#include "core/near_name.h"

namespace kverify::contract {
namespace {

const std::vector<std::string> kDTypes = {"f32", "f16", "bf16", "e4m3", "e5m2", "i32", "i64", "u8"};

Access accessNamed(const std::string& name) {
  if (name == "write")
    return Access::Write;
  if (name == "read_write")
    return Access::ReadWrite;
  if (name == "temporary")
    return Access::Temporary;
  return Access::Read;
}

std::vector<std::string> roleNames(const Spec& spec) {
  std::vector<std::string> names;
  for (const SpecRole& role : spec.roles)
    names.push_back(role.name);
  return names;
}

/// The role a tensor plays when it does not say: its own name, or none where it clearly is no part of the operation.
std::string defaultRole(const JsonCursor& at, const TensorDecl& tensor, const Spec& spec) {
  if (tensor.access == Access::Temporary)
    return "";
  if (spec.findRole(tensor.name))
    return tensor.name;
  if (!isFloat(tensor.dtype))
    return ""; // a table of the kernel's own
  at.reject(fmt::format("'{}' is no role of {}, and the tensor gives none", tensor.name, spec.name),
            fmt::format("add \"role\": one of {}, or null", fmt::join(roleNames(spec), ", ")));
  return "";
}

void expectRoleFits(const JsonCursor& at, const TensorDecl& tensor, const SpecRole& role) {
  if (isFloat(tensor.dtype) == role.integer)
    at.reject(fmt::format("the role '{}' needs {} type", role.name, role.integer ? "an integer" : "a floating"));
  bool writes = tensor.access == Access::Write || tensor.access == Access::ReadWrite;
  bool reads = tensor.access == Access::Read || tensor.access == Access::ReadWrite;
  if (role.output && !writes)
    at.reject(fmt::format("'{}' is an output: its access is write or read_write", role.name));
  if (role.output && isFloat8(tensor.dtype))
    at.reject(fmt::format("'{}' is an output of {}: results of 8 bits have no reference, since kernels saturate or do not",
                          role.name, nameOf(tensor.dtype)));
  if (!role.output && !reads)
    at.reject(fmt::format("'{}' is an input: its access is read or read_write", role.name));
}

void readAxes(const JsonCursor& at, TensorDecl& tensor, const SpecRole& role) {
  if (at.has("axes")) {
    for (const JsonCursor& axis : at.at("axes").elements()) {
      std::string name = axis.asOneOf(role.axes);
      if (std::find(tensor.axes.begin(), tensor.axes.end(), name) != tensor.axes.end())
        axis.reject(fmt::format("the axis '{}' is given twice", name));
      tensor.axes.push_back(name);
    }
  } else {
    tensor.axes = role.axes;
  }
  if (tensor.axes.size() != tensor.shape.size())
    at.reject(fmt::format("'{}' has {} dimensions, but its axes are [{}]", tensor.name, tensor.shape.size(),
                          fmt::join(tensor.axes, ", ")),
              "give \"axes\": the axis of each dimension; axes that are left out count as 1");
}

/// "role": ["x", "y"]: an input that becomes an output where it stands.
void readInPlace(const JsonCursor& at, TensorDecl& tensor, const Spec& spec) {
  const auto names = at.at("role").elements(2, 2);
  if (at.failed())
    return;
  tensor.role = names[0].asOneOf(roleNames(spec));
  tensor.output_role = names[1].asOneOf(roleNames(spec));
  const SpecRole *before = spec.findRole(tensor.role), *after = spec.findRole(tensor.output_role);
  if (at.failed() || !before || !after)
    return;
  if (before->output || !after->output)
    at.at("role").reject("of two roles the first is an input, the second the output that replaces it");
  else if (before->axes != after->axes)
    at.at("role").reject(fmt::format("'{}' can't become '{}' in place: their axes differ", before->name, after->name));
  else
    expectRoleFits(at, tensor, *after);
}

void readRole(const JsonCursor& at, TensorDecl& tensor, const Spec* spec) {
  if (!spec) {
    for (const char* key : {"role", "axes"})
      if (at.has(key))
        at.at(key).reject(fmt::format("'{}' has no meaning without a spec", key));
    return;
  }
  if (!at.has("role"))
    tensor.role = defaultRole(at, tensor, *spec);
  else if (at.at("role").isArray())
    readInPlace(at, tensor, *spec);
  else if (!at.at("role").isNull())
    tensor.role = at.at("role").asOneOf(roleNames(*spec));
  const SpecRole* role = at.failed() || tensor.role.empty() ? nullptr : spec->findRole(tensor.role);
  if (!role) {
    if (at.has("axes") && !at.failed())
      at.at("axes").reject("'axes' has no meaning without a role");
    return;
  }
  expectRoleFits(at, tensor, *role);
  readAxes(at, tensor, *role);
}

HoldsDecl readHolds(const JsonCursor& at, const std::vector<std::string>& names) {
  HoldsDecl holds;
  at.expectKeys({"range", "order", "permutation", "first", "last"});
  if (at.has("range")) {
    auto ends = at.at("range").elements(2, 2);
    if (at.failed())
      return holds;
    holds.low = ends[0].asExpr(ExprMode::Integer, &names);
    holds.high = ends[1].asExpr(ExprMode::Integer, &names);
  }
  if (at.has("order")) {
    std::string order = at.at("order").asOneOf({"none", "nondecreasing", "increasing"});
    if (order == "nondecreasing")
      holds.order = HoldsDecl::Order::Nondecreasing;
    if (order == "increasing")
      holds.order = HoldsDecl::Order::Increasing;
  }
  if (at.has("permutation"))
    holds.permutation = at.at("permutation").asBool();
  if (at.has("first"))
    holds.first = at.at("first").asExpr(ExprMode::Integer, &names);
  if (at.has("last"))
    holds.last = at.at("last").asExpr(ExprMode::Integer, &names);
  if (!holds.low)
    at.reject("'holds' needs a 'range'");
  if (holds.permutation && (holds.order != HoldsDecl::Order::None || holds.first || holds.last))
    at.reject("a permutation has neither an order nor fixed ends");
  return holds;
}

std::vector<Expr> readExprs(const JsonCursor& at, const std::vector<std::string>& names, std::size_t least,
                            std::size_t most) {
  std::vector<Expr> all;
  for (const JsonCursor& element : at.elements(least, most))
    all.push_back(element.asExpr(ExprMode::Integer, &names));
  return all;
}

std::size_t findTensor(const JsonCursor& at, const std::string& name, const Contract& contract) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < contract.tensors.size(); ++i) {
    if (contract.tensors[i].name == name)
      return i;
    names.push_back(contract.tensors[i].name);
  }
  at.reject(fmt::format("there is no tensor '{}'", name), didYouMean(name, names));
  return 0;
}

/// A string argument: a tensor's name or an expression.
ArgDecl readTextArg(const JsonCursor& at, const std::vector<std::string>& names, const Contract& contract) {
  ArgDecl arg;
  arg.place = at.place();
  std::string text = at.asString();
  if (contract.findTensor(text)) {
    arg.value = TensorArgDecl{findTensor(at, text, contract), {}};
    return arg;
  }
  auto parsed = parseExpr(text, ExprMode::Real, &names, at.place());
  if (parsed) {
    arg.value = ValueArgDecl{*parsed, {}};
    return arg;
  }
  // Most likely one name was mistyped, and it may have been a tensor's.
  std::vector<std::string> all = names;
  for (const TensorDecl& tensor : contract.tensors)
    all.push_back(tensor.name);
  std::string near = didYouMean(text, all);
  at.reject(parsed.error().message, near.empty() ? parsed.error().hint : near);
  return arg;
}

ArgDecl readArg(const JsonCursor& at, const std::vector<std::string>& names, const Contract& contract);

StructArgDecl readStruct(const JsonCursor& at, const std::vector<std::string>& names, const Contract& contract) {
  StructArgDecl all;
  for (const JsonCursor& field : at.members()) {
    ArgDecl value = readArg(field, names, contract);
    if (std::holds_alternative<StructArgDecl>(value.value))
      field.reject("a struct in a struct: its fields are named with a dot, \"v.n\"");
    all.fields.push_back({field.key(), std::move(value)});
  }
  return all;
}

ArgDecl readArg(const JsonCursor& at, const std::vector<std::string>& names, const Contract& contract) {
  ArgDecl arg;
  arg.place = at.place();
  if (at.isString())
    return readTextArg(at, names, contract);
  if (at.isNull()) {
    arg.value = NullArgDecl{};
  } else if (at.isBool()) {
    arg.value = ValueArgDecl{integerExpr(at.asBool() ? 1 : 0, at.place()), {}};
  } else if (at.isNumber()) {
    arg.value = ValueArgDecl{at.asExpr(ExprMode::Real, &names), {}};
  } else if (at.has("struct")) {
    at.expectKeys({"struct"});
    arg.value = readStruct(at.at("struct"), names, contract);
  } else if (at.has("tensor")) {
    at.expectKeys({"tensor", "offset"});
    TensorArgDecl tensor{findTensor(at.at("tensor"), at.at("tensor").asString(), contract), {}};
    if (at.has("offset"))
      tensor.offset = at.at("offset").asExpr(ExprMode::Integer, &names);
    arg.value = tensor;
  } else {
    at.expectKeys({"value", "type"});
    ValueArgDecl value;
    if (at.has("type")) {
      std::vector<std::string> types = {"bool", "i8",  "u8",  "i16",  "u16", "i32", "u32",
                                        "i64",  "u64", "f16", "bf16", "f32", "f64"};
      value.type = parseScalarType(at.at("type").asOneOf(types));
    }
    value.value = at.at("value").asExpr(ExprMode::Real, &names);
    arg.value = value;
  }
  return arg;
}

} // namespace

TensorDecl readTensor(const JsonCursor& at, const std::vector<std::string>& size_names, const Spec* spec) {
  TensorDecl tensor;
  tensor.name = at.key();
  tensor.place = at.place();
  expectIdentifier(at);
  at.expectKeys({"dtype", "shape", "strides", "access", "role", "axes", "holds"});
  tensor.dtype = parseDType(at.at("dtype").asOneOf(kDTypes)).value_or(DType::F32);
  tensor.shape = readExprs(at.at("shape"), size_names, 1, 8);
  tensor.access = accessNamed(at.at("access").asOneOf({"read", "write", "read_write", "temporary"}));
  if (at.has("strides")) {
    tensor.strides = readExprs(at.at("strides"), size_names, 1, 8);
    if (tensor.strides.size() != tensor.shape.size())
      at.at("strides").reject(
          fmt::format("{} strides for a shape of {} dimensions", tensor.strides.size(), tensor.shape.size()));
  }
  if (at.has("holds")) {
    if (isFloat(tensor.dtype))
      at.at("holds").reject("'holds' is for integer tensors");
    tensor.holds = readHolds(at.at("holds"), size_names);
  }
  readRole(at, tensor, spec);
  return tensor;
}

OptionValue readOptionValue(const JsonCursor& at, const std::vector<std::string>& size_names, const Spec* spec) {
  OptionValue value;
  if (!spec) {
    at.reject("options have no meaning without a spec");
    return value;
  }
  const SpecOption* option = spec->findOption(at.key());
  if (!option) {
    std::vector<std::string> known;
    for (const SpecOption& candidate : spec->options)
      known.push_back(candidate.name);
    std::string hint = didYouMean(at.key(), known);
    if (hint.empty())
      hint = fmt::format("its options are {}", fmt::join(known, ", "));
    at.reject(fmt::format("{} has no option '{}'", spec->name, at.key()), hint);
    return value;
  }
  if (option->type != SpecOption::Type::Choice) {
    value.value = at.asExpr(option->type == SpecOption::Type::Real ? ExprMode::Real : ExprMode::Integer, &size_names);
    return value;
  }
  if (at.isBool()) {
    value.choice = at.asBool() ? option->if_true : option->if_false;
    if (value.choice.empty())
      at.reject(fmt::format("expected one of {}", fmt::join(option->values, ", ")));
    return value;
  }
  std::string text = at.asString();
  bool is_value = std::find(option->values.begin(), option->values.end(), text) != option->values.end();
  auto parsed = parseExpr(text, ExprMode::Integer, &size_names, at.place());
  if (is_value)
    value.choice = text;
  else if (parsed && !option->if_true.empty() && !option->if_false.empty())
    value.value = *parsed;
  else
    at.asOneOf(option->values);
  return value;
}

LaunchDecl readLaunch(const JsonCursor& at, const std::vector<std::string>& size_names, const Contract& contract) {
  LaunchDecl launch;
  launch.place = at.place();
  launch.shared = integerExpr(0, at.place());
  at.expectKeys({"kernel", "args", "grid", "block", "shared"});
  launch.kernel = at.at("kernel").asString();
  if (!at.failed() && launch.kernel.find_first_not_of(" \t") == std::string::npos)
    at.at("kernel").reject("the kernel's name is empty");
  for (const JsonCursor& arg : at.at("args").elements())
    launch.args.push_back(readArg(arg, size_names, contract));
  launch.grid = readExprs(at.at("grid"), size_names, 1, 3);
  launch.block = readExprs(at.at("block"), size_names, 1, 3);
  if (at.has("shared"))
    launch.shared = at.at("shared").asExpr(ExprMode::Integer, &size_names);
  return launch;
}

Precision readPrecision(const JsonCursor& at, const std::vector<std::string>& size_names) {
  Precision precision;
  at.expectKeys({"qk", "p", "pv", "sum", "kv", "exp", "out", "variance", "tile", "chain"});
  auto arithmetic = [&](const char* key, Arithmetic fallback) {
    if (!at.has(key))
      return fallback;
    return parseArithmetic(at.at(key).asOneOf({"f64", "f32", "tf32", "f16", "bf16", "e4m3", "e5m2"})).value_or(fallback);
  };
  precision.qk = arithmetic("qk", precision.qk);
  precision.p = arithmetic("p", precision.p);
  precision.pv = arithmetic("pv", precision.pv);
  precision.sum = arithmetic("sum", precision.sum);
  precision.kv = arithmetic("kv", precision.kv);
  if (at.has("out"))
    precision.out = arithmetic("out", Arithmetic::F32);
  if (at.has("exp"))
    precision.exp =
        at.at("exp").asOneOf({"accurate", "fast"}) == "fast" ? Precision::Exp::Fast : Precision::Exp::Accurate;
  if (at.has("variance")) {
    std::string method = at.at("variance").asOneOf({"two-pass", "welford", "one-pass"});
    if (method == "welford")
      precision.variance = Precision::Variance::Welford;
    if (method == "one-pass")
      precision.variance = Precision::Variance::OnePass;
  }
  if (at.has("tile"))
    precision.tile = at.at("tile").asExpr(ExprMode::Integer, &size_names);
  if (at.has("chain"))
    precision.chain = at.at("chain").asExpr(ExprMode::Integer, &size_names);
  return precision;
}

} // namespace kverify::contract

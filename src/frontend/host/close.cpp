#include "frontend/host/closing.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "frontend/host/elements.h"

namespace kverify::frontend::host {
namespace {

using Kind = Value::Kind;
using Origin = TensorState::Origin;

/// One says that two terms are equal and the other that they are not.
bool contradict(const Term& a, const Term& b) {
  bool opposed = (a->op == ExprOp::Equal && b->op == ExprOp::NotEqual) || (a->op == ExprOp::NotEqual && b->op == ExprOp::Equal);
  return opposed && same(a->args[0], b->args[0]) && same(a->args[1], b->args[1]);
}

} // namespace

/// An input's shape is what the host code asks about. Of all ranks that allow its questions the least is taken: a legal
/// input.
void Closing::settleInput(std::size_t i) {
  TensorState& tensor = trace_.tensors[i];
  std::int64_t rank = 0, back = 0;
  for (std::int64_t at : tensor.asked) {
    rank = std::max(rank, at + 1);
    back = std::max(back, -at);
  }
  if (tensor.asked.empty() && tensor.asked_numel && !countsWith(tensor.name + "_numel"))
    tensor.asked_numel = false; // whether there are any elements says nothing of how many
  bool nothing = tensor.asked.empty() && !tensor.asked_numel;
  std::string dim_name = tensor.name + "_dim";
  if (tensor.rank)
    rank = std::max(*tensor.rank, std::int64_t{1});
  else if (tensor.asked.empty())
    rank = 1;
  else {
    // One more dimension where the code knows how many elements there are in all, or asked for a single size: a matrix
    // of which only size(0) is asked is likely square.
    const bool one_more = tensor.asked_numel || rank + back == 1;
    rank += back + one_more;
    if (!tensor.asked_numel)
      uncertain_.insert(i);
    else
      widened_[i] = fmt::format("{}_{}", tensor.name, rank - 1);
  }
  aliases_[dim_name] = number(tensor.raw ? 1 : rank);
  std::vector<Term> shape;
  std::int64_t high = rank == 1 ? 1 << 20 : rank == 2 ? 4096 : 1024;
  for (std::int64_t d = 0; d < rank; ++d) {
    std::string name = fmt::format("{}_{}", tensor.name, d);
    if (rank == 1 && tensor.asked.empty())
      name = tensor.name + "_numel";
    shape.push_back(nameTerm(name));
    sizes_[name] = {name, 1, high, nullptr, rank == 1 && tensor.asked.empty() ? tensor.name + ".numel()" : fmt::format("{}.size({})", tensor.name, d),
                    tensor.line, Certainty::Assumed};
    source_[name] = i;
    bool seen = tensor.asked_numel || tensor.asked.contains(d) || tensor.asked.contains(d - rank);
    if (!seen)
      unobserved_.insert(name);
    aliases_[fmt::format("{}_m{}", tensor.name, rank - d)] = nameTerm(name);
  }
  if (rank > 1 || !tensor.asked.empty())
    aliases_[tensor.name + "_numel"] = product(shape);
  if (nothing)
    open_.insert(tensor.name);
  shapes_[i] = shape;
}

void Closing::settleShapes() {
  shapes_.resize(trace_.tensors.size());
  // Questions about a tensor that turned out to be shaped like another are questions about that one.
  for (std::size_t i = 0; i < trace_.tensors.size(); ++i) {
    TensorState& tensor = trace_.tensors[i];
    std::size_t owner = ownerOf(i);
    if (owner == i || tensor.origin == Origin::Allocated)
      continue;
    TensorState& other = trace_.tensors[owner];
    for (std::int64_t at : tensor.asked) {
      std::string tail = at < 0 ? fmt::format("_m{}", -at) : fmt::format("_{}", at);
      aliases_[tensor.name + tail] = nameTerm(other.name + tail);
      if (other.origin != Origin::Allocated)
        other.asked.insert(at);
    }
    aliases_[tensor.name + "_numel"] = nameTerm(other.name + "_numel");
    aliases_[tensor.name + "_dim"] = nameTerm(other.name + "_dim");
    other.asked_numel |= tensor.asked_numel;
    if (!other.rank)
      other.rank = tensor.rank;
  }
  for (std::size_t i = 0; i < trace_.tensors.size(); ++i)
    if (hasOwnShape(i))
      settleInput(i);
  for (const FreeInteger& one : trace_.integers)
    sizes_[one.name] = {one.name, one.low, one.high, nullptr, one.meaning, one.line, one.legal ? Certainty::Assumed : Certainty::Guessed};
}

Term Closing::withoutFacts(const Term& term) const {
  if (!term)
    return nullptr;
  std::map<std::string, Term> values;
  for (const std::string& name : freeNames(*term)) {
    const std::vector<std::string> about = factParts(name);
    if (about.empty())
      continue;
    const std::size_t tensor = std::stoul(about[1]);
    const TensorState& state = trace_.tensors[tensor];
    Term& value = values[name];
    if (about[0] == "defined") // an optional tensor of which no condition asks is there
      value = number(state.defined.value_or(true));
    else if (about[0] == "type" && !state.element.empty())
      value = number(state.element == about[2]);
    else if (about[0] == "same" && ownerOf(tensor) == ownerOf(std::stoul(about[2])))
      value = number(1);
  }
  return values.empty() ? term : substitute(term, values);
}

/// Two terms are equal: where one is a free size, it stands for the other from now on.
bool Closing::alias(const Term& a, const Term& b) {
  for (const auto& [name, value] : {std::pair{a, b}, std::pair{b, a}}) {
    if (name->op != ExprOp::Name || !sizes_.contains(name->name) || freeNames(*value).contains(name->name))
      continue;
    // A guessed one goes first: what it equals is better known.
    if (value->op == ExprOp::Name && sizes_.contains(value->name) && sizes_[value->name].certainty == Certainty::Guessed &&
        sizes_[name->name].certainty != Certainty::Guessed)
      continue;
    aliases_[name->name] = value;
    for (const std::string& used : freeNames(*value))
      if (!unobserved_.contains(name->name))
        unobserved_.erase(used);
    return true;
  }
  return false;
}

/// Is the size part of anything but the question whether there are any elements?
bool Closing::countsWith(const std::string& size) const {
  auto in = [&](const Term& term) { return term && freeNames(*term).contains(size); };
  auto asks = [&](const Term& term) { return term->args.size() == 2 && term->args[0]->op == ExprOp::Name && constantOf(term->args[1]).value_or(2) < 2; };
  std::function<bool(const Value&)> part = [&](const Value& value) {
    return in(value.term) || in(value.formula) || std::any_of(value.dims.begin(), value.dims.end(), in) ||
           std::any_of(value.list.begin(), value.list.end(), part);
  };
  return std::any_of(trace_.requirements.begin(), trace_.requirements.end(), [&](const Requirement& one) { return in(one.term) && !asks(one.term); }) ||
         std::any_of(trace_.tensors.begin(), trace_.tensors.end(), [&](const TensorState& one) { return std::any_of(one.shape.begin(), one.shape.end(), in); }) ||
         std::any_of(trace_.launches.begin(), trace_.launches.end(), [&](const MetLaunch& one) {
           return std::any_of(one.config.begin(), one.config.end(), part) || std::any_of(one.args.begin(), one.args.end(), part);
         });
}

/// Holds for every size there may be: `bias.numel() > 0`.
bool Closing::isNoQuestion(const Term& term) const {
  bool is_size = term && term->args.size() == 2 && term->args[0]->op == ExprOp::Name;
  auto size = is_size ? sizes_.find(term->args[0]->name) : sizes_.end();
  auto bound = is_size ? constantOf(term->args[1]) : std::nullopt;
  if (size == sizes_.end() || size->second.equals || !bound)
    return false;
  return (term->op == ExprOp::Greater && *bound < size->second.low) || (term->op == ExprOp::GreaterEqual && *bound <= size->second.low) ||
         (term->op == ExprOp::NotEqual && *bound < size->second.low);
}

/// `bias.numel() <= 0` says that an input is empty.
Term Closing::saidOfEmpty(const Term& term) const {
  bool at_most = term && (term->op == ExprOp::LessEqual || term->op == ExprOp::Less) && term->args[0]->op == ExprOp::Name;
  bool none = at_most && constantOf(term->args[1]) == (term->op == ExprOp::Less ? 1 : 0);
  return none && source_.contains(term->args[0]->name) ? make(ExprOp::Equal, term->args[0], number(0)) : term;
}

bool Closing::settleRequirements() {
  for (const Requirement& one : trace_.requirements) {
    Term term = saidOfEmpty(settled(one.term));
    path_.facts.push_back({one.text, one.line, one.certainty});
    if (auto known = constantOf(term)) {
      if (!*known)
        return false; // no input of the rank that was settled takes this way
      continue;
    }
    if (!term || isNoQuestion(term) || (term->op == ExprOp::Equal && alias(term->args[0], term->args[1])))
      continue;
    path_.requirements.push_back(term);
  }
  for (Term& term : path_.requirements)
    term = settled(term);
  std::erase_if(path_.requirements, [](const Term& term) { return constantOf(term).value_or(0) != 0; });
  return mayHold();
}

bool Closing::mayHold() const {
  for (const Term& a : path_.requirements)
    for (const Term& b : path_.requirements)
      if (contradict(a, b))
        return false;
  return std::none_of(path_.requirements.begin(), path_.requirements.end(), [](const Term& term) { return constantOf(term) == 0; });
}

/// Every size in it as what it settled to; null where that divides as integers do.
Term Closing::settledFormula(const Term& formula) const {
  if (!formula)
    return nullptr;
  if (formula->op == ExprOp::Name)
    return asReal(settled(formula));
  if (formula->args.empty())
    return formula;
  Term first = settledFormula(formula->args[0]);
  return formula->args.size() == 1 ? real(formula->op, first) : real(formula->op, first, settledFormula(formula->args[1]));
}

/// A size carries the names of the variables that held it, or held what turned out to be equal.
void Closing::rememberNames() {
  for (const auto& [name, variable] : trace_.called)
    if (Term size = settled(nameTerm(name)); size && size->op == ExprOp::Name)
      if (auto found = sizes_.find(size->name); found != sizes_.end())
        found->second.called.insert(variable);
}

std::vector<Term> Closing::dimsOf(const Value& dims) const {
  std::vector<Term> all(3, nullptr);
  if (dims.kind == Kind::Integer)
    all = {settled(dims.term), number(1), number(1)};
  for (std::size_t i = 0; i < 3 && dims.kind == Kind::Dims; ++i)
    all[i] = settled(dims.dims[i]);
  return all;
}

HostArg Closing::integerArg(const Value& value, const KernelParam& param, const MetLaunch& met) {
  HostArg arg;
  arg.term = value.kind == Kind::Integer ? settled(value.term) : nullptr;
  if (arg.term)
    return arg;
  std::string name = param.name.empty() ? "value" : param.name;
  while (sizes_.contains(name))
    name += "_";
  sizes_[name] = {name, 1, 1024, nullptr, fmt::format("the argument '{}'", param.name), met.line, Certainty::Guessed};
  guess(Guess::About::Values, fmt::format("the value of '{}' at the launch of line {} is not known: {}", param.name, met.line,
                                          value.why.empty() ? "the host code computes it in a way that is not followed" : value.why));
  arg.term = nameTerm(name);
  return arg;
}

std::optional<std::size_t> Closing::place(std::size_t tensor, const KernelParam& param, const MetLaunch& met, const std::string& kernel) {
  TensorState& state = trace_.tensors[tensor];
  if (state.element.empty() && param.pointee_dtype)
    state.element = elementOf(*param.pointee_dtype);
  if (*dtypeOf(state.element) == 0) {
    miss(met.line, fmt::format("'{}' of {} holds elements that contracts have no type for ({}; line {})", param.name, kernel,
                               state.element.empty() ? param.pointee : state.element, met.line));
    return std::nullopt;
  }
  bool writes = !param.pointee_const;
  if (auto found = placed_.find(tensor); found != placed_.end()) {
    HostTensor& known = path_.tensors[found->second];
    if (writes)
      written_.insert(found->second);
    if (writes && known.access == "read")
      known.access = "read_write";
    return found->second;
  }
  HostTensor made{.name = state.name, .dtype = dtypeOf(state.element), .meaning = state.meaning, .line = state.line};
  made.of_caller = state.origin == Origin::Input;
  std::size_t owner = ownerOf(tensor);
  made.shape = trace_.tensors[owner].origin == Origin::Allocated ? trace_.tensors[owner].shape : shapes_[owner];
  for (Term& size : made.shape)
    size = settled(size);
  if (made.shape.empty())
    made.shape = {number(1)}; // of no dimensions: one element
  made.access = !state.initialised ? "write" : writes ? "read_write" : "read";
  bool is_integer = made.dtype == "i32" || made.dtype == "i64" || made.dtype == "u8";
  if (is_integer && state.initialised) {
    made.holds = std::pair<std::int64_t, std::int64_t>{0, state.zeroed ? 0 : 1};
    if (!state.zeroed && state.element != "Bool")
      guess(Guess::About::Values, fmt::format("what the integer tensor '{}' holds is not known (line {})", state.name, state.line));
  }
  bool unknown_size = std::any_of(made.shape.begin(), made.shape.end(), [](const Term& size) { return !size; });
  if (unknown_size) {
    guess(Guess::About::Extents, fmt::format("the shape of '{}' is computed in a way that is not followed (line {})", state.name, state.line), state.name);
    open_.insert(state.name);
  }
  path_.tensors.push_back(std::move(made));
  placed_[tensor] = path_.tensors.size() - 1;
  if (writes)
    written_.insert(path_.tensors.size() - 1);
  return path_.tensors.size() - 1;
}

std::optional<HostArg> Closing::tensorArg(const Value& value, const KernelParam& param, const MetLaunch& met, const std::string& kernel) {
  auto index = place(value.tensor, param, met, kernel);
  if (!index)
    return std::nullopt;
  HostArg arg;
  arg.kind = HostArg::Kind::Tensor;
  arg.tensor = *index;
  arg.term = settled(value.term);
  if (constantOf(arg.term) == 0)
    arg.term = nullptr;
  else if (!arg.term && value.kind == Kind::Pointer) {
    miss(met.line, fmt::format("where '{}' of {} points to is not known (line {})", param.name, kernel, met.line));
    return std::nullopt;
  }
  return arg;
}

std::optional<HostArg> Closing::argument(const Value& value, const KernelParam& param, const MetLaunch& met, const std::string& kernel) {
  HostArg arg;
  switch (param.kind) {
  case KernelParam::Kind::Pointer:
    if (value.kind == Kind::Pointer)
      return tensorArg(value, param, met, kernel);
    if (value.kind == Kind::Null) {
      arg.kind = HostArg::Kind::Null;
      return arg;
    }
    miss(met.line, fmt::format("which memory '{}' of {} points to is not known: {} (line {})", param.name, kernel,
                               value.why.empty() ? "it is not a tensor's and not cudaMalloc's" : value.why, met.line));
    return std::nullopt;
  case KernelParam::Kind::Integer: return integerArg(value, param, met);
  case KernelParam::Kind::Float:
    arg.kind = HostArg::Kind::Real;
    arg.real = value.has_real && std::isfinite(value.real) ? value.real : 1;
    if (value.kind == Kind::Integer && constantOf(value.term))
      arg.real = static_cast<double>(*constantOf(value.term));
    else if (!(value.has_real && std::isfinite(value.real)) && !(arg.term = settledFormula(formulaOf(value))))
      path_.facts.push_back({fmt::format("'{}' of {} is 1", param.name, kernel), met.line, Certainty::Assumed});
    return arg;
  case KernelParam::Kind::Struct: break;
  }
  if (value.kind != Kind::Accessor || param.fields.empty()) {
    miss(met.line, fmt::format("the struct '{}' of {} is built in a way that is not followed (line {})", param.name, kernel, met.line));
    return std::nullopt;
  }
  arg.kind = HostArg::Kind::Struct;
  for (const KernelParam& field : param.fields) {
    std::size_t open = field.name.find('[');
    if (field.kind == KernelParam::Kind::Pointer) {
      auto data = tensorArg(Value::ofTensor(value.tensor), field, met, kernel);
      if (!data)
        return std::nullopt;
      arg.fields.push_back({field.name, *data});
      continue;
    }
    std::size_t at = open == std::string::npos ? 0 : std::stoul(field.name.substr(open + 1));
    HostArg number_arg;
    if (at >= value.dims.size()) {
      miss(met.line, fmt::format("the struct '{}' of {} is not an accessor as they are known (line {})", param.name, kernel, met.line));
      return std::nullopt;
    }
    number_arg.term = field.name.find("size") != std::string::npos
                          ? settled(value.dims[at])
                          : settled(product({value.dims.begin() + static_cast<std::ptrdiff_t>(at) + 1, value.dims.end()}));
    arg.fields.push_back({field.name, number_arg});
  }
  return arg;
}

bool Closing::takeLaunch(const MetLaunch& met) {
  if (!met.kernel)
    return miss(met.line, fmt::format("which kernel line {} launches is not known", met.line));
  KernelInfo kernel = describeKernel(*met.kernel, context_);
  HostLaunch launch{.kernel = printedName(*met.kernel, context_, false), .line = met.line};
  if (met.config.size() < 2)
    return miss(met.line, fmt::format("the launch of {} has no configuration (line {})", launch.kernel, met.line));
  if (met.config[0].unset || met.config[1].unset)
    return never_ = true, false;
  launch.grid = dimsOf(met.config[0]);
  launch.block = dimsOf(met.config[1]);
  for (std::size_t which : {0, 1})
    for (const Term& size : which ? launch.block : launch.grid)
      if (!size)
        return miss(met.line, fmt::format("the {} of {} is not known{}{} (line {})", which ? "block" : "grid", launch.kernel,
                                          met.config[which].why.empty() ? "" : ": ", met.config[which].why, met.line));
  launch.shared = met.config.size() > 2 && met.config[2].kind == Kind::Integer ? settled(met.config[2].term) : nullptr;
  if (met.config.size() > 2 && !launch.shared)
    return miss(met.line, fmt::format("how much shared memory {} is given is not known: {} (line {})", launch.kernel, met.config[2].why, met.line));
  if (!launch.shared)
    launch.shared = number(0);
  if (met.args.size() != kernel.params.size())
    return miss(met.line, fmt::format("{} takes {} arguments, {} were found (line {})", launch.kernel, kernel.params.size(), met.args.size(), met.line));
  for (std::size_t i = 0; i < met.args.size(); ++i) {
    auto arg = argument(met.args[i], kernel.params[i], met, launch.kernel);
    if (!arg)
      return false;
    arg->name = kernel.params[i].name;
    launch.args.push_back(std::move(*arg));
  }
  path_.launches.push_back(std::move(launch));
  return true;
}

std::optional<HostPath> inputsOf(Trace trace, const clang::FunctionDecl& entry, clang::ASTContext& context) {
  return Closing(std::move(trace), entry, context).inputs();
}

std::variant<std::monostate, HostPath, Missing> closed(Trace trace, const clang::FunctionDecl& entry, clang::ASTContext& context) {
  return Closing(std::move(trace), entry, context).run();
}

} // namespace kverify::frontend::host

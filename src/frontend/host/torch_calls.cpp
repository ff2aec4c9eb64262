// What PyTorch's functions and methods say about shapes and types.
#include <algorithm>

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>

#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {
namespace {

using Kind = Value::Kind;
using Names = std::set<std::string>;

bool isAllocation(const std::string& name) {
  static const Names known = {"empty", "zeros", "ones", "full", "rand", "randn", "empty_like", "zeros_like", "ones_like", "full_like",
                              "rand_like", "randn_like", "new_empty", "new_zeros", "new_ones", "new_full"};
  return known.contains(name);
}

/// Element by element: the shape stays.
bool keepsShape(const std::string& name) {
  static const Names known = {"clone", "relu", "sigmoid", "tanh", "exp", "log", "sqrt", "rsqrt", "neg", "abs", "sub", "mul", "div", "add",
                              "float", "half", "double", "bfloat16", "type_as", "clamp", "pow", "sin", "cos", "gelu", "silu", "square",
                              "reciprocal", "softmax", "to"};
  return known.contains(name);
}

bool isSelf(const std::string& name) {
  static const Names known = {"detach", "cuda", "alias", "requires_grad_", "set_requires_grad", "value", "toTensor"};
  return known.contains(name) || (name.size() > 1 && name.back() == '_');
}

/// Leaves contents, whatever there was.
bool overwrites(const std::string& name) {
  static const Names known = {"zero_", "fill_", "copy_", "normal_", "uniform_", "random_", "ones_"};
  return known.contains(name);
}

std::int64_t bytesOf(const std::string& element) {
  static const std::map<std::string, std::int64_t> bytes = {{"Float", 4}, {"Int", 4}, {"Half", 2}, {"BFloat16", 2},
                                                            {"Long", 8}, {"Double", 8}, {"Byte", 1}, {"Bool", 1}};
  auto found = bytes.find(element);
  return found == bytes.end() ? 0 : found->second;
}

} // namespace

std::size_t Interpreter::shapeOwner(std::size_t tensor) const {
  while (trace_.tensors[tensor].like != Value::kNoTensor)
    tensor = trace_.tensors[tensor].like;
  return tensor;
}

std::string Interpreter::elementOf(const Value& type) const {
  if (!type.element.empty() || type.tensor == Value::kNoTensor)
    return type.element;
  return trace_.tensors[type.tensor].element;
}

void Interpreter::settleElement(std::size_t tensor, const std::string& element) {
  if (trace_.tensors[tensor].element.empty())
    trace_.tensors[tensor].element = element;
}

std::optional<std::vector<Term>> Interpreter::dimsOf(const Value& tensor) {
  if (tensor.viewed)
    return tensor.dims;
  TensorState& owner = trace_.tensors[shapeOwner(tensor.tensor)];
  if (owner.origin == TensorState::Origin::Allocated)
    return owner.shape;
  if (!owner.rank)
    return std::nullopt;
  std::vector<Term> dims;
  for (std::int64_t i = 0; i < *owner.rank; ++i)
    dims.push_back(nameTerm(fmt::format("{}_{}", owner.name, i)));
  return dims;
}

Term Interpreter::sizeOf(const Value& tensor, const Term& index) {
  auto at = constantOf(index);
  if (!at)
    return nullptr;
  TensorState& owner = trace_.tensors[shapeOwner(tensor.tensor)];
  bool of_input = !tensor.viewed && owner.origin != TensorState::Origin::Allocated;
  if (auto dims = dimsOf(tensor)) {
    std::int64_t rank = static_cast<std::int64_t>(dims->size()), i = *at < 0 ? *at + rank : *at;
    if (of_input)
      owner.asked.insert(i);
    return i >= 0 && i < rank ? (*dims)[static_cast<std::size_t>(i)] : nullptr;
  }
  owner.asked.insert(*at);
  return nameTerm(*at < 0 ? fmt::format("{}_m{}", owner.name, -*at) : fmt::format("{}_{}", owner.name, *at));
}

Term Interpreter::numelOf(const Value& tensor) {
  TensorState& owner = trace_.tensors[shapeOwner(tensor.tensor)];
  if (tensor.viewed || owner.origin == TensorState::Origin::Allocated)
    return product(*dimsOf(tensor));
  owner.asked_numel = true;
  return nameTerm(owner.name + "_numel");
}

Term Interpreter::rankOf(const Value& tensor) {
  if (auto dims = dimsOf(tensor))
    return number(static_cast<std::int64_t>(dims->size()));
  return nameTerm(trace_.tensors[shapeOwner(tensor.tensor)].name + "_dim");
}

Value Interpreter::computed(const std::string& what, const clang::Expr& at) {
  TensorState made;
  made.name = fresh(hint_.empty() ? "computed" : hint_);
  made.meaning = what;
  made.line = lineOf(&at);
  made.origin = TensorState::Origin::Computed;
  made.initialised = true;
  trace_.tensors.push_back(std::move(made));
  return Value::ofTensor(trace_.tensors.size() - 1);
}

Value Interpreter::allocate(const std::string& name, const clang::CallExpr& call, unsigned first, const Value* self) {
  TensorState made;
  made.meaning = (self ? "" : "torch::") + name;
  made.line = lineOf(&call);
  made.origin = TensorState::Origin::Allocated;
  made.zeroed = name.find("zeros") != std::string::npos;
  made.initialised = name.find("empty") == std::string::npos;
  std::string hint = hint_;
  bool has_shape = false;
  if (self)
    made.element = elementOf(*self);
  for (unsigned i = first; i < call.getNumArgs(); ++i) {
    if (llvm::isa<clang::CXXDefaultArgExpr>(call.getArg(i)))
      continue;
    Value value = eval(call.getArg(i));
    if (value.kind == Kind::Element || value.kind == Kind::Options) {
      made.element = elementOf(value).empty() ? made.element : elementOf(value);
      continue;
    }
    if (has_shape)
      continue;
    has_shape = true;
    if (value.kind == Kind::Integer)
      made.shape = {value.term};
    else if (value.kind == Kind::List)
      for (const Value& size : value.list)
        made.shape.push_back(size.kind == Kind::Integer ? size.term : nullptr);
    else if ((value.kind == Kind::Tensor && !value.viewed) || value.kind == Kind::Sizes)
      made.like = value.tensor;
    else if (value.kind == Kind::Tensor)
      made.shape = value.dims;
    else
      made.shape = {nullptr};
    if (value.kind == Kind::Tensor && made.element.empty())
      made.element = trace_.tensors[value.tensor].element;
  }
  made.name = fresh(hint.empty() ? "made" : hint);
  trace_.tensors.push_back(std::move(made));
  return Value::ofTensor(trace_.tensors.size() - 1);
}

Value Interpreter::viewOf(const Value& self, const Value& wanted) {
  if (wanted.kind == Kind::Sizes)
    return self;
  if (wanted.kind != Kind::List && wanted.kind != Kind::Integer)
    return self;
  std::vector<Value> sizes = wanted.kind == Kind::List ? wanted.list : std::vector<Value>{wanted};
  Value view = self;
  view.viewed = true;
  view.dims.clear();
  Term rest = number(1);
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Term size = sizes[i].kind == Kind::Integer ? sizes[i].term : nullptr;
    if (constantOf(size) == -1)
      open = i;
    else
      rest = make(ExprOp::Multiply, rest, size);
    view.dims.push_back(size);
  }
  if (open)
    view.dims[*open] = make(ExprOp::Divide, numelOf(self), rest);
  return view;
}

/// x[i]: what lies i parts in, seen as a tensor of one dimension less. Nothing where that is not known.
std::optional<Value> Interpreter::partOf(const Value& self, const Value& index) {
  if (index.kind != Kind::Integer || !index.term || self.transposed)
    return std::nullopt;
  TensorState& owner = trace_.tensors[shapeOwner(self.tensor)];
  const bool of_input = !self.viewed && owner.origin != TensorState::Origin::Allocated;
  if (of_input)
    pinRank(self.tensor, 2);
  auto dims = dimsOf(self);
  if (!dims || dims->empty())
    return std::nullopt;
  for (std::size_t i = 0; of_input && i < dims->size(); ++i)
    owner.asked.insert(static_cast<std::int64_t>(i));
  Value view = self;
  view.viewed = true;
  view.dims.assign(dims->begin() + 1, dims->end());
  const Term at = constantOf(index.term).value_or(0) < 0 ? make(ExprOp::Add, dims->front(), index.term) : index.term;
  const Term offset = make(ExprOp::Multiply, at, product(view.dims));
  view.term = self.term ? make(ExprOp::Add, self.term, offset) : offset;
  return view.term ? std::optional(view) : std::nullopt;
}

Value Interpreter::transposedOf(const Value& self, const std::vector<Value>& order) {
  std::vector<std::int64_t> places;
  for (const Value& one : order) {
    auto place = one.kind == Kind::Integer ? constantOf(one.term) : std::nullopt;
    if (!place)
      return self;
    places.push_back(*place);
  }
  TensorState& owner = trace_.tensors[shapeOwner(self.tensor)];
  bool two = places.size() == 2 && places[0] != places[1];
  if (!dimsOf(self) && two && std::all_of(places.begin(), places.end(), [](std::int64_t i) { return i >= -2 && i <= 1; })) {
    owner.rank = 2;
    fact(fmt::format("{} has two dimensions", owner.name), owner.line, Certainty::Assumed);
  }
  auto dims = dimsOf(self);
  if (!dims || !two)
    return self;
  std::int64_t rank = static_cast<std::int64_t>(dims->size());
  for (std::int64_t& i : places)
    i += i < 0 ? rank : 0;
  if (places[0] < 0 || places[1] < 0 || places[0] >= rank || places[1] >= rank)
    return self;
  Value view = self;
  view.viewed = view.transposed = true;
  view.dims = *dims;
  std::swap(view.dims[static_cast<std::size_t>(places[0])], view.dims[static_cast<std::size_t>(places[1])]);
  if (owner.origin != TensorState::Origin::Allocated)
    for (std::int64_t i = 0; i < rank; ++i)
      owner.asked.insert(i);
  return view;
}

Value Interpreter::flattened(const Value& self, const std::vector<Value>& range) {
  auto constant = [&](std::size_t i, std::int64_t otherwise) {
    return i < range.size() && range[i].kind == Kind::Integer ? constantOf(range[i].term).value_or(otherwise) : otherwise;
  };
  std::int64_t from = constant(0, 0), to = constant(1, -1);
  Value view = self;
  auto dims = dimsOf(self);
  view.viewed = true;
  view.dims.clear();
  if (!dims) {
    if (from != 0 || to != -1)
      return self;
    view.dims = {numelOf(self)};
    return view;
  }
  std::int64_t rank = static_cast<std::int64_t>(dims->size());
  from += from < 0 ? rank : 0;
  to += to < 0 ? rank : 0;
  for (std::int64_t i = 0; i < rank; ++i) {
    const Term& size = (*dims)[static_cast<std::size_t>(i)];
    if (i > from && i <= to)
      view.dims.back() = make(ExprOp::Multiply, view.dims.back(), size);
    else
      view.dims.push_back(size);
  }
  return view;
}

Value Interpreter::packed(const Value& self, const clang::CallExpr& call) {
  const auto* record = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(call.getType()->getAsCXXRecordDecl());
  Value accessor = Value::of(Kind::Accessor);
  accessor.tensor = self.tensor;
  if (!record || record->getTemplateArgs().size() < 2 || self.term) // of a part: where it begins would be lost
    return Value::unknown(whyUnknown(&call));
  std::int64_t rank = record->getTemplateArgs()[1].getAsIntegral().getExtValue();
  settleElement(self.tensor, elementNameOf(record->getTemplateArgs()[0].getAsType()));
  TensorState& owner = trace_.tensors[shapeOwner(self.tensor)];
  if (!self.viewed && owner.origin != TensorState::Origin::Allocated) {
    owner.rank = rank;
    for (std::int64_t i = 0; i < rank; ++i)
      owner.asked.insert(i); // the kernel can ask for them
  }
  if (auto dims = dimsOf(self); dims && !self.transposed && static_cast<std::int64_t>(dims->size()) == rank)
    accessor.dims = *dims;
  else
    return Value::unknown(whyUnknown(&call));
  return accessor;
}

Value Interpreter::tensorMethod(const std::string& name, const Value& self, const clang::CallExpr& call, unsigned first) {
  std::string hint = std::move(hint_);
  hint_.clear();
  std::vector<Value> arguments;
  for (unsigned i = first; i < call.getNumArgs() && !isAllocation(name); ++i)
    arguments.push_back(eval(call.getArg(i)));
  hint_ = std::move(hint);
  TensorState& state = trace_.tensors[self.tensor];
  auto index = [&](std::size_t i) { return i < arguments.size() && arguments[i].kind == Kind::Integer ? arguments[i].term : nullptr; };
  if (name == "size" || name == "sym_size")
    return Value::integer(sizeOf(self, index(0)), whyUnknown(&call));
  if (name == "numel" || name == "sym_numel")
    return Value::integer(numelOf(self), whyUnknown(&call));
  if (name == "dim" || name == "ndimension")
    return Value::integer(rankOf(self));
  if (name == "nbytes" || name == "element_size" || name == "itemsize") {
    Term bytes = bytesOf(state.element) ? number(bytesOf(state.element)) : nullptr;
    return Value::integer(name == "nbytes" ? make(ExprOp::Multiply, numelOf(self), bytes) : bytes, whyUnknown(&call));
  }
  if (name == "stride") {
    auto at = constantOf(index(0));
    if (at && *at == -1 && !self.transposed)
      return Value::integer(number(1));
    auto dims = dimsOf(self);
    if (!dims || !at || self.transposed)
      return Value::unknown(whyUnknown(&call));
    std::int64_t i = *at < 0 ? *at + static_cast<std::int64_t>(dims->size()) : *at;
    if (i < 0 || i >= static_cast<std::int64_t>(dims->size()))
      return Value::unknown(whyUnknown(&call));
    return Value::integer(product({dims->begin() + i + 1, dims->end()}));
  }
  if (name == "sizes" || name == "sym_sizes") {
    auto dims = dimsOf(self);
    Value sizes = Value::of(dims && (self.viewed || state.origin == TensorState::Origin::Allocated) ? Kind::List : Kind::Sizes);
    sizes.tensor = self.tensor;
    if (sizes.kind == Kind::List && !self.viewed && state.like != Value::kNoTensor)
      sizes.kind = Kind::Sizes;
    if (sizes.kind == Kind::List)
      for (const Term& size : *dims)
        sizes.list.push_back(Value::integer(size));
    return sizes;
  }
  if (name == "data_ptr" || name == "mutable_data_ptr" || name == "const_data_ptr" || name == "data") {
    if (call.getType()->isPointerType()) {
      std::string element = elementNameOf(call.getType()->getPointeeType());
      if (!element.empty())
        settleElement(self.tensor, element);
      Value pointer = Value::of(state.optional && state.defined == false ? Kind::Null : Kind::Pointer);
      pointer.tensor = self.tensor;
      pointer.term = self.term ? self.term : number(0); // a part of it
      return pointer;
    }
    return self;
  }
  if (name.find("packed_accessor") != std::string::npos)
    return packed(self, call);
  if (name == "scalar_type" || name == "dtype" || name == "type") {
    Value type = Value::of(Kind::Element);
    type.tensor = self.tensor;
    return type;
  }
  if (name == "options") {
    Value options = Value::of(Kind::Options);
    options.tensor = self.tensor;
    return options;
  }
  if (name == "defined" || name == "has_value" || name == "operator bool") {
    if (state.defined)
      return Value::integer(number(*state.defined));
    return Value::integer(state.origin == TensorState::Origin::Input ? nameTerm(fmt::format("$defined:{}", self.tensor)) : number(1));
  }
  if (name == "is_cuda" || name == "is_contiguous" || name == "is_floating_point" || name == "is_non_overlapping_and_dense")
    return Value::integer(number(1));
  if (name == "is_sparse" || name == "is_cpu" || name == "is_quantized" || name == "is_complex" || name == "requires_grad" || name == "get_device")
    return Value::integer(number(0));
  if (name == "device")
    return Value::of(Kind::Opaque);
  if (isAllocation(name))
    return allocate(name, call, first, &self);
  if (name == "view" || name == "reshape" || name == "view_as" || name == "reshape_as") {
    if (arguments.empty() || arguments[0].kind == Kind::Element)
      return self;
    if (arguments[0].kind == Kind::Tensor) {
      auto dims = dimsOf(arguments[0]);
      Value sizes = Value::of(dims ? Kind::List : Kind::Sizes);
      for (std::size_t i = 0; dims && i < dims->size(); ++i)
        sizes.list.push_back(Value::integer((*dims)[i]));
      return viewOf(self, sizes);
    }
    return viewOf(self, arguments[0]);
  }
  if (name == "flatten")
    return flattened(self, arguments);
  if (name == "transpose" || name == "t" || name == "swapaxes" || name == "mT") {
    if (name != "transpose" && name != "swapaxes")
      arguments = {Value::integer(number(-2)), Value::integer(number(-1))};
    return transposedOf(self, arguments);
  }
  if (name == "contiguous") {
    if (!self.transposed)
      return self;
    Value copy = computed("a contiguous copy", call);
    TensorState& made = trace_.tensors[copy.tensor];
    made.origin = TensorState::Origin::Allocated;
    made.shape = self.dims;
    made.element = trace_.tensors[self.tensor].element;
    return copy;
  }
  if (isSelf(name)) {
    if (overwrites(name)) {
      const TensorState& changed = trace_.tensors[self.tensor];
      if (self.term && !changed.initialised)
        guess(Guess::About::Coverage, fmt::format("a part of '{}' is given contents, and the rest may have none (line {})", changed.name, lineOf(&call)));
      overwrite(self.tensor, name == "zero_" && (!self.term || changed.zeroed), lineOf(&call));
    }
    return self;
  }
  if (keepsShape(name) && isTensor(call.getType())) {
    Value made = computed(name, call);
    TensorState& result = trace_.tensors[made.tensor];
    result.origin = TensorState::Origin::Allocated;
    if (self.viewed)
      result.shape = self.dims;
    else
      result.like = self.tensor;
    return made;
  }
  return isTensor(call.getType()) ? computed(name, call) : Value::unknown(whyUnknown(&call));
}

Value Interpreter::optionsMethod(const std::string& name, Value self, const clang::CallExpr& call) {
  if (name == "dtype" && call.getNumArgs() > 0) {
    Value type = eval(call.getArg(0));
    if (type.kind == Kind::Element) {
      self.element = type.element;
      self.tensor = type.tensor;
    }
  }
  return self;
}

Value Interpreter::torchCall(const clang::FunctionDecl& callee, const clang::CallExpr& call) {
  std::string name = callee.getNameAsString();
  const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(&call);
  const auto* operation = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&call);
  bool is_member_operator = operation && llvm::isa<clang::CXXMethodDecl>(callee);
  if (method || is_member_operator) {
    std::string hint = std::move(hint_);
    hint_.clear();
    Value self = eval(method ? method->getImplicitObjectArgument() : call.getArg(0));
    hint_ = std::move(hint);
    if (self.kind == Kind::Address && self.list.size() == 1)
      self = self.list[0];
    if (operation && (name == "operator*" || name == "operator->") && call.getNumArgs() == 1)
      return self;
    if (self.kind == Kind::Tensor && method)
      return tensorMethod(name, self, call, 0);
    if (self.kind == Kind::Options)
      return optionsMethod(name, self, call);
    if ((self.kind == Kind::List || self.kind == Kind::Sizes) && method)
      return listMethod(name, self, call);
    if ((self.kind == Kind::List || self.kind == Kind::Sizes) && name == "operator[]") {
      Value index = eval(call.getArg(1));
      auto at = index.kind == Kind::Integer ? constantOf(index.term) : std::nullopt;
      if (self.kind == Kind::Sizes)
        return Value::integer(sizeOf(Value::ofTensor(self.tensor), index.term), whyUnknown(&call));
      if (at && *at >= 0 && static_cast<std::size_t>(*at) < self.list.size())
        return self.list[static_cast<std::size_t>(*at)];
    }
    if (self.kind == Kind::Element && (name == "toScalarType" || name == "scalarType"))
      return self;
    if (self.kind == Kind::Opaque || recordNameOf(call.getType()) == "c10::Device")
      return name == "is_cuda" ? Value::integer(number(1)) : name == "is_cpu" || name == "index" ? Value::integer(number(0)) : Value::of(Kind::Opaque);
    if ((self.kind == Kind::Integer || self.kind == Kind::Real) && (name == "value" || name.starts_with("to") || name == "item"))
      return converted(self, call.getType());
    if (name == "item")
      return Value::unknown(whyUnknown(&call));
  }
  if (operation && call.getNumArgs() == 2) {
    hint_.clear();
    Value a = eval(call.getArg(0)), b = eval(call.getArg(1));
    bool equal = name == "operator==", unequal = name == "operator!=";
    if ((equal || unequal) && a.kind == Kind::Sizes && b.kind == Kind::Sizes) {
      std::size_t left = shapeOwner(a.tensor), right = shapeOwner(b.tensor);
      Term alike = left == right ? number(1) : nameTerm(fmt::format("$same:{}:{}", left, right));
      return Value::integer(equal ? alike : make(ExprOp::Not, alike));
    }
    if (equal || unequal)
      return arithmetic(equal ? clang::BO_EQ : clang::BO_NE, a, b, call);
    if (a.kind == Kind::Tensor || b.kind == Kind::Tensor) {
      if (name == "operator[]" && a.kind == Kind::Tensor && isTensor(call.getType()))
        if (auto part = partOf(a, b))
          return *part;
      if (name == "operator[]" || !isTensor(call.getType()))
        return isTensor(call.getType()) ? computed("a part of " + trace_.tensors[a.tensor].name, call) : Value::unknown(whyUnknown(&call));
      Value made = computed("arithmetic", call);
      TensorState& result = trace_.tensors[made.tensor];
      const Value& source = a.kind == Kind::Tensor ? a : b;
      bool one_side = a.kind != Kind::Tensor || b.kind != Kind::Tensor;
      if (one_side && !source.viewed) {
        result.origin = TensorState::Origin::Allocated;
        result.like = source.tensor;
      }
      return made;
    }
    return Value::unknown(whyUnknown(&call));
  }
  if (name == "scalarTypeOf" && call.getNumArgs() == 1) {
    Value type = eval(call.getArg(0));
    return type.kind == Kind::Element ? type : Value::unknown(whyUnknown(&call));
  }
  if (isAllocation(name))
    return allocate(name, call, 0, nullptr);
  if (name == "dtype" || name == "device" || name == "TensorOptions")
    return optionsMethod(name, Value::of(Kind::Options), call);
  if (name == "getCurrentCUDAStream" || name == "getDefaultCUDAStream" || name == "check")
    return Value::of(Kind::Opaque);
  if (name == "getCurrentDeviceProperties" || !isTensor(call.getType())) {
    for (const clang::Expr* argument : call.arguments())
      eval(argument);
    return call.getType()->isVoidType() ? Value::of(Kind::Opaque) : Value::unknown(whyUnknown(&call));
  }
  // at::relu(x), torch::transpose(x, 0, 1): as the method.
  if (call.getNumArgs() > 0 && isTensor(call.getArg(0)->getType())) {
    std::string hint = std::move(hint_);
    hint_.clear();
    Value self = eval(call.getArg(0));
    hint_ = std::move(hint);
    if (self.kind == Kind::Tensor)
      return tensorMethod(name, self, call, 1);
  }
  return computed(name, call);
}

} // namespace kverify::frontend::host

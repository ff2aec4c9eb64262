#include "verifier/checks/domain.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kverify::verifier {

namespace {

/// Expressions as terms. Where an expression has no value (a division by zero) no launch happens, so that any will do.
class Translator {
public:
  Translator(TermPool& pool, const Contract& contract) : pool_(pool), contract_(contract) {
    for (const Expr& requirement : contract.requirements)
      noteMultiples(*requirement.root);
  }

  /// "N % 4 == 0" makes N four times a symbol: products with it are then seen to be multiples, too.
  const std::map<std::string, std::int64_t>& multiples() const { return multiples_; }

  TermPtr size(const std::string& name) {
    const SizeDecl* decl = contract_.findSize(name);
    if (!decl)
      return nullptr;
    if (decl->kind == SizeDecl::Kind::Equals)
      return integer(*decl->equals.root);
    Sym sym;
    sym.name = "size." + name;
    sym.scope = Scope::Grid;
    sym.low = decl->low;
    sym.high = decl->high;
    if (decl->kind == SizeDecl::Kind::List && !decl->list.empty()) {
      sym.low = *std::min_element(decl->list.begin(), decl->list.end());
      sym.high = *std::max_element(decl->list.begin(), decl->list.end());
    }
    if (sym.low == sym.high)
      return pool_.constant(*sym.low);
    auto multiple = multiples_.find(name);
    if (multiple == multiples_.end())
      return pool_.symbol(sym);
    sym.name = "multiple." + name;
    sym.low = (*sym.low + multiple->second - 1) / multiple->second;
    sym.high = *sym.high / multiple->second;
    return pool_.mul(pool_.constant(multiple->second), pool_.symbol(sym));
  }

  /// Null for what is not an integer.
  TermPtr integer(const ExprNode& node) {
    if (node.op == ExprOp::Integer)
      return pool_.constant(node.integer);
    if (node.op == ExprOp::Name)
      return size(node.name);
    std::vector<TermPtr> args;
    for (const ExprPtr& arg : node.args) {
      args.push_back(integer(*arg));
      if (!args.back())
        return nullptr;
    }
    TermPtr zero = pool_.constant(0);
    switch (node.op) {
    case ExprOp::Negate: return pool_.sub(zero, args[0]);
    case ExprOp::Add: return pool_.add(args[0], args[1]);
    case ExprOp::Subtract: return pool_.sub(args[0], args[1]);
    case ExprOp::Multiply: return pool_.mul(args[0], args[1]);
    case ExprOp::Divide: return pool_.truncDiv(args[0], args[1]);
    case ExprOp::Modulo: return pool_.sub(args[0], pool_.mul(args[1], pool_.truncDiv(args[0], args[1])));
    case ExprOp::CeilDiv: return ceilDiv(args[0], args[1]);
    case ExprOp::Min: return pool_.min(args[0], args[1]);
    case ExprOp::Max: return pool_.max(args[0], args[1]);
    case ExprOp::Sqrt:
    case ExprOp::Rsqrt:
    case ExprOp::Log:
    case ExprOp::Decimal: return nullptr;
    default: {
      TermPtr truth = boolean(node);
      return truth ? pool_.ite(truth, pool_.constant(1), zero) : nullptr;
    }
    }
  }

  TermPtr boolean(const ExprNode& node) {
    if (node.op == ExprOp::Not || node.op == ExprOp::And || node.op == ExprOp::Or) {
      TermPtr a = boolean(*node.args[0]);
      TermPtr b = node.op == ExprOp::Not ? a : boolean(*node.args[1]);
      if (!a || !b)
        return nullptr;
      return node.op == ExprOp::Not ? pool_.negate(a) : node.op == ExprOp::And ? pool_.both(a, b) : pool_.either(a, b);
    }
    bool comparison = node.op >= ExprOp::Equal && node.op <= ExprOp::GreaterEqual;
    TermPtr a = integer(comparison ? *node.args[0] : node);
    TermPtr b = comparison ? integer(*node.args[1]) : pool_.constant(0);
    if (!a || !b)
      return nullptr;
    switch (node.op) {
    case ExprOp::Equal: return pool_.eq(a, b);
    case ExprOp::Less: return pool_.lt(a, b);
    case ExprOp::LessEqual: return pool_.le(a, b);
    case ExprOp::Greater: return pool_.lt(b, a);
    case ExprOp::GreaterEqual: return pool_.le(b, a);
    default: return pool_.negate(pool_.eq(a, b));
    }
  }

private:
  void noteMultiples(const ExprNode& node) {
    if (node.op == ExprOp::And)
      for (const ExprPtr& part : node.args)
        noteMultiples(*part);
    if (node.op != ExprOp::Equal || node.args[0]->op != ExprOp::Modulo || node.args[1]->op != ExprOp::Integer)
      return;
    const ExprNode &value = *node.args[0]->args[0], &divisor = *node.args[0]->args[1];
    const SizeDecl* decl = value.op == ExprOp::Name ? contract_.findSize(value.name) : nullptr;
    bool plain = decl && decl->kind == SizeDecl::Kind::Range && decl->low >= 0 && divisor.op == ExprOp::Integer &&
                 divisor.integer > 1 && divisor.integer <= (1 << 20) && node.args[1]->integer == 0;
    if (!plain)
      return;
    std::int64_t both = std::lcm(multiples_.emplace(value.name, 1).first->second, divisor.integer);
    bool usable = both <= (1 << 20) && (decl->low + both - 1) / both <= decl->high / both;
    if (usable)
      multiples_[value.name] = both;
  }

  TermPtr ceilDiv(TermPtr a, TermPtr b) {
    TermPtr up = pool_.truncDiv(pool_.add(a, pool_.sub(b, pool_.constant(1))), b);
    bool plain = a->op == Op::Symbol && a->sym->low && *a->sym->low >= 0;
    return plain ? up : pool_.ite(pool_.le(pool_.constant(0), a), up, pool_.truncDiv(a, b));
  }

  TermPool& pool_;
  const Contract& contract_;
  std::map<std::string, std::int64_t> multiples_;
};

class DomainMaker {
public:
  DomainMaker(TermPool& pool, const Contract& contract, const LaunchDecl& launch, const frontend::KernelInfo& kernel)
      : pool_(pool), contract_(contract), launch_(launch), kernel_(kernel), translate_(pool, contract) {}

  Expected<Domain> make(const KernelModel& model) {
    sizes();
    domain_.multiples = translate_.multiples();
    domain_.size_facts = domain_.facts;
    domain_.static_shared = kernel_.static_shared_bytes;
    domain_.dynamic_shared = launch_.shared ? translate_.integer(*launch_.shared.root) : pool_.constant(0);
    if (!dimensions())
      return fail(ErrorKind::Input, "the launch's dimensions are not integers", launch_.place);
    for (std::size_t i = 0; i < launch_.args.size() && i < kernel_.params.size(); ++i)
      argument(i);
    for (const Array& array : model.arrays)
      domain_.places.push_back(place(array));
    for (const Access& access : model.accesses)
      for (Place& one : domain_.places)
        if (access.kind != AccessKind::Read && one.key == domain_.places[access.array].key) {
          one.written = true;
          one.holds.known = false;
        }
    return std::move(domain_);
  }

private:
  void sizes() {
    std::string scope;
    for (const SizeDecl& decl : contract_.sizes) {
      if (decl.kind == SizeDecl::Kind::Equals)
        continue;
      TermPtr value = translate_.size(decl.name);
      scope += (scope.empty() ? "" : ", ") + decl.name;
      if (decl.kind == SizeDecl::Kind::Range) {
        scope += fmt::format(" in [{}, {}]", decl.low, decl.high);
        continue;
      }
      TermPtr any = pool_.boolean(false);
      for (std::int64_t one : decl.list)
        any = pool_.either(any, pool_.eq(value, pool_.constant(one)));
      domain_.facts.push_back(any);
      scope += fmt::format(" in {{{}}}", fmt::join(decl.list, ", "));
    }
    for (const Expr& requirement : contract_.requirements) {
      if (TermPtr fact = translate_.boolean(*requirement.root))
        domain_.facts.push_back(fact);
      scope += "; " + requirement.text;
    }
    domain_.scope = scope.empty() ? "the contract's one launch" : "all sizes: " + scope;
  }

  bool dimensions() {
    for (unsigned axis = 0; axis < 3; ++axis) {
      TermPtr grid = axis < launch_.grid.size() ? translate_.integer(*launch_.grid[axis].root) : pool_.constant(1);
      TermPtr block = axis < launch_.block.size() ? translate_.integer(*launch_.block[axis].root) : pool_.constant(1);
      if (!grid || !block)
        return false;
      std::string suffix = std::string(".") + "xyz"[axis];
      domain_.values["nctaid" + suffix] = grid;
      domain_.values["ntid" + suffix] = block;
      // A launch outside the device's limits is refused and never runs.
      within(grid, 1, axis == 0 ? INT32_MAX : 65535);
      within(block, 1, axis == 2 ? 64 : 1024);
    }
    return true;
  }

  void within(TermPtr value, std::int64_t low, std::int64_t high) {
    domain_.facts.push_back(pool_.le(pool_.constant(low), value));
    domain_.facts.push_back(pool_.le(value, pool_.constant(high)));
  }

  // Only plain 32 and 64 bit integers are followed; everything else keeps its unknown value.
  void argument(std::size_t index) {
    const frontend::KernelParam& param = kernel_.params[index];
    const std::string symbol = "arg." + std::to_string(index);
    if (const auto* all = std::get_if<StructArgDecl>(&launch_.args[index].value))
      for (const FieldArgDecl& one : all->fields) {
        if (const frontend::KernelParam* field = frontend::findField(param, one.name))
          argument(one.arg, *field, fmt::format("{}+{}.{}", symbol, field->offset, 8 * field->size));
      }
    else
      argument(launch_.args[index], param, symbol);
  }

  void argument(const ArgDecl& arg, const frontend::KernelParam& param, const std::string& symbol) {
    const auto* given = std::get_if<ValueArgDecl>(&arg.value);
    bool plain = given && param.kind == frontend::KernelParam::Kind::Integer && (param.size == 4 || param.size == 8);
    TermPtr value = plain && isIntegerValued(*given->value.root) ? translate_.integer(*given->value.root) : nullptr;
    if (!value)
      return;
    domain_.values[symbol] = value;
    std::int64_t high = param.size == 4 ? INT32_MAX : INT64_MAX, low = -high - 1;
    if (param.is_signed)
      return within(value, low, high); // else the plan is refused
    within(value, 0, INT64_MAX);
    NoWrap fits;
    fits.value = value;
    fits.path = pool_.boolean(true);
    fits.high = high;
    fits.what = fmt::format("the argument '{}'", param.name);
    domain_.no_wrap.push_back(fits);
  }

  Place place(const Array& array) {
    Place result;
    result.key = array.symbol;
    result.name = array.name;
    result.base = pool_.constant(0);
    result.shared = array.kind == ArrayKind::Shared || array.kind == ArrayKind::DynamicShared;
    result.local = array.kind == ArrayKind::Local;
    if (array.kind == ArrayKind::DynamicShared) {
      result.bytes = domain_.dynamic_shared;
      return result;
    }
    if (array.kind != ArrayKind::Parameter) {
      result.bytes = pool_.constant(array.bytes);
      return result;
    }
    if (array.field >= 0)
      fieldPlace(array, result);
    else if (array.parameter < launch_.args.size())
      tensorPlace(launch_.args[array.parameter], array.parameter, result);
    return result;
  }

  /// Of a pointer in a struct.
  void fieldPlace(const Array& array, Place& result) {
    const auto* all = array.parameter < launch_.args.size()
                          ? std::get_if<StructArgDecl>(&launch_.args[array.parameter].value) : nullptr;
    for (const FieldArgDecl& one : all ? all->fields : std::vector<FieldArgDecl>{}) {
      const frontend::KernelParam* field = frontend::findField(kernel_.params[array.parameter], one.name);
      if (field && field->kind == frontend::KernelParam::Kind::Pointer && field->offset == array.field)
        return tensorPlace(one.arg, array.parameter, result);
    }
    result.unknown = fmt::format("'{}' is reached through a struct passed by value", array.name);
  }

  void tensorPlace(const ArgDecl& arg, unsigned parameter, Place& result) {
    const auto* given = std::get_if<TensorArgDecl>(&arg.value);
    if (!given) {
      result.key = "null:" + std::to_string(parameter);
      result.bytes = pool_.constant(0);
      return;
    }
    const TensorDecl& tensor = contract_.tensors[given->tensor];
    result.tensor = &tensor;
    result.key = "tensor:" + tensor.name;
    result.name = tensor.name;
    TermPtr item = pool_.constant(static_cast<std::int64_t>(sizeOf(tensor.dtype)));
    TermPtr offset = given->offset ? translate_.integer(*given->offset.root) : pool_.constant(0);
    result.base = offset ? pool_.mul(offset, item) : nullptr;
    if (offset)
      domain_.facts.push_back(pool_.le(pool_.constant(0), offset)); // else the plan is refused
    result.item = static_cast<std::int64_t>(sizeOf(tensor.dtype));
    result.strided = !tensor.strides.empty();
    result.dims = dimensionsOf(tensor);
    if (tensor.holds && tensor.access == kverify::Access::Read && !isFloat(tensor.dtype))
      result.holds = heldBy(*tensor.holds);
    TermPtr elements = result.dims.size() == tensor.shape.size() ? elementsOf(result) : nullptr;
    if (elements)
      result.bytes = pool_.mul(elements, item);
    else
      result.unknown = fmt::format("the shape of '{}' is not known in integers", tensor.name);
  }

  Held heldBy(const HoldsDecl& decl) {
    auto valueOf = [&](const Expr& expr) { return expr ? translate_.integer(*expr.root) : nullptr; };
    Held held;
    held.known = true;
    held.low = valueOf(decl.low);
    held.high = valueOf(decl.high);
    held.first = valueOf(decl.first);
    held.last = valueOf(decl.last);
    held.strictly = decl.order == HoldsDecl::Order::Increasing;
    held.ordered = held.strictly || decl.order == HoldsDecl::Order::Nondecreasing;
    return held;
  }

  /// Fewer than the shape has where an expression is not an integer.
  std::vector<Place::Dim> dimensionsOf(const TensorDecl& tensor) {
    std::vector<Place::Dim> dims;
    TermPtr contiguous = pool_.constant(1);
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
      Place::Dim dim;
      dim.extent = translate_.integer(*tensor.shape[i].root);
      dim.stride = tensor.strides.empty() ? contiguous : translate_.integer(*tensor.strides[i].root);
      if (!dim.extent || !dim.stride)
        return {};
      domain_.facts.push_back(pool_.le(pool_.constant(0), dim.extent));
      domain_.facts.push_back(pool_.le(pool_.constant(0), dim.stride));
      contiguous = pool_.mul(contiguous, dim.extent);
      dims.insert(dims.begin(), dim);
    }
    return dims;
  }

  /// Of the allocation: up to the last element of the shape, padding between them included.
  TermPtr elementsOf(const Place& tensor) {
    TermPtr one = pool_.constant(1), product = one, last = one, some = pool_.boolean(true);
    for (const Place::Dim& dim : tensor.dims) {
      product = pool_.mul(product, dim.extent);
      last = pool_.add(last, pool_.mul(pool_.sub(dim.extent, one), dim.stride));
      bool positive = dim.extent->op == Op::Symbol && dim.extent->sym->low.value_or(0) >= 1;
      if (!positive)
        some = pool_.both(some, pool_.le(one, dim.extent));
    }
    return tensor.strided ? pool_.ite(some, last, pool_.constant(0)) : product;
  }

  TermPool& pool_;
  const Contract& contract_;
  const LaunchDecl& launch_;
  const frontend::KernelInfo& kernel_;
  Translator translate_;
  Domain domain_;
};

} // namespace

Expected<Domain> makeDomain(TermPool& pool, const Contract& contract, const LaunchDecl& launch,
                            const frontend::KernelInfo& kernel, const KernelModel& model) {
  return DomainMaker(pool, contract, launch, kernel).make(model);
}

} // namespace kverify::verifier

#include "frontend/host/bind_axes.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "frontend/host/bind_words.h"
#include "frontend/host/term.h"

namespace kverify::frontend::host {
namespace {

/// role -> the axis of each dimension
using Layout = std::map<std::string, std::vector<std::string>>;
using Extents = std::map<std::string, Term>;

/// Without folding: formulas divide as real numbers do.
Term replacedIn(const Term& term, const Extents& sizes) {
  if (!term || term->args.empty())
    return substitute(term, sizes);
  Term first = replacedIn(term->args[0], sizes);
  return term->args.size() == 1 ? real(term->op, first) : real(term->op, first, replacedIn(term->args[1], sizes));
}

void replaceIn(HostArg& arg, const Extents& sizes) {
  arg.term = arg.kind == HostArg::Kind::Real ? replacedIn(arg.term, sizes) : substitute(arg.term, sizes);
  for (auto& field : arg.fields)
    replaceIn(field.second, sizes);
}

void replaceAll(std::vector<Term>& terms, const Extents& sizes) {
  for (Term& term : terms)
    term = substitute(term, sizes);
}

/// The size is another, or a number, from now on.
void replace(HostPath& path, const std::string& name, const Term& by) {
  Extents sizes = {{name, by}};
  std::set<std::string> called;
  for (const HostSize& size : path.sizes)
    if (size.name == name)
      called = size.called;
  std::erase_if(path.sizes, [&](const HostSize& size) { return size.name == name; });
  for (HostSize& size : path.sizes) {
    size.equals = substitute(size.equals, sizes);
    if (isName(by, size.name))
      size.called.insert(called.begin(), called.end());
  }
  for (HostTensor& tensor : path.tensors)
    replaceAll(tensor.shape, sizes);
  for (HostLaunch& launch : path.launches) {
    replaceAll(launch.grid, sizes);
    replaceAll(launch.block, sizes);
    launch.shared = substitute(launch.shared, sizes);
    for (HostArg& arg : launch.args)
      replaceIn(arg, sizes);
  }
  replaceAll(path.requirements, sizes);
  std::erase_if(path.requirements, [](const Term& term) { return constantOf(term).value_or(0) != 0; });
}

/// Is it a size that stands for something nobody said?
bool isGuessed(const HostPath& path, const Term& term) {
  return std::any_of(path.sizes.begin(), path.sizes.end(), [&](const HostSize& size) { return size.equals && size.certainty == Certainty::Guessed && isName(term, size.name); });
}

/// Is `term` a size that may be set equal to something? Its index, or none.
std::optional<std::string> freeSize(const HostPath& path, const Term& term) {
  if (!term || term->op != ExprOp::Name)
    return std::nullopt;
  for (const HostSize& size : path.sizes)
    if (size.name == term->name && (!size.equals || size.certainty == Certainty::Guessed))
      return size.name;
  return std::nullopt;
}

const HostTensor* tensorOf(const HostPath& path, const std::string& role) {
  for (const HostTensor& tensor : path.tensors)
    if (tensor.role == role)
      return &tensor;
  return nullptr;
}

bool worksOnRows(const SpecRole& role) {
  return role.axes == std::vector<std::string>{"rows", "n"} || role.axes == std::vector<std::string>{"rows", "classes"};
}

/// How many dimensions of a tensor of rows are the row's: as many as a weight has, else the last.
std::size_t rowDims(const HostPath& path, const Spec& spec, std::size_t rank) {
  std::size_t dims = 1;
  for (const SpecRole& role : spec.roles)
    if (const HostTensor* tensor = tensorOf(path, role.name); tensor && role.axes == std::vector<std::string>{"n"} && tensor->certainty != Certainty::Guessed)
      dims = std::max(dims, tensor->shape.size());
  return std::min(dims, rank);
}

/// Dimensions of a contiguous tensor put together: rows of any rank, weights of a whole row.
void flatten(HostPath& path, const Spec& spec) {
  std::map<std::string, std::size_t> dims;
  for (const SpecRole& role : spec.roles)
    if (const HostTensor* tensor = tensorOf(path, role.name); tensor && worksOnRows(role))
      dims[role.name] = rowDims(path, spec, tensor->shape.size());
  for (HostTensor& tensor : path.tensors) {
    const SpecRole* role = spec.findRole(tensor.role);
    if (!role)
      continue;
    auto cut = tensor.shape.end() - static_cast<std::ptrdiff_t>(dims.contains(role->name) ? dims[role->name] : 0);
    if (worksOnRows(*role) && tensor.shape.size() > 2) {
      Term rows = product({tensor.shape.begin(), cut}), width = product({cut, tensor.shape.end()});
      tensor.shape = {rows, width};
    } else if (role->axes.size() == 1 && tensor.shape.size() > 1) {
      tensor.shape = {product(tensor.shape)};
    }
  }
}

/// Ways to read dimensions, as positions in the role's axes.
std::vector<std::vector<std::size_t>> orders(const Spec& spec, const SpecRole& role, std::size_t rank) {
  bool heads = spec.name == "attention.forward" || spec.name == "rope";
  if (heads && role.axes.size() == 4)
    return rank == 4   ? std::vector<std::vector<std::size_t>>{{0, 1, 2, 3}, {0, 2, 1, 3}}
           : rank == 3 ? std::vector<std::vector<std::size_t>>{{0, 2, 3}, {2, 1, 3}}
           : rank == 2 ? std::vector<std::vector<std::size_t>>{{2, 3}}
                       : std::vector<std::vector<std::size_t>>{};
  if (heads && role.axes.size() == 3 && rank < 3)
    return rank == 2 ? std::vector<std::vector<std::size_t>>{{0, 2}, {1, 2}} : std::vector<std::vector<std::size_t>>{{2}};
  if (spec.name == "matmul" && role.axes.size() == 3) {
    std::vector<std::vector<std::size_t>> all = rank == 3 ? std::vector<std::vector<std::size_t>>{{0, 1, 2}} : std::vector<std::vector<std::size_t>>{{1, 2}};
    if (!role.output && rank >= 2)
      all.push_back(rank == 3 ? std::vector<std::size_t>{0, 2, 1} : std::vector<std::size_t>{2, 1});
    return rank == 2 || rank == 3 ? all : std::vector<std::vector<std::size_t>>{};
  }
  if (worksOnRows(role) && rank == 1)
    return {{1}};
  std::vector<std::size_t> own(role.axes.size());
  for (std::size_t i = 0; i < own.size(); ++i)
    own[i] = i;
  return own.size() == rank ? std::vector<std::vector<std::size_t>>{own} : std::vector<std::vector<std::size_t>>{};
}

/// Every layout of the tensors whose shapes are known. Tensors of equal axes are laid out alike.
std::vector<Layout> layoutsOf(const HostPath& path, const Spec& spec) {
  std::vector<Layout> all = {{}};
  for (const SpecRole& role : spec.roles) {
    const HostTensor* tensor = tensorOf(path, role.name);
    if (!tensor || (tensor->certainty == Certainty::Guessed && tensor->shape.size() == 1 && (role.axes.size() > 1 || isGuessed(path, tensor->shape[0]))))
      continue;
    std::vector<Layout> more;
    for (const Layout& one : all)
      for (const auto& order : orders(spec, role, tensor->shape.size())) {
        Layout next = one;
        for (std::size_t at : order)
          next[role.name].push_back(role.axes[at]);
        bool alike = spec.name == "matmul" || std::all_of(one.begin(), one.end(), [&](const auto& other) {
          const HostTensor* before = tensorOf(path, other.first);
          const SpecRole* of = spec.findRole(other.first);
          return before->shape.size() != tensor->shape.size() || of->axes.size() != role.axes.size() ||
                 orders(spec, *of, before->shape.size()).size() != orders(spec, role, tensor->shape.size()).size() ||
                 [&] {
                   for (std::size_t i = 0; i < order.size(); ++i)
                     if (of->axes[order[i]] != other.second[i])
                       return false;
                   return true;
                 }();
        });
        if (alike)
          more.push_back(std::move(next));
      }
    all = std::move(more);
  }
  return all;
}

/// By the names of the sizes: -1 where one says otherwise, else how many agree.
int agreement(const HostPath& path, const Spec& spec, const Layout& layout) {
  int agree = 0;
  for (const auto& [role, axes] : layout) {
    const HostTensor* tensor = tensorOf(path, role);
    for (std::size_t i = 0; i < axes.size(); ++i)
      for (const HostSize& size : path.sizes) {
        if (!isName(tensor->shape[i], size.name))
          continue;
        for (const std::string& name : size.called) {
          std::string said = axisGroup(name), is = groupOf(spec, axes[i]);
          if (!said.empty() && !is.empty() && said != is)
            return -1;
          agree += !said.empty() && said == is;
        }
      }
  }
  return agree;
}

/// What an axis is as large as, where nothing says it: self-attention with as many key heads as query heads.
std::string standIn(const std::string& axis) {
  return axis == "hk" ? "h" : axis == "nk" ? "nq" : axis == "dv" ? "d" : "";
}

class Fitting {
public:
  Fitting(HostPath path, const Spec& spec) : path_(std::move(path)), spec_(spec) {}

  std::optional<HostPath> fit(const Layout& layout) {
    for (const auto& [role, axes] : layout) {
      HostTensor& tensor = *find(role);
      tensor.axes = axes;
      for (std::size_t i = 0; i < axes.size(); ++i)
        if (!unify(axes[i], tensor.shape[i]))
          return std::nullopt;
    }
    for (HostTensor& tensor : path_.tensors)
      if (!tensor.role.empty() && tensor.axes.empty() && !shapeFromSpec(tensor, layout))
        return std::nullopt;
    for (const HostTensor& tensor : path_.tensors)
      if (!tensor.role.empty())
        settleGuesses(tensor.name);
    relate();
    requireConstraints();
    dropUnused();
    return path_;
  }
  int found() const { return found_; }

private:
  HostTensor* find(const std::string& role) { return const_cast<HostTensor*>(tensorOf(path_, role)); }

  bool unify(const std::string& axis, const Term& extent) {
    if (!extent)
      return false;
    auto known = extents_.find(axis);
    if (known == extents_.end()) {
      extents_[axis] = extent;
      return true;
    }
    Term other = known->second;
    if (same(other, extent)) {
      ++found_;
      return true;
    }
    bool guessed_first = isGuessed(path_, other) && !isGuessed(path_, extent); // what is known stays
    for (const auto& [name, value] : {std::pair{guessed_first ? other : extent, guessed_first ? extent : other},
                                      std::pair{guessed_first ? extent : other, guessed_first ? other : extent}}) {
      auto free = freeSize(path_, name);
      if (!free || freeNames(*value).contains(*free))
        continue;
      replace(path_, *free, value);
      for (auto& [each, term] : extents_)
        term = substitute(term, {{*free, value}});
      return true;
    }
    return false;
  }

  /// The tensor of which the host code says nothing has the shape of its role, in the order of its like.
  bool shapeFromSpec(HostTensor& tensor, const Layout& layout) {
    const SpecRole& role = *spec_.findRole(tensor.role);
    tensor.axes = role.axes;
    for (const auto& [like, axes] : layout) // as another one with as many axes is laid out
      if (const SpecRole* other = spec_.findRole(like); other && other->axes.size() == role.axes.size() && spec_.name != "matmul") {
        tensor.axes.clear();
        for (const std::string& axis : axes)
          tensor.axes.push_back(role.axes[static_cast<std::size_t>(std::find(other->axes.begin(), other->axes.end(), axis) - other->axes.begin())]);
        break;
      }
    tensor.shape.clear();
    for (const std::string& axis : tensor.axes) {
      auto extent = extents_.find(extents_.contains(axis) ? axis : standIn(axis));
      if (extent == extents_.end())
        return false;
      tensor.shape.push_back(extent->second);
      extents_[axis] = extent->second;
    }
    tensor.certainty = Certainty::Assumed;
    path_.facts.push_back({fmt::format("'{}' has the shape that {} gives its {}", tensor.name, spec_.name, role.name), tensor.line, Certainty::Assumed});
    return true;
  }

  void settleGuesses(const std::string& tensor) {
    std::erase_if(path_.guesses, [&](const Guess& guess) { return guess.about == Guess::About::Extents && guess.tensor == tensor; });
  }

  /// The operation relates the sizes of its tensors.
  void relate() {
    bool all = std::all_of(path_.tensors.begin(), path_.tensors.end(), [](const HostTensor& tensor) { return !tensor.of_caller || !tensor.role.empty(); });
    if (all)
      std::erase_if(path_.guesses, [](const Guess& guess) { return guess.about == Guess::About::Relation; });
  }

  void requireConstraints() {
    for (const Expr& constraint : spec_.constraints) {
      Extents sizes;
      for (const std::string& axis : freeNames(*constraint.root))
        sizes[axis] = extents_.contains(axis) ? extents_[axis] : number(1);
      Term term = substitute(constraint.root, sizes);
      bool divides_itself = term && term->op == ExprOp::Equal && term->args[0]->op == ExprOp::Modulo && same(term->args[0]->args[0], term->args[0]->args[1]);
      if (term && !constantOf(term) && !divides_itself)
        path_.requirements.push_back(term);
    }
  }

  /// Extents that nothing names any more: those of shapes that were guessed.
  void dropUnused() {
    for (std::size_t round = 0; round < 2; ++round) {
      std::set<std::string> used;
      auto add = [&](const Term& term) {
        if (term)
          used.merge(freeNames(*term));
      };
      for (const HostTensor& tensor : path_.tensors)
        std::for_each(tensor.shape.begin(), tensor.shape.end(), add);
      std::for_each(path_.requirements.begin(), path_.requirements.end(), add);
      for (const HostSize& size : path_.sizes)
        add(size.equals);
      for (const HostLaunch& launch : path_.launches) {
        std::for_each(launch.grid.begin(), launch.grid.end(), add);
        std::for_each(launch.block.begin(), launch.block.end(), add);
        add(launch.shared);
        for (const HostArg& arg : launch.args) {
          add(arg.term);
          for (const auto& field : arg.fields)
            add(field.second.term);
        }
      }
      std::erase_if(path_.sizes, [&](const HostSize& size) { return !used.contains(size.name); });
    }
  }

  HostPath path_;
  const Spec& spec_;
  Extents extents_;
  int found_ = 0; ///< extents that were equal before
};

} // namespace

Expected<std::vector<Reading>> withAxes(const HostPath& path, const Spec& spec) {
  HostPath flat = path;
  flatten(flat, spec);
  struct Candidate {
    Reading reading;
    int named = 0, found = 0;
  };
  std::vector<Candidate> candidates;
  std::vector<Layout> layouts = layoutsOf(flat, spec);
  for (const Layout& layout : layouts) {
    int named = agreement(flat, spec, layout);
    Fitting fitting(flat, spec);
    auto fitted = named < 0 ? std::nullopt : fitting.fit(layout);
    if (!fitted)
      continue;
    Candidate one{{std::move(*fitted), {}}, named, fitting.found()};
    for (const auto& [role, axes] : layout)
      if (axes.size() > 1)
        one.reading.open.push_back(fmt::format("{} is [{}]", role, fmt::join(axes, ", ")));
    candidates.push_back(std::move(one));
  }
  if (candidates.empty())
    return fail(ErrorKind::Input, fmt::format("the shapes that the host code shows do not fit {}", spec.name), "--spec",
                "write the contract: kverify init begins it");
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair(a.named, a.found) > std::pair(b.named, b.found);
  });
  // What names or equal sizes speak for is more than what nothing speaks against.
  const int named = candidates[0].named, found = candidates[0].found;
  std::vector<Reading> readings;
  for (Candidate& one : candidates)
    if (one.named == named && one.found == found)
      readings.push_back(std::move(one.reading));
  if (readings.size() == 1)
    readings[0].open.clear();
  return readings;
}

} // namespace kverify::frontend::host

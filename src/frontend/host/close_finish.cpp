#include <algorithm>

#include "frontend/host/closing.h"
#include "frontend/host/guessed_size.h"
#include "frontend/host/parameter.h"

namespace kverify::frontend::host {
namespace {

using Kind = Value::Kind;
using Origin = TensorState::Origin;

constexpr std::int64_t kMostElements = 1 << 20; ///< of a tensor that nothing is said about
constexpr std::int64_t kLeastElements = 1 << 14;
constexpr std::int64_t kIntElements = 2147483647;

void namesOf(const HostArg& arg, std::set<std::string>& names) {
  if (arg.term)
    names.merge(freeNames(*arg.term));
  for (const auto& field : arg.fields)
    namesOf(field.second, names);
}

} // namespace

void Closing::sizesUsed(std::set<std::string>& names) const {
  auto add = [&](const Term& term) {
    if (term)
      names.merge(freeNames(*term));
  };
  for (const HostLaunch& launch : path_.launches) {
    for (const auto* dims : {&launch.grid, &launch.block})
      for (const Term& size : *dims)
        add(size);
    add(launch.shared);
    for (const HostArg& arg : launch.args)
      namesOf(arg, names);
  }
  for (const Term& term : path_.requirements)
    add(term);
}

/// Sizes of several inputs meet in one launch, and nothing says that they fit each other.
void Closing::relations() {
  for (const HostLaunch& launch : path_.launches) {
    HostPath one;
    std::set<std::string> names;
    for (const auto* dims : {&launch.grid, &launch.block})
      for (const Term& size : *dims)
        names.merge(freeNames(*size));
    for (const HostArg& arg : launch.args)
      namesOf(arg, names);
    std::set<std::size_t> tensors;
    for (const std::string& name : names)
      if (auto found = source_.find(name); found != source_.end())
        tensors.insert(found->second);
    if (tensors.size() < 2)
      continue;
    std::vector<std::string> list;
    for (std::size_t tensor : tensors)
      list.push_back(fmt::format("'{}'", trace_.tensors[tensor].name));
    guess(Guess::About::Relation, fmt::format("nothing in the host code relates the sizes of {}, which meet in the launch of line {}",
                                              fmt::join(list, " and "), launch.line));
  }
}

/// What is not said is made large enough for what is likely, and marked.
void Closing::guesses() {
  std::set<std::string> used;
  sizesUsed(used);
  std::vector<std::string> known;
  for (const auto& [name, size] : sizes_)
    if (used.contains(name) && !unobserved_.contains(name))
      known.push_back(name);
  Term largest = known.empty() ? number(1024) : nullptr, all = number(1);
  for (const std::string& name : known) {
    largest = largest ? make(ExprOp::Max, largest, nameTerm(name)) : nameTerm(name);
    all = make(ExprOp::Min, make(ExprOp::Multiply, nameTerm(name), all), number(kMostElements));
  }
  all = make(ExprOp::Max, all, number(kLeastElements));
  for (HostTensor& tensor : path_.tensors) {
    bool shared = false; // with an input that is known
    for (Term& size : tensor.shape) {
      if (!size)
        continue;
      for (const std::string& name : freeNames(*size)) {
        if (!unobserved_.contains(name) || used.contains(name))
          continue;
        shared = true;
      }
    }
    bool is_open = open_.contains(tensor.name);
    if (!shared && !is_open)
      continue;
    tensor.certainty = Certainty::Guessed;
    guess(Guess::About::Extents,
          is_open ? fmt::format("nothing in the host code says how large '{}' is (line {})", tensor.name, tensor.line)
                  : fmt::format("the host code does not look at every size of '{}' (line {})", tensor.name, tensor.line),
          tensor.name);
    if (is_open && tensor.shape.size() == 1 && !tensor.shape[0])
      tensor.shape = {all};
    for (Term& size : tensor.shape)
      if (!size)
        size = largest;
  }
  for (const auto& [tensor, index] : placed_) {
    if (!uncertain_.contains(ownerOf(tensor)))
      continue;
    HostTensor& placed = path_.tensors[index];
    placed.certainty = Certainty::Guessed;
    guess(Guess::About::Extents, fmt::format("how many dimensions '{}' has is not checked (line {})", placed.name, placed.line), placed.name);
  }
  for (const auto& [owner, size] : widened_)
    if (used.contains(size) || std::any_of(placed_.begin(), placed_.end(), [&, wide = owner](const auto& one) { return ownerOf(one.first) == wide; })) {
      const TensorState& tensor = trace_.tensors[owner];
      path_.guesses.push_back({Guess::About::Rank, tensor.name,
                               fmt::format("'{}' has one dimension more than those whose sizes are asked for (line {})", tensor.name, tensor.line), size});
    }
  for (const std::string& name : unobserved_) {
    auto found = sizes_.find(name);
    if (found == sizes_.end() || aliases_.contains(name) || used.contains(name))
      continue;
    std::size_t tensor = source_[name];
    found->second.certainty = Certainty::Guessed;
    found->second.equals = shapes_[tensor].size() == 1 ? all : largest;
  }
  for (const auto& [name, size] : sizes_)
    if (size.certainty == Certainty::Guessed && used.contains(name) && !size.equals && !source_.contains(name) && !aliases_.contains(name))
      guess(Guess::About::Values, fmt::format("which values {} may have is not said (line {})", size.meaning, size.line));
}

/// What a caller gives who takes this way.
HostParameter Closing::parameter(const std::string& name, const Value& value) const {
  std::vector<Term> shape;
  const TensorState* tensor = nullptr;
  if (value.tensor != Value::kNoTensor) {
    std::size_t owner = ownerOf(value.tensor);
    auto placed = placed_.find(value.tensor);
    shape = placed != placed_.end() ? path_.tensors[placed->second].shape
            : trace_.tensors[owner].origin == Origin::Allocated ? trace_.tensors[owner].shape : shapes_[owner];
    tensor = &trace_.tensors[value.tensor];
  }
  HostParameter given = parameterOf(name, value, tensor, std::move(shape));
  for (Term& term : given.terms)
    if (!(term = settled(term)))
      return {.name = name};
  return given;
}

std::optional<HostPath> Closing::inputs() {
  path_.entry = entry_.getNameAsString();
  path_.qualified = entry_.getQualifiedNameAsString();
  settleShapes();
  if (!trace_.possible || !settleRequirements())
    return std::nullopt;
  std::set<std::string> names;
  sizesUsed(names);
  for (const auto& [name, value] : trace_.parameters) {
    path_.parameters.push_back(parameter(name, value));
    for (const Term& term : path_.parameters.back().terms)
      names.merge(freeNames(*term));
  }
  for (const auto& [name, size] : sizes_)
    if (names.contains(name))
      path_.sizes.push_back(size);
  for (const Guess& one : trace_.guesses)
    if (one.about != Guess::About::Coverage) // the run itself says what is launched
      guess(one.about, one.text, one.tensor);
  inputGuesses(names);
  path_.way = fmt::format("{}", fmt::join(trace_.way, ", "));
  return std::move(path_);
}

/// What of the inputs is a guess where no launch is known: which sizes meet in one is not known either.
void Closing::inputGuesses(const std::set<std::string>& names) {
  std::set<std::size_t> sources;
  for (std::size_t i = 0; i < trace_.tensors.size(); ++i) {
    const TensorState& tensor = trace_.tensors[i];
    if (tensor.origin == Origin::Input && (uncertain_.contains(ownerOf(i)) || open_.contains(tensor.name)))
      guess(Guess::About::Relation, fmt::format("the host code does not say all of the shape of '{}' (line {}), which others may follow", tensor.name, tensor.line));
  }
  for (const std::string& name : names) {
    auto size = sizes_.find(name);
    if (size == sizes_.end())
      continue;
    if (auto source = source_.find(name); source != source_.end())
      sources.insert(source->second);
    else if (size->second.certainty == Certainty::Guessed)
      guess(Guess::About::Values, fmt::format("which values {} may have is not said (line {})", size->second.meaning, size->second.line));
  }
  if (sources.size() > 1)
    guess(Guess::About::Relation, fmt::format("nothing that was followed in '{}' relates the sizes of its {} inputs", path_.entry, sources.size()));
}

/// False: no input takes this way.
bool Closing::finish() {
  for (const Fact& fact : trace_.facts)
    path_.facts.push_back(fact);
  for (const Guess& one : trace_.guesses)
    guess(one.about, one.text, one.tensor);
  guesses();
  for (std::size_t i = 0; i < path_.tensors.size(); ++i)
    if (HostTensor& tensor = path_.tensors[i]; tensor.access == "write" && !written_.contains(i)) {
      tensor.access = "read"; // a contract knows no memory without contents that nobody writes
      guess(Guess::About::Coverage, fmt::format("'{}' has no contents, and kernels that may read it are given it (line {})", tensor.name, tensor.line));
    }
  relations();
  rememberNames();
  std::set<std::string> names;
  sizesUsed(names);
  auto require = [&](Term term, const std::string& why, unsigned line) {
    if (!term || constantOf(term).value_or(0) != 0)
      return;
    for (const Term& known : path_.requirements)
      if (same(known, term))
        return;
    path_.requirements.push_back(term);
    path_.facts.push_back({why, line, Certainty::Assumed});
  };
  for (const HostTensor& tensor : path_.tensors) {
    for (const Term& size : tensor.shape) {
      names.merge(freeNames(*size));
      if (size->op != ExprOp::Name && tensor.certainty != Certainty::Guessed)
        require(make(ExprOp::GreaterEqual, size, number(1)), fmt::format("'{}' has elements", tensor.name), tensor.line);
    }
    if (tensor.shape.size() > 1 && tensor.certainty != Certainty::Guessed)
      require(make(ExprOp::LessEqual, product(tensor.shape), number(kIntElements)),
              fmt::format("'{}' has fewer than 2^31 elements", tensor.name), tensor.line);
  }
  for (const HostLaunch& launch : path_.launches) {
    require(make(ExprOp::LessEqual, product(launch.block), number(1024)), fmt::format("a block of {} has at most 1024 threads", launch.kernel), launch.line);
    require(make(ExprOp::LessEqual, launch.shared, number(232448)), fmt::format("{} asks for no more shared memory than there is", launch.kernel), launch.line);
    for (const Term& size : launch.grid)
      require(make(ExprOp::GreaterEqual, size, number(1)), fmt::format("the grid of {} is not empty", launch.kernel), launch.line);
  }
  for (std::size_t round = 0; round < 2; ++round)
    for (const auto& [name, size] : sizes_)
      if (names.contains(name) && size.equals)
        names.merge(freeNames(*size.equals));
  for (const auto& [name, size] : sizes_)
    if (names.contains(name) && !size.equals) {
      path_.sizes.push_back(size);
      for (const Term& condition : path_.requirements)
        goesThisWay(path_.sizes.back(), condition);
    }
  for (const auto& [name, size] : sizes_)
    if (names.contains(name) && size.equals)
      path_.sizes.push_back(size);
  for (const auto& [name, value] : trace_.parameters)
    path_.parameters.push_back(parameter(name, value));
  path_.given = trace_.given;
  path_.way = fmt::format("{}", fmt::join(trace_.way, ", "));
  return mayHold();
}

} // namespace kverify::frontend::host

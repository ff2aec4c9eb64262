#include "frontend/observe/compare.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "frontend/observe/argument_bytes.h"

namespace kverify::frontend::observe {
namespace {

using host::HostArg;
using host::HostLaunch;
using host::HostPath;

class Comparer {
public:
  Comparer(const HostPath& path, const Sizes& sizes, const HostCode& code, const Observation& seen)
      : path_(path), sizes_(sizes), code_(code), seen_(seen) {
    for (const host::HostSize& size : path.sizes)
      if (size.certainty == host::Certainty::Guessed && !isGiven(size.name))
        guessed_.insert(size.name);
  }

  Comparison run() {
    bool whole = seen_.end == Observation::End::Returned;
    result_.more = seen_.launches.size() > path_.launches.size() &&
                   std::any_of(path_.guesses.begin(), path_.guesses.end(), [](const auto& one) { return one.about == host::Guess::About::Coverage; });
    if ((seen_.launches.size() > path_.launches.size() && !result_.more) || (whole && seen_.launches.size() < path_.launches.size()))
      differ(fmt::format("{} launch{} by following and {} in the run", path_.launches.size(), path_.launches.size() == 1 ? "" : "es", seen_.launches.size()));
    for (std::size_t i = 0; i < std::min(seen_.launches.size(), path_.launches.size()) && result_.difference.empty(); ++i)
      compareLaunch(path_.launches[i], seen_.launches[i]);
    return std::move(result_);
  }

private:
  /// Is it a size that the call was made with?
  bool isGiven(const std::string& name) const {
    return std::any_of(path_.parameters.begin(), path_.parameters.end(), [&](const host::HostParameter& one) {
      return std::any_of(one.terms.begin(), one.terms.end(), [&](const host::Term& term) { return freeNames(*term).contains(name); });
    });
  }
  bool rests(const host::Term& term) const {
    std::set<std::string> names = freeNames(*term);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return guessed_.contains(name); });
  }
  void differ(std::string what) {
    if (result_.difference.empty())
      result_.difference = std::move(what);
  }
  void number(const host::Term& term, std::int64_t seen, const std::string& what) {
    auto value = term && !rests(term) ? valueOf(term, sizes_) : std::nullopt;
    if (!value)
      return;
    ++result_.compared;
    if (*value != seen)
      differ(fmt::format("{} is {} by following and {} in the run", what, *value, seen));
  }

  void compareLaunch(const HostLaunch& launch, const Launch& seen) {
    const HostKernel& kernel = code_.kernels[seen.kernel];
    if (kernel.name != launch.kernel)
      return differ(fmt::format("line {} launches {} by following and {} in the run", launch.line, launch.kernel, kernel.name));
    std::string of = fmt::format("of {} (line {})", launch.kernel, launch.line);
    for (std::size_t i = 0; i < 3; ++i) {
      number(launch.grid[i], seen.grid[i], fmt::format("the grid's {} {}", "xyz"[i], of));
      number(launch.block[i], seen.block[i], fmt::format("the block's {} {}", "xyz"[i], of));
    }
    number(launch.shared, seen.shared, "the dynamic shared memory " + of);
    for (std::size_t i = 0; i < launch.args.size() && i < seen.arguments.size(); ++i)
      compareArgument(launch.args[i], kernel.info.params[i], seen.arguments[i].data(), fmt::format("'{}' {}", launch.args[i].name, of));
  }

  void compareArgument(const HostArg& arg, const KernelParam& param, const std::uint8_t* bytes, const std::string& what) {
    switch (arg.kind) {
    case HostArg::Kind::Integer: return number(arg.term, integerIn(param, bytes), what);
    case HostArg::Kind::Real: return compareReal(arg, param, bytes, what);
    case HostArg::Kind::Null:
      ++result_.compared;
      if (addressIn(bytes) != 0)
        differ(what + " is null by following and not in the run");
      return;
    case HostArg::Kind::Tensor: return compareTensor(arg, addressIn(bytes), what);
    case HostArg::Kind::Struct:
      for (const auto& [name, field] : arg.fields) {
        auto known = std::find_if(param.fields.begin(), param.fields.end(), [&, wanted = name](const KernelParam& one) { return one.name == wanted; });
        if (known != param.fields.end())
          compareArgument(field, *known, bytes + known->offset, fmt::format("'{}' in {}", name, what));
      }
    }
  }

  void compareReal(const HostArg& arg, const KernelParam& param, const std::uint8_t* bytes, const std::string& what) {
    auto seen = realIn(param, bytes);
    auto formula = arg.term ? evalReal(Expr{arg.term, "", ""}, sizes_) : Expected<double>(arg.real);
    bool is_choice = !arg.term && std::any_of(path_.facts.begin(), path_.facts.end(), [&](const host::Fact& fact) {
      return fact.certainty == host::Certainty::Assumed && fact.text.starts_with(fmt::format("'{}' of ", arg.name));
    });
    if (!seen || !formula || is_choice || (arg.term && rests(arg.term)))
      return;
    ++result_.compared;
    // The host may compute it in single precision or, for a parameter of two bytes, in that: a few roundings.
    const double tolerance = param.size > 2 ? 1e-5 : param.is_bfloat16 ? 1.6e-2 : 2e-3;
    if (std::abs(*formula - *seen) > tolerance * std::max(std::abs(*formula), std::abs(*seen)))
      differ(fmt::format("{} is {:g} by following and {:g} in the run", what, *formula, *seen));
  }

  void compareTensor(const HostArg& arg, std::uint64_t address, const std::string& what) {
    const host::HostTensor& tensor = path_.tensors[arg.tensor];
    auto which = memoryAt(seen_, address);
    if (!which)
      return differ(fmt::format("{} is '{}' by following and no device memory in the run", what, tensor.name));
    const Memory* memory = &seen_.memory[*which];
    auto [known, is_new] = memory_of_.try_emplace(arg.tensor, *which);
    ++result_.compared;
    bool taken = std::any_of(memory_of_.begin(), memory_of_.end(), [&](const auto& one) { return one.first != arg.tensor && one.second == *which; });
    if (known->second != *which || taken)
      return differ(fmt::format("{} is '{}' by following and other memory in the run", what, tensor.name));
    if (tensor.of_caller != (memory->parameter >= 0) ||
        (memory->parameter >= 0 && path_.parameters[static_cast<std::size_t>(memory->parameter)].name != tensor.name && is_new && isParameter(tensor.name)))
      return differ(fmt::format("{} is '{}' by following and memory of {} in the run", what, tensor.name,
                                memory->parameter >= 0 ? "the caller's" : "the host code's own"));
    auto size = static_cast<std::int64_t>(sizeOf(parseDType(tensor.dtype).value()));
    number(arg.term ? arg.term : integerExpr(0).root, static_cast<std::int64_t>(address - seen_.base - memory->address) / size, "the offset of " + what);
    if (tensor.certainty == host::Certainty::Guessed || std::any_of(tensor.shape.begin(), tensor.shape.end(), [](const auto& term) { return !term; }))
      return;
    std::int64_t elements = 1;
    for (const host::Term& term : tensor.shape) {
      auto value = rests(term) ? std::nullopt : valueOf(term, sizes_);
      if (!value)
        return;
      elements *= *value;
    }
    ++result_.compared;
    if (elements * size != static_cast<std::int64_t>(memory->bytes))
      differ(fmt::format("'{}' has {} bytes by following and {} in the run", tensor.name, elements * size, memory->bytes));
  }

  bool isParameter(const std::string& name) const {
    return std::any_of(path_.parameters.begin(), path_.parameters.end(), [&](const auto& one) { return one.name == name; });
  }

  const HostPath& path_;
  const Sizes& sizes_;
  const HostCode& code_;
  const Observation& seen_;
  std::set<std::string> guessed_; ///< sizes whose values nobody gave
  std::map<std::size_t, std::size_t> memory_of_;
  Comparison result_;
};

} // namespace

Comparison compare(const HostPath& path, const Sizes& sizes, const HostCode& code, const Observation& seen) {
  return Comparer(path, sizes, code, seen).run();
}

} // namespace kverify::frontend::observe

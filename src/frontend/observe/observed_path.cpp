#include "frontend/observe/observed_path.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "frontend/host/elements.h"
#include "frontend/host/term.h"
#include "frontend/observe/argument_bytes.h"

namespace kverify::frontend::observe {
namespace {

using host::Guess;
using host::HostArg;
using host::HostPath;

class Builder {
public:
  Builder(const HostPath& inputs, const Sizes& sizes, const HostCode& code, const Observation& seen)
      : with_(textOf(inputs, sizes)), code_(code), seen_(seen), path_(inputs) {
    path_.sizes.clear();
    path_.requirements.clear();
    path_.launches.clear();
    path_.tensors.clear();
    path_.facts.clear();
    takeGuesses(inputs, sizes);
  }

  std::variant<HostPath, host::Missing> run() {
    path_.way = fmt::format("{}{}seen in a run with {}", path_.way, path_.way.empty() ? "" : ", ", with_);
    for (const Launch& one : seen_.launches)
      if (!take(one))
        return host::Missing{path_.entry, path_.line, problem_};
    path_.facts.push_back({fmt::format("'{}' was run on the CPU with {}; its launches were caught, not followed", path_.entry, with_),
                           path_.line, host::Certainty::Observed});
    return std::move(path_);
  }

private:
  /// What was not followed was run, and memory is as large as it was seen to be. But what the caller gave follows from guesses where it
  /// did, and everything else may follow from that.
  void takeGuesses(const HostPath& inputs, const Sizes& sizes) {
    std::erase_if(path_.guesses, [&](const Guess& one) {
      auto tensor = std::find_if(inputs.tensors.begin(), inputs.tensors.end(), [&](const auto& known) { return known.name == one.tensor; });
      bool is_hosts = tensor != inputs.tensors.end() && !tensor->of_caller;
      auto drawn = sizes.find(one.size);
      bool is_one = drawn != sizes.end() && drawn->second == 1;
      return one.about == Guess::About::Coverage || (one.about == Guess::About::Extents && is_hosts) || (one.about == Guess::About::Rank && is_one);
    });
    for (Guess& one : path_.guesses)
      if (one.about == Guess::About::Extents || one.about == Guess::About::Rank)
        one = {Guess::About::Relation, "", one.text};
  }

  bool take(const Launch& one) {
    const HostKernel& kernel = code_.kernels[one.kernel];
    host::HostLaunch launch{.kernel = kernel.name, .line = path_.line};
    for (std::size_t i = 0; i < 3; ++i) {
      launch.grid.push_back(host::number(one.grid[i]));
      launch.block.push_back(host::number(one.block[i]));
    }
    launch.shared = host::number(one.shared);
    for (std::size_t i = 0; i < kernel.info.params.size(); ++i) {
      HostArg arg;
      if (!argument(arg, kernel.info.params[i], one.arguments[i].data(), kernel.name))
        return false;
      arg.name = kernel.info.params[i].name;
      launch.args.push_back(std::move(arg));
    }
    path_.launches.push_back(std::move(launch));
    return true;
  }

  bool argument(HostArg& arg, const KernelParam& param, const std::uint8_t* bytes, const std::string& kernel) {
    switch (param.kind) {
    case KernelParam::Kind::Integer: arg.term = host::number(integerIn(param, bytes)); return true;
    case KernelParam::Kind::Float: {
      auto value = realIn(param, bytes);
      arg.kind = HostArg::Kind::Real;
      arg.real = value.value_or(0);
      return value || miss(fmt::format("'{}' of {} is a number of {} bytes", param.name, kernel, param.size));
    }
    case KernelParam::Kind::Pointer: return pointer(arg, param, addressIn(bytes), kernel);
    case KernelParam::Kind::Struct: break;
    }
    arg.kind = HostArg::Kind::Struct;
    for (const KernelParam& field : param.fields) {
      HostArg one;
      if (!argument(one, field, bytes + field.offset, kernel))
        return false;
      arg.fields.push_back({field.name, std::move(one)});
    }
    return !param.fields.empty() || miss(fmt::format("the struct '{}' of {} has fields that are not known one by one", param.name, kernel));
  }

  bool pointer(HostArg& arg, const KernelParam& param, std::uint64_t address, const std::string& kernel) {
    if (address == 0) {
      arg.kind = HostArg::Kind::Null;
      return true;
    }
    auto memory = memoryAt(seen_, address);
    if (!memory)
      return miss(fmt::format("'{}' of {} points to no device memory", param.name, kernel));
    const Memory& seen = seen_.memory[*memory];
    // The kernel's own type counts: host code may hand out a tensor's memory as another.
    std::string element = param.pointee_dtype ? host::elementOf(*param.pointee_dtype) : seen.element;
    std::string dtype = host::dtypeOf(element);
    if (dtype.empty())
      return miss(fmt::format("'{}' of {} holds elements that contracts have no type for ({})", param.name, kernel, element.empty() ? param.pointee : element));
    auto size = static_cast<std::int64_t>(sizeOf(parseDType(dtype).value()));
    auto bytes = static_cast<std::int64_t>(address - seen_.base - seen.address);
    if (bytes % size != 0)
      return miss(fmt::format("'{}' of {} points between two elements", param.name, kernel));
    arg.kind = HostArg::Kind::Tensor;
    arg.tensor = tensor(*memory, dtype, size, param);
    arg.term = bytes == 0 ? nullptr : host::number(bytes / size);
    return true;
  }

  std::size_t tensor(std::size_t memory, const std::string& dtype, std::int64_t size, const KernelParam& param) {
    if (auto known = placed_.find(memory); known != placed_.end()) {
      host::HostTensor& one = path_.tensors[known->second];
      if (!param.pointee_const && one.access == "read")
        one.access = "read_write";
      return known->second;
    }
    const Memory& seen = seen_.memory[memory];
    bool of_caller = seen.parameter >= 0;
    host::HostTensor one{.name = fresh(of_caller ? path_.parameters[static_cast<std::size_t>(seen.parameter)].name : param.name), .dtype = dtype, .line = path_.line};
    one.shape = {host::number(std::max<std::int64_t>(static_cast<std::int64_t>(seen.bytes) / size, 1))};
    one.access = !seen.initialised ? "write" : param.pointee_const ? "read" : "read_write";
    one.meaning = of_caller ? "the parameter " + one.name : fmt::format("allocated by '{}' ({} bytes)", path_.entry, seen.bytes);
    one.of_caller = of_caller;
    if (bool is_integer = dtype == "i32" || dtype == "i64" || dtype == "u8"; is_integer && seen.initialised) {
      one.holds = std::pair<std::int64_t, std::int64_t>{0, seen.zeroed ? 0 : 1};
      if (!seen.zeroed)
        path_.guesses.push_back({Guess::About::Values, "", fmt::format("what the integer tensor '{}' holds is not known", one.name)});
    }
    if (seen.changed_between)
      path_.guesses.push_back({Guess::About::Values, "", fmt::format("'{}' is changed between launches, by {}", one.name, seen.changed)});
    path_.tensors.push_back(std::move(one));
    placed_[memory] = path_.tensors.size() - 1;
    return path_.tensors.size() - 1;
  }

  std::string fresh(const std::string& wanted) {
    std::string plain = wanted.empty() ? "memory" : wanted;
    std::replace_if(plain.begin(), plain.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_'; }, '_');
    std::string name = plain;
    for (int i = 2; std::any_of(path_.tensors.begin(), path_.tensors.end(), [&](const auto& one) { return one.name == name; }); ++i)
      name = fmt::format("{}_{}", plain, i);
    return name;
  }

  bool miss(std::string what) {
    problem_ = std::move(what);
    return false;
  }

  std::string with_; ///< the sizes that the run was given
  const HostCode& code_;
  const Observation& seen_;
  HostPath path_;
  std::map<std::size_t, std::size_t> placed_; ///< memory -> tensor
  std::string problem_;
};

} // namespace

std::variant<host::HostPath, host::Missing> observedPath(const HostPath& inputs, const Sizes& sizes, const HostCode& code, const Observation& seen) {
  return Builder(inputs, sizes, code, seen).run();
}

} // namespace kverify::frontend::observe

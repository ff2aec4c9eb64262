#include "frontend/host/recognise.h"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/host/bind_words.h"
#include "frontend/host/term.h"

namespace kverify::frontend::host {
namespace {

struct Operation {
  const char* spec;
  std::vector<const char*> words; ///< any of them in a name
  std::size_t inputs;             ///< at least
  bool same_shape;                ///< of the first input and the output
};

/// The first that fits counts: what is more special stands first.
const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      {"attention.forward", {"attention", "attn", "flash"}, 3, true},
      {"log_softmax", {"log_softmax", "logsoftmax"}, 1, true},
      {"cross_entropy", {"cross_entropy", "crossentropy"}, 2, false},
      {"softmax", {"softmax"}, 1, true},
      {"rms_norm", {"rms_norm", "rmsnorm"}, 1, true},
      {"layer_norm", {"layer_norm", "layernorm"}, 1, true},
      {"rope", {"rope", "rotary"}, 2, true},
      {"matmul", {"matmul", "gemm", "mat_mul", "bmm"}, 2, false},
      {"reduce", {"reduce", "reduction", "sum_", "_sum", "mean", "argmax", "max_", "min_"}, 1, false},
  };
  return all;
}

bool sameShape(const HostTensor& a, const HostTensor& b) {
  return a.shape.size() == b.shape.size() && std::equal(a.shape.begin(), a.shape.end(), b.shape.begin(), same);
}

} // namespace

std::optional<Proposal> recognise(const HostPath& path) {
  std::string names = lowerCase(path.entry);
  for (const HostLaunch& launch : path.launches)
    names += " " + lowerCase(launch.kernel);
  std::vector<const HostTensor*> inputs, outputs;
  for (const HostTensor& tensor : path.tensors)
    (tensor.access == "read" ? inputs : outputs).push_back(&tensor);
  bool alike = !inputs.empty() && outputs.size() == 1 && sameShape(*inputs[0], *outputs[0]);
  for (const Operation& operation : operations())
    for (const char* word : operation.words) {
      if (names.find(word) == std::string::npos)
        continue;
      bool fits = inputs.size() >= operation.inputs && !outputs.empty() && (alike || !operation.same_shape);
      return Proposal{operation.spec, fits, fmt::format("'{}' is in a name{}", word, fits ? ", and the shapes fit" : "; the shapes do not show it")};
    }
  bool all_alike = alike && std::all_of(inputs.begin(), inputs.end(), [&](const HostTensor* one) { return sameShape(*one, *outputs[0]); });
  if (all_alike && path.launches.size() == 1)
    return Proposal{"elementwise", false, "all tensors have one shape"};
  return std::nullopt;
}

std::string proposalText(const std::optional<Proposal>& proposal) {
  if (!proposal)
    return {};
  return fmt::format("// Operation: {} {} ({}). To judge its values, add \"spec\": \"{}\" and each tensor's \"role\".\n",
                     proposal->likely ? "likely" : "possibly", proposal->spec, proposal->why, proposal->spec);
}

} // namespace kverify::frontend::host

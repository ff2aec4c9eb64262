#pragma once
// The launches that a contract allows, as terms over its sizes.
#include <map>
#include <string>
#include <vector>

#include "kverify/contract.h"
#include "verifier/model/kernel_model.h"

namespace kverify::verifier {

/// What the contract says that the elements of a tensor are.
struct Held {
  bool known = false; ///< else nothing is, or the launch writes to the tensor
  TermPtr low = nullptr, high = nullptr, first = nullptr, last = nullptr;
  bool ordered = false, strictly = false;
};

/// What an array of the kernel is at the launch.
struct Place {
  struct Dim {
    TermPtr extent = nullptr, stride = nullptr; ///< elements
  };
  std::string key;         ///< equal keys are the same memory, different ones never overlap
  std::string name;        ///< for messages
  TermPtr base = nullptr;  ///< bytes before the kernel's pointer
  TermPtr bytes = nullptr; ///< of the whole memory; null = not known, the reason is in `unknown`
  std::string unknown;
  const TensorDecl* tensor = nullptr; ///< that the kernel's pointer is into
  std::vector<Dim> dims;              ///< of `tensor`; empty where they are no integers
  std::int64_t item = 1;              ///< bytes of an element of it
  bool strided = false;               ///< strides were declared: not contiguous
  Held holds;
  bool shared = false, local = false;
  bool written = false; ///< by some access of the launch
};

struct Domain {
  std::map<std::string, TermPtr> values; ///< of "arg.0", "ntid.x", "nctaid.y", …
  std::vector<TermPtr> facts;            ///< about the sizes, and that the launch is one a device takes
  std::vector<TermPtr> size_facts;       ///< about the sizes alone
  std::map<std::string, std::int64_t> multiples; ///< the size is this times the symbol "multiple.<name>"
  TermPtr dynamic_shared = nullptr;      ///< bytes; null = not known
  std::int64_t static_shared = 0;        ///< bytes
  std::vector<NoWrap> no_wrap;           ///< of the arguments
  std::vector<Place> places;             ///< per KernelModel::arrays
  std::string scope;                     ///< in words
  bool extents_declared = true;          ///< false: how large global arrays are is not known, and not judged
};

/// `launch` must fit `kernel`. Integer sizes become symbols "size.<name>", or "multiple.<name>" times a constant.
Expected<Domain> makeDomain(TermPool& pool, const Contract& contract, const LaunchDecl& launch,
                            const frontend::KernelInfo& kernel, const KernelModel& model);

} // namespace kverify::verifier

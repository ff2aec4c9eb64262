#pragma once
// The launches that a contract allows, as terms over its sizes.
#include <map>
#include <string>
#include <vector>

#include "kverify/contract.h"
#include "verifier/model/kernel_model.h"

namespace kverify::verifier {

/// What an array of the kernel is at the launch.
struct Place {
  std::string key;         ///< equal keys are the same memory, different ones never overlap
  std::string name;        ///< for messages
  TermPtr base = nullptr;  ///< bytes before the kernel's pointer
  TermPtr bytes = nullptr; ///< of the whole memory; null = not known, the reason is in `unknown`
  std::string unknown;
  bool shared = false, local = false;
};

struct Domain {
  std::map<std::string, TermPtr> values; ///< of "arg.0", "ntid.x", "nctaid.y", …
  std::vector<TermPtr> facts;            ///< about the sizes
  std::vector<NoWrap> no_wrap;           ///< of the arguments
  std::vector<Place> places;             ///< per KernelModel::arrays
  std::string scope;                     ///< in words
  bool extents_declared = true;          ///< false: how large global arrays are is not known, and not judged
};

/// `launch` must fit `kernel`. Integer sizes become symbols "size.<name>".
Expected<Domain> makeDomain(TermPool& pool, const Contract& contract, const LaunchDecl& launch,
                            const frontend::KernelInfo& kernel, const KernelModel& model);

} // namespace kverify::verifier

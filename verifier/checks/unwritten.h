#pragma once
// Which outputs are written, over all launches of a contract.
#include <set>

#include "verifier/checks/context.h"

namespace kverify::verifier {

/// output.unwritten, of one contract. Launches are judged in their order.
class Outputs {
public:
  explicit Outputs(const Contract& contract);
  /// `launch`: one of the contract's, of the context's kernel.
  void judge(Context& context, const LaunchDecl& launch);

private:
  struct Output {
    const TensorDecl* tensor = nullptr;
    std::size_t last = 0;      ///< launch that it is given to; of all of them, where it is given to none
    std::size_t launches = 0;  ///< that it is given to
    bool proved = false;       ///< one launch writes all of it
    std::vector<TermPtr> left; ///< what has to be impossible after the launches so far, in `pool_`
  };
  void judge(Context& context, Output& output, std::size_t launch);

  const Contract& contract_;
  TermPool pool_;
  std::vector<Output> outputs_;
};

} // namespace kverify::verifier

// Keeps the reporter's scene up to date. Accuses nobody by itself.
#include "simt/checks/checks.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

class SceneObserver : public Observer {
public:
  explicit SceneObserver(CheckContext& context) : c_(context) {}

  void onLaunch(const KernelLaunch& launch, std::uint32_t) override {
    c_.reporter.dropDrawings();
    c_.reporter.scene().startLaunch(launch);
  }
  void onBlock(std::uint32_t block, std::span<Thread*>) override {
    c_.reporter.finishDrawings(std::nullopt, false);
    c_.reporter.scene().forgetConflicts();
    c_.reporter.scene().startBlock(block, c_.machine->blockStart());
  }
  void onMeet(std::span<Thread*>, bool whole_block) override {
    if (!whole_block)
      return;
    const SourceStack& stack = c_.machine->sites().sites[c_.machine->barrierSite()].stack;
    c_.reporter.finishDrawings(stack.empty() ? SourceLocation{} : stack.front(), false);
    c_.reporter.scene().forgetConflicts();
    c_.reporter.scene().passBarrier(c_.machine->barrierSite(), c_.machine->lastBarrier());
  }
  void onStop() override { c_.reporter.finishDrawings(std::nullopt, true); }

private:
  CheckContext c_;
};

} // namespace

std::unique_ptr<Observer> makeScene(CheckContext& context) {
  return std::make_unique<SceneObserver>(context);
}

} // namespace kverify::simt

// Outputs that were not written: every element of a tensor declared `write` must have been, when the last launch ends.
// Sound and complete for the run.
#include <fmt/format.h>

#include <algorithm>

#include "simt/checks/checks.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

const CheckInfo kInfo{"output.unwritten",
                      "KV1402",
                      "fuzz",
                      "an element of an output that no thread writes",
                      "the caller gets whatever was in the buffer: often yesterday's right answer",
                      "cover the tail: every element of the declared shape must be written",
                      "sound and complete for the inputs that were run"};
const RegisterCheck registration(kInfo);

class Output : public Observer {
public:
  explicit Output(CheckContext& context) : c_(context) {}

  void onPlanEnd() override {
    for (std::size_t i = 0; i < c_.plan.buffers.size(); ++i) {
      const Buffer& buffer = c_.plan.buffers[i];
      if (buffer.access == Access::Write)
        look(i);
    }
  }

private:
  void look(std::size_t index) {
    const Buffer& buffer = c_.plan.buffers[index];
    std::uint64_t address = c_.arena.base() + bufferOffset(index);
    std::uint64_t size = sizeOf(buffer.dtype);
    std::int64_t missing = 0, first = -1;
    std::int64_t declared = 0;
    auto visit = [&](std::int64_t i) {
      ++declared;
      if (written(address + static_cast<std::uint64_t>(i) * size, size))
        return;
      if (missing++ == 0)
        first = i;
    };
    if (buffer.shape.empty())
      for (std::int64_t i = 0; i < buffer.elements; ++i)
        visit(i);
    else
      forEachElement(buffer, visit);
    if (!missing)
      return;
    Place place = c_.map.find(address + static_cast<std::uint64_t>(first) * size);
    c_.reporter.report(kInfo,
                       fmt::format("{} of {} elements of {} are never written; the first is {}", missing, declared,
                                   buffer.name, MemoryMap::element(place)),
                       {{{c_.kernels[launchOf(index)]}, "this kernel has to write it"}},
                       {.facts = {.violation = Violation{"elements of " + buffer.name + " that are never written",
                                                         static_cast<double>(missing), 0, "element"}},
                        .drawing = Drawing{address + static_cast<std::uint64_t>(first) * size, size}});
  }

  /// All bytes of the element. The last, incomplete granule of a buffer is never allocated, and one that it shares with
  /// padding is padding: no access of the program is narrow enough to write it.
  bool written(std::uint64_t address, std::uint64_t size) const {
    const abi::Cell* last = &c_.arena.cell(address + size - 1);
    for (const abi::Cell* cell = &c_.arena.cell(address); cell <= last; ++cell)
      if (cell->write <= abi::kUninitialised)
        return false;
    return true;
  }

  /// The last launch that is given the buffer.
  std::size_t launchOf(std::size_t index) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < c_.plan.launches.size(); ++i)
      for (const KernelArg& arg : c_.plan.launches[i].args)
        if (takes(arg, index))
          found = i;
    return found;
  }

  static bool takes(const KernelArg& arg, std::size_t index) {
    if (auto* all = std::get_if<StructArg>(&arg))
      return std::any_of(all->pointers.begin(), all->pointers.end(),
                         [&](const StructArg::Pointer& pointer) { return pointer.to.buffer == index; });
    auto* buffer = std::get_if<BufferArg>(&arg);
    return buffer && buffer->buffer == index;
  }

  CheckContext c_;
};

} // namespace

std::unique_ptr<Observer> makeOutputCheck(CheckContext& context) {
  return std::make_unique<Output>(context);
}

std::vector<std::unique_ptr<Observer>> makeChecks(CheckContext& context) {
  std::vector<std::unique_ptr<Observer>> checks;
  checks.push_back(makeBoundsCheck(context));
  checks.push_back(makeAlignmentCheck(context));
  checks.push_back(makeReadOnlyCheck(context));
  checks.push_back(makeRaceCheck(context));
  checks.push_back(makeInitialisedCheck(context));
  checks.push_back(makeConvergenceCheck(context));
  checks.push_back(makeFaultCheck(context));
  checks.push_back(makeArithmeticCheck(context));
  checks.push_back(makeOutputCheck(context));
  checks.push_back(makeScene(context)); // last: what the others report at a barrier belongs to the interval before it
  return checks;
}

} // namespace kverify::simt

#include "simt/run.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "core/near_name.h"
#include "simt/checks/checks.h"
#include "simt/shadow/run.h"

namespace kverify::simt {
namespace {

/// Of LaunchPlan::only_block: buffers of any size, each in slots of its own, with free room behind it.
std::uint64_t slotsOf(const Buffer& buffer) {
  auto elements = static_cast<std::uint64_t>(std::max<std::int64_t>(buffer.elements, 0));
  std::uint64_t slots = 0;
  if (__builtin_mul_overflow(elements, sizeOf(buffer.dtype), &elements))
    return abi::kSlots;
  slots = (elements >> abi::kSlotShift) + 2;
  return std::min(slots, abi::kSlots);
}

std::uint64_t hugeOffset(const LaunchPlan& plan, std::size_t index) {
  std::uint64_t slot = abi::kFirstBufferSlot;
  for (std::size_t i = 0; i < index; ++i)
    slot += slotsOf(plan.buffers[i]);
  return slot << abi::kSlotShift;
}

/// The arena has the addresses, and nobody needs the memory.
Expected<void> validateHuge(const LaunchPlan& plan) {
  if (plan.launches.size() != 1)
    return fail(ErrorKind::Internal, "one block alone is run of a plan of one launch only");
  const Dim3 &block = *plan.only_block, &grid = plan.launches[0].grid;
  if (block.x >= grid.x || block.y >= grid.y || block.z >= grid.z)
    return fail(ErrorKind::Input, "the launch has no such block");
  if (hugeOffset(plan, plan.buffers.size()) >= abi::kArenaBytes)
    return fail(ErrorKind::Limit, "the buffers of this case are larger than the executor's address space");
  return {};
}

constexpr std::uint64_t kStacks = (abi::kStackSlot << abi::kSlotShift) + (1ull << 34);

/// Lays a plan out in an arena, runs it, and cleans up behind it.
class PlanRun {
public:
  PlanRun(const Engine& engine, const frontend::DeviceModule& module, const LaunchPlan& plan, const RunLimits& limits,
          const EngineMode& mode, Arena& arena)
      : engine_(engine), module_(module), plan_(plan), limits_(limits), mode_(mode), arena_(arena),
        map_(arena, engine.table),
        reporter_(engine.table, map_, plan, arena), context_{reporter_, arena, map_, machine_, plan, kernels_} {
    for (const KernelLaunch& launch : plan.launches) {
      const frontend::KernelInfo* kernel = kernelNamed(launch.kernel);
      kernels_.push_back(kernel ? kernel->location : SourceLocation{});
    }
  }

  Expected<PlanResult> run() {
    for (const ModuleObject& object : engine_.table.objects)
      if (!object.problem.empty()) {
        PlanResult unsupported;
        unsupported.result.status = RunStatus::Unsupported;
        unsupported.result.reason = object.problem;
        return unsupported;
      }
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i)
      placeBuffer(i);
    placeObjects();
    if (plan_.only_block)
      checks_ = makeArithmeticChecks(context_);
    else if (mode_.precise)
      checks_ = makeChecks(context_);
    if (mode_.precise && limits_.watched_byte)
      checks_.push_back(makeLastStore(context_, *limits_.watched_byte, last_store_));
    std::vector<Observer*> observers;
    for (auto& check : checks_)
      observers.push_back(check.get());
    LocalTracker tracker(map_);
    if (mode_.precise)
      observers.push_back(&tracker);
    MachineLimits machine_limits{limits_.steps,         limits_.printf_bytes,   stackBytes(),         calleeBytes(),
                                 mode_.undefined_value, mode_.report_undefined, mode_.undefined_site, limits_.stop,
                                 plan_.only_block,      limits_.schedule};
    Machine machine(arena_, engine_.table, observers, machine_limits);
    machine_ = &machine;
    coverage_.assign(engine_.coverage.points, 0);
    machine.coverage = coverage_.data();
    if (auto ready = placeShadow(machine); !ready)
      return tl::unexpected(ready.error());
    for (std::size_t i = 0; i < plan_.buffers.size() && !plan_.only_block; ++i)
      machine.addEpochRange(bufferOffset(i), bytesOf(plan_.buffers[i]));
    for (const ModuleObject& object : engine_.table.objects)
      if (object.where > ModuleObject::Where::DynamicShared)
        machine.addEpochRange(object.offset, object.bytes);
    StopReason reason = StopReason::None;
    for (std::uint32_t i = 0; i < plan_.launches.size() && reason == StopReason::None; ++i) {
      auto launched = launch(machine, i);
      if (!launched)
        return tl::unexpected(launched.error());
      reason = *launched;
    }
    return finish(machine, reason);
  }

private:
  /// Local arrays come and go; the map needs them for messages.
  class LocalTracker : public Observer {
  public:
    explicit LocalTracker(MemoryMap& map) : map_(map) {}
    void onLocal(Thread&, std::uint64_t address, std::uint64_t bytes, std::uint32_t site) override {
      map_.addLocal(address, bytes, site);
    }
    void onBlock(std::uint32_t, std::span<Thread*>) override { map_.clearLocals(); }

  private:
    MemoryMap& map_;
  };

  Expected<void> placeShadow(Machine& machine) {
    if (engine_.shadow == ShadowDomain::None)
      return {};
    auto made = shadow::Run::create(engine_.shadow, limits_.shadow, engine_.shadow_granule_log2,
                                    engine_.shadow_constants, engine_.table, arena_);
    if (!made)
      return tl::unexpected(made.error());
    shadow_ = std::move(*made);
    machine.shadow = shadow_.get();
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i)
      shadow_->placeBuffer(i, plan_.buffers[i], arena_.base() + bufferOffset(i));
    return {};
  }

  static std::uint64_t bytesOf(const Buffer& buffer) {
    return static_cast<std::uint64_t>(buffer.elements) * sizeOf(buffer.dtype);
  }

  std::uint64_t stackBytes() const {
    std::uint64_t locals = 0, callees = calleeBytes();
    for (const auto& [name, kernel] : engine_.entries)
      locals = std::max(locals, kernel.entry.local_bytes);
    constexpr std::uint64_t recursion = 1 << 20;
    return (std::uint64_t{48} << 10) + kHostStackBytes + locals +
           std::min(16 * callees, std::max(2 * callees, recursion));
  }

  std::uint64_t calleeBytes() const {
    return engine_.entries.empty() ? 0 : engine_.entries.begin()->second.entry.callee_bytes;
  }

  /// A last, incomplete granule is left unallocated: every access of the program is as wide as a granule, and one that
  /// touches it goes over the end.
  std::uint64_t wholeCells(std::uint64_t bytes) const { return bytes >> arena_.granuleLog2() << arena_.granuleLog2(); }

  std::uint64_t offsetOf(std::size_t index) const {
    return plan_.only_block ? hugeOffset(plan_, index) : bufferOffset(index);
  }

  void placeBuffer(std::size_t index) {
    const Buffer& buffer = plan_.buffers[index];
    std::uint64_t offset = offsetOf(index), bytes = bytesOf(buffer);
    if (plan_.only_block) { // nothing is looked up in its shadow, and what was not touched before is zero
      if (!buffer.bytes.empty())
        std::memcpy(arena_.data(offset), buffer.bytes.data(), bytes);
      return map_.addBuffer(buffer, offset);
    }
    if (!buffer.bytes.empty())
      std::memcpy(arena_.data(offset), buffer.bytes.data(), bytes);
    else
      std::memset(arena_.data(offset), 0xff, bytes); // NaN, or -1: nothing that could pass for a result
    std::uint32_t word = buffer.access == Access::Read        ? abi::kHostReadOnly
                         : buffer.access == Access::ReadWrite ? abi::kHostEpoch
                                                              : abi::kUninitialised;
    if (contiguous(buffer))
      arena_.mark(offset, wholeCells(bytes), word);
    else
      markRows(buffer, offset, word);
    map_.addBuffer(buffer, offset);
  }

  static bool contiguous(const Buffer& buffer) {
    std::int64_t count = 1;
    for (std::int64_t extent : buffer.shape)
      count *= extent;
    return buffer.shape.empty() || count >= buffer.elements;
  }

  /// Padding first, then every element of the declared shape.
  void markRows(const Buffer& buffer, std::uint64_t offset, std::uint32_t word) {
    std::uint64_t size = sizeOf(buffer.dtype);
    arena_.mark(offset, wholeCells(bytesOf(buffer)), abi::kPadding);
    // Granules of several elements are inside when all of them are: every access covers whole granules.
    std::uint64_t granule = std::uint64_t{1} << arena_.granuleLog2();
    std::vector<bool> inside(size < granule ? static_cast<std::size_t>(buffer.elements) : 0);
    forEachElement(buffer, [&](std::int64_t element) {
      if (size < granule)
        inside[static_cast<std::size_t>(element)] = true;
      else
        arena_.mark(offset + static_cast<std::uint64_t>(element) * size, size, word);
    });
    if (inside.empty())
      return;
    std::size_t together = static_cast<std::size_t>(granule / size);
    for (std::size_t at = 0; at + together <= inside.size(); at += together)
      if (std::all_of(inside.begin() + static_cast<std::ptrdiff_t>(at),
                      inside.begin() + static_cast<std::ptrdiff_t>(at + together), [](bool each) { return each; }))
        arena_.mark(offset + at * size, granule, word);
  }

  void placeObjects() {
    for (const ModuleObject& object : engine_.table.objects) {
      if (object.where <= ModuleObject::Where::DynamicShared)
        continue;
      bool constant = object.where == ModuleObject::Where::Constant;
      auto image = engine_.images.find(object.init_symbol);
      if (image != engine_.images.end() && image->second)
        std::memcpy(arena_.data(object.offset), image->second, object.bytes);
      for (const ModuleObject::Address& address : object.addresses) {
        std::uint64_t value =
            arena_.base() + engine_.table.objects[address.object].offset + static_cast<std::uint64_t>(address.addend);
        std::memcpy(arena_.data(object.offset + address.offset), &value, sizeof value);
      }
      arena_.mark(object.offset, wholeCells(object.bytes), constant ? abi::kHostReadOnly : abi::kHostEpoch);
    }
  }

  void placeShared(std::uint32_t dynamic) {
    for (const ModuleObject& object : engine_.table.objects) {
      if (object.where == ModuleObject::Where::StaticShared)
        arena_.mark(object.offset, wholeCells(object.bytes), abi::kUninitialised);
      else if (object.where == ModuleObject::Where::DynamicShared)
        arena_.mark(object.offset, wholeCells(dynamic), abi::kUninitialised);
    }
  }

  /// Shadow of shared memory from an earlier launch, or an earlier plan, is unallocated again. Data may stay: it can't
  /// be read without being written first.
  void releaseShared() {
    for (const ModuleObject& object : engine_.table.objects)
      if (object.where == ModuleObject::Where::StaticShared)
        arena_.mark(object.offset, object.bytes, abi::kUnallocated);
      else if (object.where == ModuleObject::Where::DynamicShared)
        arena_.mark(object.offset, 228 << 10, abi::kUnallocated);
  }

  const frontend::KernelInfo* kernelNamed(const std::string& name) const {
    for (const frontend::KernelInfo& kernel : module_.kernels)
      if (kernel.name == name || kernel.mangled == name)
        return &kernel;
    return nullptr;
  }

  tl::unexpected<ToolError> noKernel(const std::string& name) const {
    std::vector<std::string> names;
    for (const frontend::KernelInfo& kernel : module_.kernels)
      names.push_back(kernel.name);
    return fail(ErrorKind::Input, "no kernel '" + name + "' in this file", module_.source.path,
                didYouMean(name, names));
  }

  Expected<StopReason> launch(Machine& machine, std::uint32_t index) {
    const KernelLaunch& launch = plan_.launches[index];
    const frontend::KernelInfo* kernel = kernelNamed(launch.kernel);
    auto entry = kernel ? engine_.entries.find(kernel->mangled) : engine_.entries.end();
    if (entry == engine_.entries.end())
      return noKernel(launch.kernel);
    reporter_.setLaunch(index);
    constexpr std::uint64_t most = 512 << 10;
    if (std::uint64_t bytes = std::max(entry->second.entry.local_bytes, calleeBytes()); bytes > 2 * most)
      return fail(ErrorKind::Limit,
                  fmt::format("{} keeps {} KiB in local arrays; a GPU has {} KiB a thread", launch.kernel, bytes >> 10,
                              most >> 10),
                  module_.source.path);
    if (auto problem = launchLimitProblem(launch, kernel->static_shared_bytes, module_.target)) {
      reporter_.report(launchLimitCheck(), problem->text, {FindingLocation{{kernel->location}, "this kernel is launched"}},
                       {.facts = {.violation = problem->violation}});
      return StopReason::Fault;
    }
    auto params = packParams(launch, entry->second.entry);
    if (!params)
      return tl::unexpected(params.error());
    map_.clearObjects();
    map_.addObjects(engine_.table.objects, launch.dynamic_shared_bytes);
    releaseShared();
    placeShared(launch.dynamic_shared_bytes);
    // Frames of one kernel mark their arrays anew on entry; those of another, or of an interrupted run, must go.
    if (arena_.stack_owner != &entry->second)
      arena_.release(kStacks, 1024 * (stackBytes() + 8192));
    arena_.stack_owner = nullptr;
    StopReason reason = machine.runLaunch(entry->second.address, launch, index, *params);
    if (reason == StopReason::None)
      arena_.stack_owner = &entry->second;
    return reason;
  }

  /// Writes the arguments into the parameter slot; returns its address.
  Expected<std::uint64_t> packParams(const KernelLaunch& launch, const lower::Entry& entry) {
    if (launch.args.size() != entry.params.size())
      return fail(
          ErrorKind::Input,
          fmt::format("{} takes {} arguments, {} are given", launch.kernel, entry.params.size(), launch.args.size()),
          module_.source.path);
    std::uint64_t offset = (abi::kParamSlot << abi::kSlotShift) + (1ull << 32);
    std::uint8_t* data = arena_.data(offset);
    for (std::size_t i = 0; i < launch.args.size(); ++i) {
      const lower::ParamSlot& slot = entry.params[i];
      if (auto* buffer = std::get_if<BufferArg>(&launch.args[i])) {
        std::uint64_t address =
            arena_.base() + offsetOf(buffer->buffer) + static_cast<std::uint64_t>(buffer->byte_offset);
        if (slot.bytes != 8 || buffer->buffer >= plan_.buffers.size())
          return fail(ErrorKind::Input, fmt::format("argument {} of {} is no pointer", i + 1, launch.kernel),
                      module_.source.path);
        std::memcpy(data + slot.offset, &address, 8);
        continue;
      }
      const auto* all = std::get_if<StructArg>(&launch.args[i]);
      const auto& bytes = all ? all->bytes : std::get<ScalarArg>(launch.args[i]).bytes;
      if (bytes.size() != slot.bytes)
        return fail(ErrorKind::Input,
                    fmt::format("argument {} of {} has {} bytes, the kernel takes {}", i + 1, launch.kernel,
                                bytes.size(), slot.bytes),
                    module_.source.path);
      std::memcpy(data + slot.offset, bytes.data(), bytes.size());
      if (all && !placePointers(*all, data + slot.offset))
        return fail(ErrorKind::Input, fmt::format("argument {} of {} has a pointer that lies outside of it", i + 1, launch.kernel),
                    module_.source.path);
    }
    arena_.mark(offset, (entry.param_bytes + 7) & ~std::uint64_t{7}, abi::kHostReadOnly);
    if (shadow_)
      shadow_->placeConstants(arena_.base() + offset, entry.param_bytes);
    return arena_.base() + offset;
  }

  /// Into the struct at `data`.
  bool placePointers(const StructArg& arg, std::uint8_t* data) const {
    for (const StructArg::Pointer& pointer : arg.pointers) {
      if (pointer.to.buffer >= plan_.buffers.size() || std::size_t{pointer.offset} + 8 > arg.bytes.size())
        return false;
      std::uint64_t address = arena_.base() + offsetOf(pointer.to.buffer) + static_cast<std::uint64_t>(pointer.to.byte_offset);
      std::memcpy(data + pointer.offset, &address, sizeof address);
    }
    return true;
  }

  bool outputsComplete() const {
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
      if (plan_.buffers[i].access != Access::Write)
        continue;
      std::uint64_t cells = bytesOf(plan_.buffers[i]) >> arena_.granuleLog2();
      if (wholeCells(bytesOf(plan_.buffers[i])) != bytesOf(plan_.buffers[i]))
        return false; // nobody can write the tail
      bool shares = sizeOf(plan_.buffers[i].dtype) < 1u << arena_.granuleLog2();
      if (shares && !contiguous(plan_.buffers[i]))
        return false; // nor an element beside padding
      const abi::Cell* cell = &arena_.cell(arena_.base() + bufferOffset(i));
      if (std::any_of(cell, cell + cells, [](const abi::Cell& c) { return c.write == abi::kUninitialised; }))
        return false;
    }
    return true;
  }

  std::vector<LastWriter> writersOf(std::size_t index) const {
    const Buffer& buffer = plan_.buffers[index];
    std::vector<LastWriter> writers;
    if (buffer.access == Access::Read)
      return writers;
    std::uint64_t address = arena_.base() + bufferOffset(index), size = sizeOf(buffer.dtype);
    for (std::int64_t i = 0; i < buffer.elements; ++i) {
      auto [code, thread] = reporter_.scene().lastWriter(address + static_cast<std::uint64_t>(i) * size);
      writers.push_back({code, thread});
    }
    return writers;
  }

  PlanResult finish(Machine& machine, StopReason reason) {
    PlanResult out;
    RunResult& result = out.result;
    out.undefined_sites = machine.undefined_sites;
    if (reason == StopReason::None && mode_.precise)
      for (auto& check : checks_)
        check->onPlanEnd();
    for (auto& check : checks_)
      check->onStop();
    out.doubt = reason == StopReason::Doubt || (!mode_.precise && !reporter_.empty()) ||
                (!mode_.precise && mode_.checks && reason == StopReason::None && !outputsComplete());
    switch (reason) {
    case StopReason::None: result.status = RunStatus::Completed; break;
    case StopReason::Doubt:
    case StopReason::Fault: result.status = RunStatus::Faulted; break;
    case StopReason::Unsupported: result.status = RunStatus::Unsupported; break;
    case StopReason::StepLimit:
    case StopReason::EpochLimit: result.status = RunStatus::StepLimit; break;
    case StopReason::Stopped: result.status = RunStatus::Stopped; break;
    }
    result.reason = machine.stopText();
    result.findings = reporter_.take();
    if (limits_.equal_writes)
      std::erase_if(result.findings, [](const Finding& one) { return one.check == kSameValueWrites; });
    result.last_store = std::move(last_store_);
    if (limits_.keep_writers && mode_.precise && !plan_.only_block)
      for (std::size_t i = 0; i < plan_.buffers.size(); ++i)
        result.writers.push_back(writersOf(i));
    result.printed = machine.takePrinted();
    result.printed_dropped = machine.printedDropped();
    result.coverage = std::move(coverage_);
    result.stats.accesses = machine.accesses;
    result.stats.barriers = machine.barriers();
    result.stats.precise = mode_.precise;
    for (std::size_t i = 0; i < plan_.buffers.size() && !plan_.only_block; ++i) {
      std::uint64_t bytes = bytesOf(plan_.buffers[i]);
      result.stats.shadow_bytes += (bytes >> arena_.granuleLog2()) * sizeof(abi::Cell);
      const std::uint8_t* data = arena_.data(bufferOffset(i));
      if (!out.doubt)
        result.buffers.emplace_back(data, data + bytes);
    }
    if (shadow_ && reason == StopReason::None) {
      auto values = std::make_shared<shadow::Result>(shadow_->finish());
      for (std::size_t i = 0; i < plan_.buffers.size(); ++i)
        values->buffers.push_back(plan_.buffers[i].access == Access::Read
                                      ? std::vector<shadow::Element>{}
                                      : shadow_->elements(plan_.buffers[i], arena_.base() + bufferOffset(i)));
      result.shadow = std::move(values);
    }
    return out;
  }

  const Engine& engine_;
  const frontend::DeviceModule& module_;
  const LaunchPlan& plan_;
  const RunLimits& limits_;
  EngineMode mode_;
  Arena& arena_;
  std::vector<SourceLocation> kernels_;
  MemoryMap map_;
  Reporter reporter_;
  Machine* machine_ = nullptr;
  std::unique_ptr<shadow::Run> shadow_;
  std::vector<std::uint8_t> coverage_;
  CheckContext context_;
  std::optional<FindingLocation> last_store_;
  std::vector<std::unique_ptr<Observer>> checks_;
};

Expected<void> validate(const LaunchPlan& plan, const RunLimits& limits) {
  if (plan.buffers.size() > kMaxBuffers)
    return fail(ErrorKind::Limit, fmt::format("{} buffers; the executor takes {}", plan.buffers.size(), kMaxBuffers));
  if (plan.only_block)
    return validateHuge(plan);
  std::uint64_t total = 0;
  for (const Buffer& buffer : plan.buffers) {
    std::uint64_t bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(buffer.elements, 0)) * sizeOf(buffer.dtype);
    total += bytes;
    if (bytes > kMaxBufferBytes || total > limits.memory_bytes)
      return fail(ErrorKind::Limit,
                  fmt::format("the buffers of this case need {} MiB; the limit is {} MiB", total >> 20,
                              limits.memory_bytes >> 20),
                  buffer.name);
    if (!buffer.bytes.empty() && buffer.bytes.size() != bytes)
      return fail(ErrorKind::Internal,
                  fmt::format("buffer {} has {} bytes of contents for {}", buffer.name, buffer.bytes.size(), bytes));
  }
  return {};
}

Expected<std::unique_ptr<Arena>> takeArena(const Engine& engine) {
  {
    std::lock_guard lock(engine.arenas_mutex);
    if (!engine.arenas.empty()) {
      auto arena = std::move(engine.arenas.back());
      engine.arenas.pop_back();
      return arena;
    }
  }
  return Arena::create(engine.granule_log2);
}

/// Everything reads as unallocated again; the stacks are left to the next run of the same kernel.
void cleanUp(const LaunchPlan& plan, const Engine& engine, Arena& arena) {
  for (std::size_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.only_block)
      arena.giveBack(hugeOffset(plan, i), slotsOf(plan.buffers[i]) << abi::kSlotShift);
    else
      arena.release(bufferOffset(i),
                    static_cast<std::uint64_t>(plan.buffers[i].elements) * sizeOf(plan.buffers[i].dtype));
  for (const ModuleObject& object : engine.table.objects)
    if (object.where > ModuleObject::Where::DynamicShared)
      arena.release(object.offset, object.bytes);
}

} // namespace

Expected<PlanResult> runPlan(const Engine& engine, const frontend::DeviceModule& module, const LaunchPlan& plan,
                             const RunLimits& limits, const EngineMode& mode) {
  if (auto valid = validate(plan, limits); !valid)
    return tl::unexpected(valid.error());
  auto arena = takeArena(engine);
  if (!arena)
    return tl::unexpected(arena.error());
  if (plan.only_block) // what an earlier plan left of a small buffer is no zero
    cleanUp(plan, engine, **arena);
  auto result = PlanRun(engine, module, plan, limits, mode, **arena).run();
  cleanUp(plan, engine, **arena);
  std::lock_guard lock(engine.arenas_mutex);
  engine.arenas.push_back(std::move(*arena));
  return result;
}

} // namespace kverify::simt

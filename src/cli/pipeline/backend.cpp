#include "cli/pipeline/backend.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "fuzz/judge/judge.h"
#include "fuzz/judge/references.h"
#include "fuzz/properties/relation.h"

namespace kverify::pipeline {
namespace {

/// Runs on the GPU only.
class NativeProgram : public simt::Program {
public:
  NativeProgram(const Subject& subject, std::shared_ptr<cuda::Gpu> gpu, cuda::Cubin cubin, std::uint32_t launch_ms)
      : subject_(subject), gpu_(std::move(gpu)), cubin_(std::move(cubin)), launch_ms_(launch_ms) {}

  Expected<simt::RunResult> run(const LaunchPlan& plan, const simt::RunLimits& limits) override {
    if (limits.stop && *limits.stop) {
      simt::RunResult stopped;
      stopped.status = simt::RunStatus::Stopped;
      return stopped;
    }
    auto job = jobOf(subject_, plan, cubin_, launch_ms_);
    if (!job)
      return tl::unexpected(job.error());
    simt::RunResult result = resultOf(subject_, plan, gpu_->run(*job));
    if (result.status == simt::RunStatus::Completed && result.findings.empty())
      findUnwritten(plan, std::move(*job), result);
    return result;
  }

  Expected<const simt::CoverageMap*> coverageMap() override {
    static const simt::CoverageMap kNothing; // a GPU does not say which ways its threads took
    return &kNothing;
  }

private:
  static bool holds(const std::vector<std::uint8_t>& bytes, std::size_t at, std::size_t size, std::uint8_t poison) {
    return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + size),
                       [poison](std::uint8_t byte) { return byte == poison; });
  }

  /// Elements that still hold the poison were not written, unless the result happens to be that: a second run over another
  /// poison tells.
  void findUnwritten(const LaunchPlan& plan, cuda::Job job, simt::RunResult& result) const {
    constexpr std::uint8_t kPoison = 0xff, kOther = 0x5a;
    std::vector<std::vector<std::int64_t>> suspects(plan.buffers.size());
    bool any = false;
    for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
      const Buffer& buffer = plan.buffers[i];
      if (buffer.access != Access::Write || buffer.shape.empty())
        continue;
      const std::size_t size = sizeOf(buffer.dtype);
      forEachElement(buffer, [&](std::int64_t element) {
        if (holds(result.buffers[i], static_cast<std::size_t>(element) * size, size, kPoison))
          suspects[i].push_back(element);
      });
      any |= !suspects[i].empty();
    }
    if (!any)
      return;
    for (std::size_t i = 0; i < job.buffers.size(); ++i)
      if (plan.buffers[i].access == Access::Write) {
        job.buffers[i].fill = cuda::Fill::Contents;
        job.buffers[i].contents.assign(job.buffers[i].bytes, kOther);
      }
    cuda::JobResult again = gpu_->run(std::move(job));
    if (again.status != cuda::JobStatus::Completed)
      return;
    for (std::size_t i = 0; i < suspects.size(); ++i) {
      const std::size_t size = sizeOf(plan.buffers[i].dtype);
      std::erase_if(suspects[i], [&](std::int64_t element) {
        return !holds(again.buffers[i], static_cast<std::size_t>(element) * size, size, kOther);
      });
      if (suspects[i].empty())
        continue;
      Finding finding{.check = "output.unwritten",
                      .message = fmt::format("{} elements of '{}' were never written, the first at {}", suspects[i].size(),
                                             plan.buffers[i].name, suspects[i].front())};
      if (const auto* kernel = subject_.kernelInfo(plan.launches.back().kernel))
        finding.locations = {{{kernel->location}, "on the GPU"}};
      result.findings.push_back(std::move(finding));
    }
  }

  const Subject& subject_;
  std::shared_ptr<cuda::Gpu> gpu_;
  cuda::Cubin cubin_;
  std::uint32_t launch_ms_;
};

/// The executor first; what it finds nothing wrong with runs on the GPU, too, and the results are compared.
class BothPrograms : public simt::Program {
public:
  BothPrograms(const Subject& subject, std::unique_ptr<simt::Program> executor, std::unique_ptr<simt::Program> native,
               std::shared_ptr<GpuRecord> record)
      : subject_(subject), executor_(std::move(executor)), native_(std::move(native)), record_(std::move(record)) {}

  Expected<const simt::CoverageMap*> coverageMap() override { return executor_->coverageMap(); }

  Expected<simt::RunResult> run(const LaunchPlan& plan, const simt::RunLimits& limits) override {
    auto here = executor_->run(plan, limits);
    if (!here || !native_ || here->doubt || here->status != simt::RunStatus::Completed || !here->findings.empty() ||
        plan.only_block || limits.schedule)
      return here;
    auto there = native_->run(plan, limits);
    if (!there)
      return there;
    if (there->status != simt::RunStatus::Completed) {
      there->buffers = std::move(here->buffers);
      return there;
    }
    for (Finding& finding : there->findings)
      here->findings.push_back(std::move(finding));
    if (here->findings.empty())
      compare(plan, *here, *there);
    return here;
  }

private:
  void compare(const LaunchPlan& plan, simt::RunResult& here, const simt::RunResult& there) {
    bool equal = true;
    for (std::size_t i = 0; i < plan.buffers.size(); ++i)
      if (plan.buffers[i].access == Access::Write || plan.buffers[i].access == Access::ReadWrite)
        equal = equal && here.buffers[i] == there.buffers[i];
    double worst = 0, beyond = 0;
    std::string where;
    bool judged = subject_.judgesValues();
    if (judged && !equal) {
      judgeThere(plan, here, there);
      judged = measure(plan, here, there, worst, beyond, where);
    }
    std::lock_guard lock(record_->mutex);
    ++record_->cases;
    record_->bitwise_equal += equal;
    if (worst > record_->worst_ratio || (std::isnan(worst) && !std::isnan(record_->worst_ratio))) {
      record_->worst_ratio = worst;
      record_->worst_where = where;
    }
    if (!equal && here.findings.empty() && (!judged || !(beyond <= 1)) && record_->disagreements++ == 0)
      record_->first_disagreement = judged ? fmt::format("{} differs by {:.3g} of the bound", where, worst)
                                           : "the bits differ, and there is no bound to measure that by";
  }

  /// The GPU's values against the reference, as the executor's will be.
  void judgeThere(const LaunchPlan& plan, simt::RunResult& here, const simt::RunResult& there) const {
    auto judgement = judge::judge(*subject_.contract, plan, there.buffers);
    if (!judgement)
      return;
    for (auto [check, message] : {std::pair(judge::kBoundCheck, &judgement->bound_message),
                                  std::pair(judge::kNonfiniteCheck, &judgement->nonfinite_message)}) {
      if (message->empty())
        continue;
      Finding finding{.check = check, .message = "on the GPU: " + *message};
      if (const auto* kernel = subject_.kernelInfo(plan.launches.back().kernel))
        finding.locations = {{{kernel->location}, "on the GPU"}};
      here.findings.push_back(std::move(finding));
    }
  }

  /// Largest |there - here| / bound over all outputs, and the same beyond one step of a 16-bit output: two results on either side
  /// of a rounding boundary are neighbours, however close they were before. False where there is no bound.
  bool measure(const LaunchPlan& plan, const simt::RunResult& here, const simt::RunResult& there, double& worst, double& beyond,
               std::string& where) const {
    Sizes sizes;
    for (const auto& [name, value] : plan.sizes)
      sizes[name] = value;
    auto setting = properties::settingAt(*subject_.contract, sizes, 1);
    auto references = judge::askReferences(*subject_.contract, plan);
    if (!setting || !references)
      return false;
    auto a = properties::denseOutputs(*subject_.contract, plan, setting->axes, here.buffers);
    auto b = properties::denseOutputs(*subject_.contract, plan, setting->axes, there.buffers);
    for (const auto& [role, values] : a) {
      auto reference = references->find(role);
      if (reference == references->end())
        continue;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = values[i], y = b.at(role)[i], bound = reference->second.bound[i];
        if (x == y || (std::isnan(x) && std::isnan(y)) || std::isinf(bound))
          continue;
        const double step = 2 * stepOf(role) * std::max(std::fabs(x), std::fabs(y));
        const double ratio = bound > 0 ? std::fabs(x - y) / bound : INFINITY;
        const double more = bound > 0 ? (std::fabs(x - y) - step) / bound : INFINITY;
        if (!(more <= beyond))
          beyond = more;
        if (!(ratio <= worst)) {
          worst = ratio;
          where = role + properties::viewOf(*setting, plan, role).indexText(static_cast<std::int64_t>(i));
        }
      }
    }
    return true;
  }

  /// Unit roundoff of an output of 16 bits; 0 for wider ones.
  double stepOf(const std::string& role) const {
    const TensorDecl* tensor = subject_.contract->findRole(role);
    return !tensor ? 0 : tensor->dtype == DType::BF16 ? 0x1p-8 : tensor->dtype == DType::F16 ? 0x1p-11 : 0;
  }

  const Subject& subject_;
  std::unique_ptr<simt::Program> executor_, native_; ///< native_ is null where there is no GPU
  std::shared_ptr<GpuRecord> record_;
};

Expected<std::unique_ptr<simt::Program>> createNative(const Subject& subject, std::uint32_t launch_ms, GpuRecord& record) {
  auto gpu = sharedGpu();
  auto device = gpu->device();
  if (!device)
    return tl::unexpected(device.error());
  auto cubin = compileForGpu(subject, *device);
  if (!cubin)
    return tl::unexpected(cubin.error());
  record.device = fmt::format("{} (sm_{}{}, driver {})", device->name, device->major, device->minor, device->nvml_driver);
  record.compiler = cubin->compiler;
  return std::make_unique<NativeProgram>(subject, std::move(gpu), std::move(*cubin), launch_ms);
}

} // namespace

std::string_view nameOf(Backend backend) {
  return backend == Backend::Simt ? "simt" : backend == Backend::Cuda ? "cuda" : "both";
}

std::optional<Backend> parseBackend(std::string_view name) {
  for (Backend backend : {Backend::Simt, Backend::Cuda, Backend::Both})
    if (nameOf(backend) == name)
      return backend;
  return std::nullopt;
}

std::shared_ptr<cuda::Gpu> sharedGpu() {
  static auto gpu = std::make_shared<cuda::Gpu>();
  return gpu;
}

Expected<Runner> createRunner(const Subject& subject, const BackendOptions& backend, const simt::ProgramOptions& options) {
  Runner runner;
  std::unique_ptr<simt::Program> executor;
  if (backend.backend != Backend::Cuda) {
    auto created = simt::Program::create(subject.module, options);
    if (!created)
      return tl::unexpected(created.error());
    executor = std::move(*created);
  }
  if (backend.backend == Backend::Simt) {
    runner.program = std::move(executor);
    return runner;
  }
  runner.gpu = std::make_shared<GpuRecord>();
  auto native = createNative(subject, backend.launch_ms, *runner.gpu);
  if (!native)
    runner.gpu->unavailable = native.error().message;
  if (backend.backend == Backend::Cuda) {
    if (!native)
      return tl::unexpected(native.error());
    runner.program = std::move(*native);
    return runner;
  }
  runner.program = std::make_unique<BothPrograms>(subject, std::move(executor), native ? std::move(*native) : nullptr,
                                                  runner.gpu);
  return runner;
}

bool isSeenOn(Backend backend, const CheckInfo& check) {
  if (backend != Backend::Cuda)
    return true;
  const std::string_view id = check.id;
  return id.starts_with("numerics.") || id.starts_with("property.") || id.starts_with("stability.") ||
         id.starts_with("algebra.") || id == "limits.launch";
}

} // namespace kverify::pipeline

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bench/timing/contender.h"
#include "cli/pipeline/backend.h"
#include "contract/instantiate.h"
#include "cuda/nvml.h"
#include "fuzz/generate/cases.h"
#include "fuzz/generate/families.h"
#include "fuzz/judge/judge.h"

namespace kverify::bench {
namespace {

constexpr unsigned kSampledRows = 12;
constexpr std::uint32_t kSets = 3;   // of contents
constexpr std::uint32_t kCopies = 2; // of the buffers
constexpr std::uint64_t kMemory = std::uint64_t{64} << 30;

std::optional<cuda::PatternType> patternType(DType dtype) {
  switch (dtype) {
  case DType::F32: return cuda::PatternType::F32;
  case DType::F16: return cuda::PatternType::F16;
  case DType::BF16: return cuda::PatternType::BF16;
  default: return std::nullopt;
  }
}

class KernelContender : public Contender {
public:
  KernelContender(const pipeline::Subject& subject, cuda::Cubin cubin, std::uint64_t seed, std::uint32_t launch_ms)
      : subject_(subject), cubin_(std::move(cubin)), seed_(seed), launch_ms_(launch_ms) {}

  std::string name() const override { return subject_.displayName(); }
  const cuda::Cubin& cubin() const { return cubin_; }
  std::vector<cuda::FunctionInfo> functions() const override { return functions_; }

  Expected<void> prepare(const Shape& shape) override {
    rows_.reset();
    contents_.clear();
    auto timing = jobFor(shape);
    if (!timing)
      return tl::unexpected(timing.error());
    if (auto device = gpu_.device(); device && device->l2_bytes > 0)
      timing->flush_bytes = 4 * static_cast<std::uint64_t>(device->l2_bytes);
    cuda::JobResult ready = gpu_.prepare(std::move(*timing));
    if (ready.status == cuda::JobStatus::Completed) {
      functions_ = ready.functions;
      return {};
    }
    auto kind = ready.status == cuda::JobStatus::OutOfMemory ? ErrorKind::Limit : ErrorKind::Environment;
    return fail(kind, fmt::format("the kernel can't be timed: {}: {}", cuda::nameOf(ready.status), ready.detail));
  }

  Expected<SampleSet> sample(unsigned samples, unsigned batch, bool cold) override {
    cuda::Samples taken = gpu_.sample({.samples = samples, .batch = batch, .cold = cold});
    if (taken.status != cuda::JobStatus::Completed)
      return fail(ErrorKind::Environment, fmt::format("timing ended early: {}: {}", cuda::nameOf(taken.status), taken.detail));
    SampleSet set{.ms = {}, .health = taken.health};
    for (std::size_t i = 0; i < taken.ms.size(); ++i) {
      const std::int64_t before = taken.health[i].throttle, after = taken.health[i + 1].throttle;
      const std::int64_t bits = (before > 0 ? before : 0) | (after > 0 ? after : 0);
      set.wall_excess_ms = std::max(set.wall_excess_ms, (taken.wall_ms[i] - taken.ms[i]) * batch);
      if (bits & cuda::kThrottleBits) {
        ++set.discarded;
        set.throttle = cuda::throttleText(bits & cuda::kThrottleBits);
        continue;
      }
      set.ms.push_back(taken.ms[i]);
    }
    return set;
  }

  Recheck recheck() override {
    cuda::JobResult last = gpu_.collect();
    Recheck result{.judgement = std::nullopt, .problem = "", .set = last.contents};
    if (last.status != cuda::JobStatus::Completed) {
      result.problem = fmt::format("{}: {}", cuda::nameOf(last.status), last.detail);
      return result;
    }
    if (!last.damage.empty()) {
      result.judgement = SampledJudgement{.worst_ratio = INFINITY,
                                          .where = fmt::format("{} bytes outside every buffer", last.damage[0].bytes)};
      return result;
    }
    if (rows_) {
      auto judged = rows_->judge(last.buffers, last.contents);
      if (judged)
        result.judgement = *judged;
      else
        result.problem = judged.error().message;
      return result;
    }
    judgeWhole(last, result);
    return result;
  }

private:
  Expected<cuda::TimingJob> jobFor(const Shape& shape) {
    auto empty = contract::instantiate(*subject_.contract, subject_.module.kernels, shape.sizes, {.memory_bytes = kMemory});
    if (!empty)
      return tl::unexpected(empty.error());
    plan_ = std::move(*empty);
    std::uint64_t input_bytes = 0;
    bool patterns = true;
    for (const Buffer& buffer : plan_.buffers) {
      const bool input = buffer.access == Access::Read || buffer.access == Access::ReadWrite;
      patterns = patterns && (!input || patternType(buffer.dtype));
      input_bytes += input ? static_cast<std::uint64_t>(buffer.elements) * sizeOf(buffer.dtype) : 0;
    }
    auto rows = SampledRows::choose(subject_, plan_, kSampledRows, seed_);
    if (patterns && rows) {
      rows_ = std::move(*rows);
      return patternJob();
    }
    if (input_bytes > (std::uint64_t{1} << 30))
      return fail(ErrorKind::Limit, fmt::format("inputs of {} bytes are too many to be made on the host ({})", input_bytes,
                                                rows ? "integer tensors" : rows.error().message));
    return contentsJob(shape);
  }

  Expected<cuda::TimingJob> patternJob() {
    auto job = pipeline::jobOf(subject_, plan_, cubin_, launch_ms_);
    if (!job)
      return tl::unexpected(job.error());
    cuda::TimingJob timing{.job = std::move(*job), .more = {}, .copies = kCopies, .sets = kSets};
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
      const Buffer& buffer = plan_.buffers[i];
      if (buffer.access != Access::Read && buffer.access != Access::ReadWrite)
        continue;
      cuda::JobBuffer& to = timing.job.buffers[i];
      to.fill = cuda::Fill::Pattern;
      to.element = *patternType(buffer.dtype);
      to.pattern_seed = patternSeed(seed_, i, 0);
    }
    timing.job.all_buffers = false;
    timing.job.slices = rows_->slices();
    return timing;
  }

  Expected<cuda::TimingJob> contentsJob(const Shape& shape) {
    cuda::TimingJob timing{.more = {}, .copies = kCopies, .sets = kSets};
    for (std::uint32_t set = 0; set < kSets; ++set) {
      generate::Case one{.seed = seed_ + set, .family = generate::familyNames(*subject_.contract).front(), .sizes = shape.sizes};
      auto plan = generate::buildPlan(*subject_.contract, subject_.module.kernels, one, {.memory_bytes = kMemory});
      if (!plan)
        return tl::unexpected(plan.error());
      auto job = pipeline::jobOf(subject_, *plan, cubin_, launch_ms_);
      if (!job)
        return tl::unexpected(job.error());
      if (set == 0) {
        timing.job = std::move(*job);
      } else {
        cuda::ContentSet& more = timing.more.emplace_back();
        for (cuda::JobBuffer& buffer : job->buffers)
          if (buffer.fill == cuda::Fill::Contents)
            more.buffers.push_back(std::move(buffer.contents));
      }
      contents_.push_back(std::move(*plan));
    }
    return timing;
  }

  void judgeWhole(const cuda::JobResult& last, Recheck& result) const {
    if (!subject_.judgesValues() || last.contents >= contents_.size()) {
      result.problem = "the contract names no operation";
      return;
    }
    auto judged = judge::judge(*subject_.contract, contents_[last.contents], last.buffers);
    if (!judged) {
      result.problem = judged.error().message;
      return;
    }
    SampledJudgement whole{.compared = judged->compared, .worst_ratio = judged->nonfinite ? INFINITY : judged->worst_ratio};
    if (judged->worst) {
      whole.where = judged->worst->tensor + judged->worst->index;
      whole.got = judged->worst->got;
      whole.want = judged->worst->want;
    }
    result.judgement = whole;
  }

  const pipeline::Subject& subject_;
  cuda::Cubin cubin_;
  cuda::Gpu gpu_;
  std::uint64_t seed_;
  std::uint32_t launch_ms_;
  LaunchPlan plan_;
  std::optional<SampledRows> rows_;
  std::vector<LaunchPlan> contents_;
  std::vector<cuda::FunctionInfo> functions_;
};

} // namespace

std::string Shape::text() const {
  std::string out;
  for (const std::string& name : free)
    if (auto size = sizes.find(name); size != sizes.end())
      out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, size->second);
  return out;
}

Expected<std::unique_ptr<Contender>> kernelContender(const pipeline::Subject& subject, std::uint64_t seed,
                                                     std::uint32_t launch_ms) {
  auto device = pipeline::sharedGpu()->device();
  if (!device)
    return tl::unexpected(device.error());
  auto cubin = pipeline::compileForGpu(subject, *device);
  if (!cubin)
    return tl::unexpected(cubin.error());
  return std::make_unique<KernelContender>(subject, std::move(*cubin), seed, launch_ms);
}

const std::vector<cuda::CompiledKernel>* compiledOf(const Contender& contender) {
  const auto* kernel = dynamic_cast<const KernelContender*>(&contender);
  return kernel ? &kernel->cubin().kernels : nullptr;
}

} // namespace kverify::bench

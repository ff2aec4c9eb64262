#include "cuda/worker/session.h"

#include <chrono>

namespace kverify::cuda {
namespace {

using Clock = std::chrono::steady_clock;

double msSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// What a job has on the device. Given back, unless the context is lost: then every call would wait for a kernel that may never
/// end, and the answer with it.
template <class T>
class OnDevice {
public:
  template <class... Arguments>
  explicit OnDevice(Arguments&&... arguments) : object_(new T(std::forward<Arguments>(arguments)...)) {}
  ~OnDevice() {
    if (!abandoned_)
      delete object_;
  }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  void abandon() { abandoned_ = true; }

private:
  T* object_;
  bool abandoned_ = false;
};

/// An event that is destroyed again.
class Event {
public:
  explicit Event(const Driver& driver) : driver_(driver) {
    if (driver_.eventCreate(&event_, 0) != result::success)
      event_ = nullptr;
  }
  ~Event() {
    if (event_)
      driver_.eventDestroy(event_);
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  CuEvent get() const { return event_; }

private:
  const Driver& driver_;
  CuEvent event_ = nullptr;
};

} // namespace

std::unique_ptr<Session> Session::open(Printed& printed, std::string& problem) {
  auto driver = openDriver(problem);
  if (!driver)
    return nullptr;
  auto session = std::unique_ptr<Session>(new Session(printed, std::move(driver)));
  problem = session->useDevice();
  return problem.empty() ? std::move(session) : nullptr;
}

std::string Session::useDevice() {
  const Driver& d = *driver_;
  if (CuResult error = d.init(0))
    return "the CUDA driver does not start: " + d.textOf(error);
  int count = 0;
  if (d.deviceGetCount(&count) != result::success || count == 0)
    return "the CUDA driver sees no device";
  CuDevice device = 0;
  CuContext context = nullptr;
  CuResult error = d.deviceGet(&device, 0);
  if (!error)
    error = d.primaryCtxRetain(&context, device);
  if (!error)
    error = d.ctxSetCurrent(context);
  if (error)
    return "the device gives no context: " + d.textOf(error);
  char name[256] = {}, bus[64] = {};
  d.deviceGetName(name, sizeof name - 1, device);
  d.deviceGetPciBusId(bus, sizeof bus - 1, device);
  device_.name = name;
  std::size_t memory = 0;
  d.deviceTotalMem(&memory, device);
  device_.memory_bytes = memory;
  d.driverGetVersion(&device_.driver);
  const std::pair<int, std::int32_t*> wanted[] = {{attribute::major, &device_.major},
                                                  {attribute::minor, &device_.minor},
                                                  {attribute::multiprocessors, &device_.multiprocessors},
                                                  {attribute::max_shared_optin, &device_.shared_bytes},
                                                  {attribute::l2_bytes, &device_.l2_bytes},
                                                  {attribute::clock_rate, &device_.clock_khz},
                                                  {attribute::memory_clock_rate, &device_.memory_clock_khz},
                                                  {attribute::bus_width, &device_.bus_bits}};
  for (const auto& [attribute, to] : wanted)
    d.deviceGetAttribute(to, attribute, device);
  nvml_ = Nvml::open(bus);
  device_.nvml_driver = nvml_->driverVersion();
  return {};
}

JobResult Session::failed(const Trouble& trouble) const {
  JobResult result;
  result.status = trouble.status;
  result.error = trouble.error;
  result.error_name = driver_->nameOf(trouble.error);
  result.detail = trouble.detail;
  result.launch = trouble.launch;
  return result;
}

JobResult Session::failed(const DriverError& error) const {
  return failed(Trouble{statusOf(error.error, false), error.error, error.what + ": " + driver_->textOf(error.error)});
}

std::optional<Trouble> Session::launchAll(const Job& job, const LoadedProgram& program, LoadedProgram::Params& params,
                                          CuEvent event, bool wait_each) const {
  for (std::uint32_t i = 0; i < job.launches.size(); ++i) {
    CuResult error = program.start(job.launches[i], i, params[i]);
    if (error)
      return Trouble{statusOf(error, true), error, driver_->textOf(error), i};
    if (!wait_each)
      continue;
    if (CuResult recorded = driver_->eventRecord(event, nullptr))
      return Trouble{statusOf(recorded, false), recorded, driver_->textOf(recorded), i};
    if (auto trouble = program.wait(event, job.launch_ms, i))
      return trouble;
  }
  return std::nullopt;
}

/// Damage and results, once every launch has ended.
void Session::finish(const Job& job, const Buffers& buffers, JobResult& result) const {
  if (CuResult error = driver_->ctxSynchronize()) {
    result = failed(Trouble{statusOf(error, false), error, driver_->textOf(error)});
    return;
  }
  DriverError error = buffers.findDamage(result.damage);
  std::vector<JobSlice> slices = job.slices;
  if (job.all_buffers) {
    slices.clear();
    for (std::uint32_t i = 0; i < buffers.count(); ++i)
      slices.push_back({i, 0, buffers.bytesOf(i)});
  }
  for (std::size_t i = 0; i < slices.size() && !error; ++i)
    error = buffers.read(slices[i], result.buffers.emplace_back());
  if (error) {
    result = failed(error);
    return;
  }
  result.printed = printed_.take();
  result.status = JobStatus::Completed;
}

JobResult Session::run(const Job& job) {
  dropTiming();
  OnDevice<LoadedProgram> program(*driver_);
  OnDevice<Buffers> buffers(*driver_);
  OnDevice<Event> event(*driver_);
  if (auto trouble = program->load(job))
    return failed(*trouble);
  DriverError error = buffers->allocate(job.buffers, job.guard_bytes, job.seed);
  if (!error)
    error = buffers->fill(program->fillKernel());
  if (error)
    return failed(error);
  LoadedProgram::Params params;
  if (auto trouble = LoadedProgram::bind(job, *buffers, params))
    return failed(*trouble);
  if (!event->get())
    return failed(Trouble{JobStatus::Faulted, result::invalid_value, "the device gives no event"});
  const auto start = Clock::now();
  JobResult result;
  if (auto trouble = launchAll(job, *program, params, event->get(), true)) {
    result = failed(*trouble);
  } else {
    result.wall_ms = msSince(start);
    result.functions = program->functions(job);
    finish(job, *buffers, result);
  }
  if (result.status == JobStatus::Faulted || result.status == JobStatus::Hung) {
    program.abandon();
    buffers.abandon();
    event.abandon();
  }
  return result;
}

void Session::dropTiming() {
  if (!timing_)
    return;
  if (timing_->flush)
    driver_->memFree(timing_->flush);
  for (CuEvent event : {timing_->begin, timing_->end})
    if (event)
      driver_->eventDestroy(event);
  timing_.reset();
}

JobResult Session::prepare(TimingJob request) {
  dropTiming();
  timing_ = std::make_unique<Timing>(*driver_);
  Timing& t = *timing_;
  t.request = std::move(request);
  const Job& job = t.request.job;
  if (auto trouble = t.program.load(job))
    return failed(*trouble);
  DriverError error;
  for (std::uint32_t i = 0; i < std::max(1u, t.request.copies) && !error; ++i) {
    t.copies.push_back(std::make_unique<Buffers>(*driver_));
    error = t.copies.back()->allocate(job.buffers, job.guard_bytes, job.seed);
    if (!error)
      error = t.copies.back()->fill(t.program.fillKernel());
    if (error)
      break;
    if (auto trouble = LoadedProgram::bind(job, *t.copies.back(), t.params.emplace_back()))
      return failed(*trouble);
  }
  if (!error)
    error = pristineContents();
  if (!error && t.request.flush_bytes)
    error = {driver_->memAlloc(&t.flush, t.request.flush_bytes), "memory to flush the cache with"};
  if (!error)
    error = {driver_->eventCreate(&t.begin, 0), "an event"};
  if (!error)
    error = {driver_->eventCreate(&t.end, 0), "an event"};
  if (error)
    return failed(error);
  JobResult result;
  result.status = JobStatus::Completed;
  result.functions = t.program.functions(job);
  return result;
}

/// All contents of all sets, on the device, so that a buffer can get other ones between two samples at the price of a copy.
DriverError Session::pristineContents() {
  Timing& t = *timing_;
  std::vector<JobBuffer> all;
  std::vector<const JobBuffer*> with_contents;
  for (const JobBuffer& buffer : t.request.job.buffers)
    if (buffer.fill == Fill::Contents) {
      with_contents.push_back(&buffer);
      all.push_back(buffer);
    }
  for (const ContentSet& set : t.request.more) {
    if (set.buffers.size() != with_contents.size())
      return {result::invalid_value, "a set of contents does not match the buffers"};
    for (std::size_t i = 0; i < set.buffers.size(); ++i) {
      all.push_back(*with_contents[i]);
      all.back().contents = set.buffers[i];
    }
  }
  if (DriverError error = t.pristine.allocate(all, 0, 0))
    return error;
  return t.pristine.fill(nullptr);
}

/// The copy's inputs get this set's contents and its outputs poison.
DriverError Session::makeReady(std::size_t copy, std::size_t contents) {
  Timing& t = *timing_;
  const auto& buffers = t.request.job.buffers;
  std::size_t per_set = 0, at = 0;
  for (const JobBuffer& buffer : buffers)
    per_set += buffer.fill == Fill::Contents;
  for (std::size_t i = 0; i < buffers.size(); ++i)
    if (buffers[i].fill == Fill::Contents && buffers[i].bytes > 0)
      if (CuResult error = driver_->memcpyDtoDAsync(t.copies[copy]->address(i), t.pristine.address(contents % (1 + t.request.more.size()) * per_set + at++),
                                                    buffers[i].bytes, nullptr))
        return {error, "copying contents"};
  if (DriverError error = t.copies[copy]->fillPatterns(t.program.fillKernel(), contents))
    return error;
  return t.copies[copy]->poison();
}

Samples Session::sample(const SampleRequest& request) {
  Samples samples;
  auto fail = [&](JobStatus status, std::string detail) {
    samples.status = status;
    samples.detail = std::move(detail);
    return samples;
  };
  if (!timing_)
    return fail(JobStatus::Faulted, "nothing is prepared");
  Timing& t = *timing_;
  const Job& job = t.request.job;
  const std::uint32_t batch = std::max(1u, request.batch);
  samples.health.push_back(nvml_->health());
  for (std::uint32_t i = 0; i < request.samples; ++i) {
    if (request.cold || i == 0) {
      // The same pointers meet other contents whenever their turn comes again.
      t.copy = t.turn % t.copies.size();
      t.contents = (t.turn / t.copies.size() + t.copy) % std::max<std::size_t>(t.request.sets, 1 + t.request.more.size());
      ++t.turn;
      if (DriverError error = makeReady(t.copy, t.contents))
        return fail(statusOf(error.error, false), error.what);
    }
    if (CuResult error = driver_->ctxSynchronize())
      return fail(statusOf(error, false), driver_->textOf(error));
    // The device is given something to do first, so that the timed launches are queued before it comes to them: the host's
    // time is no part of a sample. Cold, that is writing over the cache; hot, the same launches, untimed.
    if (request.cold && t.flush)
      driver_->memsetD8Async(t.flush, static_cast<unsigned char>(i), t.request.flush_bytes, nullptr);
    else if (auto trouble = launchAll(job, t.program, t.params[t.copy], nullptr, false))
      return fail(trouble->status, trouble->detail);
    driver_->eventRecord(t.begin, nullptr);
    for (std::uint32_t b = 0; b < batch; ++b)
      if (auto trouble = launchAll(job, t.program, t.params[t.copy], nullptr, false))
        return fail(trouble->status, trouble->detail);
    driver_->eventRecord(t.end, nullptr);
    if (auto trouble = t.program.wait(t.end, job.launch_ms, 0))
      return fail(trouble->status, trouble->detail);
    const auto seen = Clock::now();
    if (CuResult error = driver_->ctxSynchronize()) // the whole device: nothing may go on behind the events
      return fail(statusOf(error, false), driver_->textOf(error));
    const double behind = msSince(seen);
    float ms = 0;
    if (CuResult error = driver_->eventElapsedTime(&ms, t.begin, t.end))
      return fail(statusOf(error, false), driver_->textOf(error));
    samples.wall_ms.push_back((ms + behind) / batch);
    samples.ms.push_back(ms / static_cast<float>(batch));
    samples.health.push_back(nvml_->health());
  }
  samples.status = JobStatus::Completed;
  return samples;
}

JobResult Session::collect() {
  JobResult result;
  if (!timing_ || timing_->turn == 0)
    return failed(Trouble{JobStatus::Faulted, result::invalid_value, "nothing was timed"});
  finish(timing_->request.job, *timing_->copies[timing_->copy], result);
  // Read-only buffers hold another set's contents, which findDamage does not know: only the guards count.
  std::erase_if(result.damage, [](const Damage& damage) { return damage.where == 2; });
  result.contents = static_cast<std::uint32_t>(timing_->contents);
  return result;
}

} // namespace kverify::cuda

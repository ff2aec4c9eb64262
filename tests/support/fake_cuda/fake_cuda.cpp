// A CUDA driver without a GPU: the driver API's symbols over host memory. A "cubin" is text (see modules.h); a launch runs a
// host function, hangs, faults or refuses, as the text says. Time is what the text says, too, so that timing is reproducible.
// $KVERIFY_FAKE_CUDA: "no-device", "init-fails", "oom" (every allocation), "slow-start" (a second).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include <unistd.h>

#include "modules.h"

using kverify::fake::Function;
using kverify::fake::Module;

namespace {

struct FakeEvent {
  double us = 0;
  bool pending = false;
};

struct State {
  int sticky = 0;  ///< the context is lost: every call says so
  bool hung = false;
  double clock_us = 0; ///< of the fake device
  std::map<std::uint64_t, std::size_t> allocations;
};
State state;

bool asked(const char* what) {
  const char* mode = std::getenv("KVERIFY_FAKE_CUDA");
  return mode && std::strcmp(mode, what) == 0;
}

constexpr int kInvalidValue = 1, kOutOfMemory = 2, kNoDevice = 100, kInvalidImage = 200, kNotFound = 500, kNotReady = 600,
              kIllegalAddress = 700, kOutOfResources = 701, kMisaligned = 716, kLaunchFailed = 719;

} // namespace

extern "C" {

int cuInit(unsigned) {
  if (asked("slow-start"))
    sleep(1);
  return asked("init-fails") ? 999 : 0;
}
int cuDriverGetVersion(int* version) {
  *version = 13000;
  return 0;
}
int cuDeviceGetCount(int* count) {
  *count = asked("no-device") ? 0 : 1;
  return 0;
}
int cuDeviceGet(int* device, int) {
  *device = 0;
  return asked("no-device") ? kNoDevice : 0;
}
int cuDeviceGetName(char* name, int most, int) {
  std::snprintf(name, static_cast<std::size_t>(most), "Fake H0");
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  static const std::map<int, int> known = {{8, 49152}, {13, 1980000}, {16, 4}, {36, 3201000}, {37, 6144},
                                           {38, 1 << 20}, {75, 9},      {76, 0}, {97, 232448}};
  auto at = known.find(attribute);
  *value = at == known.end() ? 0 : at->second;
  return at == known.end() ? kInvalidValue : 0;
}
int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
  *bytes = std::size_t{1} << 30;
  return 0;
}
int cuDeviceGetPCIBusId(char* id, int most, int) {
  std::snprintf(id, static_cast<std::size_t>(most), "0000:01:00.0");
  return 0;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &state;
  return 0;
}
int cuCtxSetCurrent(void*) { return 0; }
int cuCtxSynchronize() { return state.sticky; }

int cuModuleLoadData(Module** module, const void* image) {
  if (state.sticky)
    return state.sticky;
  auto parsed = kverify::fake::parseModule(static_cast<const char*>(image));
  if (!parsed)
    return kInvalidImage;
  *module = parsed.release();
  return 0;
}
int cuModuleUnload(Module* module) {
  delete module;
  return 0;
}
int cuModuleGetFunction(Function** function, Module* module, const char* name) {
  auto at = module->functions.find(name);
  if (at == module->functions.end())
    return kNotFound;
  *function = &at->second;
  return 0;
}
int cuFuncSetAttribute(Function* function, int, int value) {
  function->shared_limit = value;
  return value > 232448 ? kInvalidValue : 0;
}
int cuFuncGetAttribute(int* value, int attribute, Function*) {
  *value = attribute == 4 ? 32 : attribute == 0 ? 1024 : 0;
  return 0;
}
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function*, int, std::size_t) {
  *blocks = 2;
  return 0;
}

int cuMemAlloc_v2(std::uint64_t* pointer, std::size_t bytes) {
  if (state.sticky)
    return state.sticky;
  void* memory = asked("oom") || bytes > (std::size_t{1} << 30) ? nullptr : std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  if (!memory)
    return kOutOfMemory;
  *pointer = reinterpret_cast<std::uint64_t>(memory);
  state.allocations[*pointer] = bytes;
  return 0;
}
int cuMemFree_v2(std::uint64_t pointer) {
  if (!state.allocations.erase(pointer))
    return kInvalidValue;
  std::free(reinterpret_cast<void*>(pointer));
  return state.sticky;
}
int cuMemcpyHtoD_v2(std::uint64_t to, const void* from, std::size_t bytes) {
  if (!state.sticky)
    std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return state.sticky;
}
int cuMemcpyDtoH_v2(void* to, std::uint64_t from, std::size_t bytes) {
  if (!state.sticky)
    std::memcpy(to, reinterpret_cast<void*>(from), bytes);
  return state.sticky;
}
int cuMemcpyDtoDAsync_v2(std::uint64_t to, std::uint64_t from, std::size_t bytes, void*) {
  if (!state.sticky)
    std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
  return state.sticky;
}
int cuMemsetD8Async(std::uint64_t to, unsigned char value, std::size_t bytes, void*) {
  if (!state.sticky)
    std::memset(reinterpret_cast<void*>(to), value, bytes);
  return state.sticky;
}

int cuLaunchKernel(Function* function, unsigned, unsigned, unsigned, unsigned bx, unsigned by, unsigned bz, unsigned, void*,
                   void** arguments, void**) {
  if (state.sticky)
    return state.sticky;
  if (bx * by * bz > 1024)
    return kInvalidValue;
  const std::string& how = function->behaviour;
  if (how == "refuse")
    return kOutOfResources;
  if (how == "crash")
    std::abort();
  if (how == "hang")
    state.hung = true;
  else if (how == "illegal")
    state.sticky = kIllegalAddress;
  else if (how == "misaligned")
    state.sticky = kMisaligned;
  else if (how == "trap")
    state.sticky = kLaunchFailed;
  else
    kverify::fake::runHost(*function, arguments);
  state.clock_us += function->microseconds();
  return 0; // what goes wrong on the device shows later
}

int cuEventCreate(FakeEvent** event, unsigned) {
  *event = new FakeEvent;
  return 0;
}
int cuEventDestroy_v2(FakeEvent* event) {
  delete event;
  return 0;
}
int cuEventRecord(FakeEvent* event, void*) {
  event->us = state.clock_us;
  event->pending = state.hung;
  return state.sticky;
}
int cuEventQuery(FakeEvent* event) { return state.sticky ? state.sticky : event->pending ? kNotReady : 0; }
int cuEventElapsedTime(float* ms, FakeEvent* start, FakeEvent* end) {
  *ms = static_cast<float>((end->us - start->us) / 1000.0);
  return state.sticky;
}
int cuGetErrorName(int error, const char** name) {
  static const std::map<int, const char*> known = {{kInvalidValue, "CUDA_ERROR_INVALID_VALUE"},
                                                   {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
                                                   {kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS"},
                                                   {kMisaligned, "CUDA_ERROR_MISALIGNED_ADDRESS"},
                                                   {kLaunchFailed, "CUDA_ERROR_LAUNCH_FAILED"}};
  auto at = known.find(error);
  *name = at == known.end() ? "CUDA_ERROR_UNKNOWN" : at->second;
  return 0;
}
int cuGetErrorString(int error, const char** text) {
  *text = error == kIllegalAddress ? "an illegal memory access was encountered" : "an error of the fake driver";
  return 0;
}

/// For the fake baseline: time passes on the device.
void kverifyFakeWork(double us) { state.clock_us += us; }

// NVML, in the same library. $KVERIFY_FAKE_THROTTLE: the bits of the throttle reasons.
int nvmlInit_v2() { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
  *device = &state;
  return std::strcmp(id, "0000:01:00.0") == 0 ? 0 : 2;
}
int nvmlDeviceGetClockInfo(void*, int type, unsigned* mhz) {
  *mhz = type == 1 ? 1980 : 3201;
  return 0;
}
int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = 41;
  return 0;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* mw) {
  *mw = 123456;
  return 0;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* bits) {
  const char* text = std::getenv("KVERIFY_FAKE_THROTTLE");
  *bits = text ? std::strtoull(text, nullptr, 0) : 0;
  return 0;
}
int nvmlSystemGetDriverVersion(char* text, unsigned most) {
  std::snprintf(text, most, "580.0.fake");
  return 0;
}

} // extern "C"

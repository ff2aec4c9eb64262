#include "cuda/nvml.h"

#include <cstdlib>

#include <dlfcn.h>

namespace kverify::cuda {
namespace {

struct NvmlDeviceObject;
using NvmlDevice = NvmlDeviceObject*;

class Unknown : public Nvml {
public:
  Health health() const override { return {}; }
  std::string driverVersion() const override { return {}; }
};

class Library : public Nvml {
public:
  bool bind(void* library, const std::string& bus_id) {
    auto init = symbol<int (*)()>(library, "nvmlInit_v2");
    auto by_bus = symbol<int (*)(const char*, NvmlDevice*)>(library, "nvmlDeviceGetHandleByPciBusId_v2");
    clock_ = symbol<decltype(clock_)>(library, "nvmlDeviceGetClockInfo");
    temperature_ = symbol<decltype(temperature_)>(library, "nvmlDeviceGetTemperature");
    power_ = symbol<decltype(power_)>(library, "nvmlDeviceGetPowerUsage");
    reasons_ = symbol<decltype(reasons_)>(library, "nvmlDeviceGetCurrentClocksEventReasons");
    if (!reasons_) // the older name of the same question
      reasons_ = symbol<decltype(reasons_)>(library, "nvmlDeviceGetCurrentClocksThrottleReasons");
    version_ = symbol<decltype(version_)>(library, "nvmlSystemGetDriverVersion");
    return init && by_bus && init() == 0 && by_bus(bus_id.c_str(), &device_) == 0;
  }

  Health health() const override {
    constexpr int kSm = 1, kMemory = 2, kGpuSensor = 0;
    Health h;
    unsigned value = 0;
    if (clock_ && clock_(device_, kSm, &value) == 0)
      h.sm_mhz = static_cast<std::int32_t>(value);
    if (clock_ && clock_(device_, kMemory, &value) == 0)
      h.memory_mhz = static_cast<std::int32_t>(value);
    if (temperature_ && temperature_(device_, kGpuSensor, &value) == 0)
      h.celsius = static_cast<std::int32_t>(value);
    if (power_ && power_(device_, &value) == 0)
      h.power_mw = static_cast<std::int32_t>(value);
    unsigned long long bits = 0;
    if (reasons_ && reasons_(device_, &bits) == 0)
      h.throttle = static_cast<std::int64_t>(bits);
    return h;
  }

  std::string driverVersion() const override {
    char text[96] = {};
    return version_ && version_(text, sizeof text) == 0 ? text : "";
  }

private:
  template <class Function>
  static Function symbol(void* library, const char* name) {
    return reinterpret_cast<Function>(dlsym(library, name));
  }

  NvmlDevice device_ = nullptr;
  int (*clock_)(NvmlDevice, int, unsigned*) = nullptr;
  int (*temperature_)(NvmlDevice, int, unsigned*) = nullptr;
  int (*power_)(NvmlDevice, unsigned*) = nullptr;
  int (*reasons_)(NvmlDevice, unsigned long long*) = nullptr;
  int (*version_)(char*, unsigned) = nullptr;
};

} // namespace

std::string throttleText(std::int64_t reasons) {
  if (reasons < 0)
    return "unknown";
  static constexpr struct {
    std::int64_t bit;
    const char* name;
  } kNames[] = {{0x1, "idle"},
                {0x2, "clocks set by an application"},
                {0x4, "software power cap"},
                {0x8, "hardware slowdown"},
                {0x10, "sync boost"},
                {0x20, "software thermal slowdown"},
                {0x40, "hardware thermal slowdown"},
                {0x80, "hardware power brake"},
                {0x100, "display clocks"}};
  std::string text;
  for (const auto& [bit, name] : kNames)
    if (reasons & bit)
      text += (text.empty() ? "" : ", ") + std::string(name);
  return text.empty() ? "none" : text;
}

std::unique_ptr<Nvml> Nvml::open(const std::string& bus_id) {
  const char* named = std::getenv("KVERIFY_LIBNVML");
  void* handle = dlopen(named && *named ? named : "libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  auto library = std::make_unique<Library>();
  if (handle && library->bind(handle, bus_id))
    return library;
  return std::make_unique<Unknown>();
}

} // namespace kverify::cuda

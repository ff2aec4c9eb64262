#include "frontend/observe/pretended_device.h"

#include <algorithm>
#include <bit>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <unistd.h>

// The compiler's own: conversions of _Float16 (libgcc).
extern "C" {
void __truncsfhf2();
void __truncdfhf2();
void __extendhfsf2();
}

namespace kverify::frontend::observe {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kRegion = std::uint64_t{1} << 42; ///< of addresses, none of them backed by memory
constexpr std::uint64_t kGap = 4096;                      ///< behind every allocation, so that its end is nobody else's beginning
constexpr std::uint64_t kMostHostBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMostLaunches = 4096;

/// What c10::ScalarType numbers: name and bytes.
struct Element {
  int number;
  const char* name;
  unsigned bytes;
};
constexpr Element kElements[] = {{0, "Byte", 1}, {1, "Char", 1},  {2, "Short", 2}, {3, "Int", 4},       {4, "Long", 8},
                                 {5, "Half", 2}, {6, "Float", 4}, {7, "Double", 8}, {11, "Bool", 1}, {15, "BFloat16", 2}};
const Element* elementOf(int number) {
  for (const Element& one : kElements)
    if (one.number == number)
      return &one;
  return nullptr;
}
const Element* elementOf(const std::string& name) {
  for (const Element& one : kElements)
    if (one.name == name)
      return &one;
  return nullptr;
}

struct Dim3 {
  unsigned x, y, z;
};

struct Configuration {
  Dim3 grid, block;
  std::size_t shared;
  void* stream;
};

struct Device {
  Call call;
  const std::vector<HostKernel>* kernels = nullptr;
  const std::vector<const void*>* stubs = nullptr;
  int descriptor = -1;
  std::uint64_t begin = 0, next = 0;
  std::uint64_t host_bytes = 0;
  std::size_t launches = 0;
  bool read_back = false; ///< the host code holds what a kernel computed
  std::vector<Configuration> configurations;
  std::map<unsigned, void*> given;
};
Device* device = nullptr; // of the one call that this process makes

void writeLine(const Json& event) {
  std::string line = event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  for (std::size_t at = 0; at < line.size();) {
    ssize_t written = ::write(device->descriptor, line.data() + at, line.size() - at);
    if (written <= 0)
      _exit(1);
    at += static_cast<std::size_t>(written);
  }
}

bool isDevice(const void* pointer) {
  auto address = reinterpret_cast<std::uint64_t>(pointer);
  return address >= device->begin && address < device->begin + kRegion;
}

void* deviceMemory(std::uint64_t bytes, const Json& what) {
  std::uint64_t size = (std::max<std::uint64_t>(bytes, 1) + 511) / 512 * 512 + kGap;
  if (size > kRegion || device->next + size > device->begin + kRegion)
    endCall(Observation::End::Unsupported, fmt::format("device memory of {} bytes", bytes));
  std::uint64_t address = device->next;
  device->next += size;
  Json event = {{"memory", address - device->begin}, {"bytes", bytes}};
  event.update(what);
  writeLine(event);
  return reinterpret_cast<void*>(address);
}

void* hostMemory(std::uint64_t bytes) {
  device->host_bytes += bytes;
  void* memory = device->host_bytes > kMostHostBytes ? nullptr : std::calloc(std::max<std::uint64_t>(bytes, 1), 1);
  if (!memory)
    endCall(Observation::End::Unsupported, fmt::format("host memory beyond {} bytes", kMostHostBytes));
  return memory;
}

void noteChange(const void* to, std::uint64_t bytes, const char* what) {
  if (isDevice(to))
    writeLine({{"changed", reinterpret_cast<std::uint64_t>(to) - device->begin}, {"bytes", bytes}, {"by", what}});
}

// --- of the shims
void* hostAllocate(std::uint64_t bytes, int scalar_type, int on_device, int zeroed) {
  if (!on_device)
    return hostMemory(bytes);
  const Element* element = elementOf(scalar_type);
  return deviceMemory(bytes, {{"element", element ? element->name : ""}, {"zeroed", zeroed != 0}});
}
void hostComputed(const char* operation, void* storage, std::uint64_t bytes) { noteChange(storage, bytes, operation); }
void hostRefused(const char* file, int line, const char* condition, const char* message) {
  std::string why = *message ? fmt::format("{}: {}", condition, message) : condition;
  endCall(Observation::End::Refused, std::string(file) == "shim" ? why : fmt::format("{} ({}:{})", why, file, line));
}
void hostUnsupported(const char* name) { endCall(Observation::End::Unsupported, name); }
void* hostMemoryOfKind(std::uint64_t bytes, int kind) {
  if (kind == 2) // the host may write into it
    hostUnsupported("cudaMallocManaged");
  return kind == 0 ? hostMemory(bytes) : deviceMemory(bytes, Json::object());
}

// --- arguments
const Argument& argument(unsigned parameter) {
  if (parameter >= device->call.arguments.size())
    endCall(Observation::End::Unsupported, fmt::format("no value for parameter {}", parameter));
  return device->call.arguments[parameter];
}
int givenTensor(unsigned parameter, int* scalar_type, std::int64_t* sizes) {
  const Argument& one = argument(parameter);
  if (one.kind == Argument::Kind::Absent)
    return -1;
  const Element* element = elementOf(one.element);
  if (one.kind != Argument::Kind::Tensor || !element || one.numbers.size() > 16)
    endCall(Observation::End::Unsupported, fmt::format("no tensor for parameter {}", parameter));
  *scalar_type = element->number;
  std::copy(one.numbers.begin(), one.numbers.end(), sizes);
  return static_cast<int>(one.numbers.size());
}
std::int64_t givenInteger(unsigned parameter, unsigned part) {
  const Argument& one = argument(parameter);
  if (one.kind == Argument::Kind::Real)
    return static_cast<std::int64_t>(one.real);
  if (one.kind != Argument::Kind::Integers || part >= one.numbers.size())
    endCall(Observation::End::Unsupported, fmt::format("no number for parameter {}", parameter));
  return one.numbers[part];
}
unsigned givenCount(unsigned parameter) {
  const Argument& one = argument(parameter);
  return one.kind == Argument::Kind::Integers ? static_cast<unsigned>(one.numbers.size()) : 0;
}
double givenReal(unsigned parameter) {
  const Argument& one = argument(parameter);
  return one.kind == Argument::Kind::Real ? one.real : static_cast<double>(givenInteger(parameter, 0));
}
void* givenPointer(unsigned parameter) {
  if (auto known = device->given.find(parameter); known != device->given.end())
    return known->second;
  const Argument& one = argument(parameter);
  if (one.kind == Argument::Kind::Absent)
    return nullptr;
  const Element* element = elementOf(one.element);
  if (one.kind != Argument::Kind::Tensor)
    endCall(Observation::End::Unsupported, fmt::format("no memory for parameter {}", parameter));
  std::uint64_t bytes = element ? element->bytes : 1;
  for (std::int64_t size : one.numbers)
    bytes *= static_cast<std::uint64_t>(size);
  return device->given[parameter] = deviceMemory(bytes, {{"parameter", parameter}, {"element", element ? element->name : ""}});
}
int deviceAttribute(int attribute) {
  // Of an A100, but for the number of its multiprocessors.
  switch (attribute) {
  case 1: case 2: case 3: return 1024; // threads of a block: in all, x, y
  case 4: return 64;
  case 5: return 2147483647;
  case 6: case 7: return 65535;
  case 8: return 49152; // shared memory of a block
  case 9: return 65536;
  case 10: return 32;
  case 12: return 65536; // registers of a block
  case 16: return static_cast<int>(device->call.multiprocessors);
  case 39: return 2048;
  case 75: return 8;
  case 76: return 0;
  case 81: return 167936;
  case 95: return 1;
  case 97: return 166912;
  case 106: return 32;
  default: endCall(Observation::End::Unsupported, fmt::format("the device's attribute {}", attribute));
  }
}

// --- the CUDA runtime
unsigned pushConfiguration(Dim3 grid, Dim3 block, std::size_t shared, void* stream) {
  device->configurations.push_back({grid, block, shared, stream});
  return 0;
}
int popConfiguration(Dim3* grid, Dim3* block, std::size_t* shared, void** stream) {
  if (device->configurations.empty())
    endCall(Observation::End::Unsupported, "a launch without its configuration");
  const Configuration& top = device->configurations.back();
  *grid = top.grid;
  *block = top.block;
  *shared = top.shared;
  *stream = top.stream;
  device->configurations.pop_back();
  return 0;
}
int launchKernel(const void* stub, Dim3 grid, Dim3 block, void** arguments, std::size_t shared, void*) {
  auto found = std::find(device->stubs->begin(), device->stubs->end(), stub);
  if (found == device->stubs->end())
    endCall(Observation::End::Unsupported, "a launch of what is no kernel of this file");
  if (device->read_back)
    endCall(Observation::End::Unsupported, "a launch after values were copied back from the device");
  if (++device->launches > kMostLaunches)
    endCall(Observation::End::Unsupported, fmt::format("more than {} launches", kMostLaunches));
  auto kernel = static_cast<std::size_t>(found - device->stubs->begin());
  Json bytes = Json::array();
  const auto& params = (*device->kernels)[kernel].info.params;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto* first = static_cast<const std::uint8_t*>(arguments[i]);
    std::vector<std::uint8_t> value(first, first + params[i].size);
    bytes.push_back(value);
  }
  writeLine({{"launch", kernel},
             {"grid", {grid.x, grid.y, grid.z}},
             {"block", {block.x, block.y, block.z}},
             {"shared", shared},
             {"arguments", bytes}});
  return 0;
}
int copy(void* to, const void* from, std::size_t bytes) {
  if (isDevice(to)) {
    noteChange(to, bytes, "a copy");
  } else if (isDevice(from)) {
    std::memset(to, 0, bytes); // nobody knows; no launch may follow
    device->read_back = true;
  } else {
    std::memmove(to, from, bytes);
  }
  return 0;
}
int cudaCopy(void* to, const void* from, std::size_t bytes, int) { return copy(to, from, bytes); }
int cudaCopyAsync(void* to, const void* from, std::size_t bytes, int, void*) { return copy(to, from, bytes); }
int cudaSet(void* to, int value, std::size_t bytes) {
  if (isDevice(to))
    noteChange(to, bytes, value == 0 ? "zeros" : "a fill");
  else
    std::memset(to, value, bytes);
  return 0;
}
int cudaSetAsync(void* to, int value, std::size_t bytes, void*) { return cudaSet(to, value, bytes); }
int succeed() { return 0; }
int freeHost(void* memory) {
  if (!isDevice(memory))
    std::free(memory);
  return 0;
}
int writeZero(int* value) {
  *value = 0;
  return 0;
}
int writeOne(int* value) {
  *value = 1;
  return 0;
}
int writeNull(void** handle) {
  *handle = nullptr;
  return 0;
}
int elapsed(float* milliseconds, void*, void*) {
  *milliseconds = 1;
  return 0;
}
const char* noError(int) { return "no error"; }

// --- the C library
void leave(int) { endCall(Observation::End::Unsupported, "exit"); }
void leaveAborting() { endCall(Observation::End::Unsupported, "abort"); }
void assertFailed(const char* assertion, const char* file, unsigned line, const char*) {
  endCall(Observation::End::Refused, fmt::format("assert({}) ({}:{})", assertion, file, line));
}
/// A float to bfloat16, to nearest even; libgcc 12 has none. The result lies where a half is returned: in the low bits of a float's place.
float truncatedToBfloat(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  std::uint32_t rounded = is_nan ? (bits | 0x400000u) >> 16 : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return std::bit_cast<float>(rounded & 0xffffu);
}
int library_handle = 0; // what __cxa_atexit is told; nothing is run at the end
char* noVariable(const char*) { return nullptr; }

void onSignal(int signal, siginfo_t* info, void*) {
  bool touched = signal == SIGSEGV && device && isDevice(info->si_addr);
  const char* text = touched ? "{\"end\":2,\"why\":\"host code that reads or writes device memory\"}\n" : nullptr;
  if (text && ::write(device->descriptor, text, std::strlen(text)) < 0)
    _exit(1);
  if (text)
    _exit(0);
}

} // namespace

void beginCall(const Call& call, const std::vector<HostKernel>& kernels, const std::vector<const void*>& stubs, int descriptor) {
  static Device only;
  device = &only;
  only.call = call;
  only.kernels = &kernels;
  only.stubs = &stubs;
  only.descriptor = descriptor;
  void* region = ::mmap(nullptr, kRegion, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED)
    endCall(Observation::End::Unsupported, "addresses for device memory");
  only.begin = only.next = reinterpret_cast<std::uint64_t>(region);
  writeLine({{"base", only.begin}});
  struct sigaction action {};
  action.sa_sigaction = onSignal;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND; // anything else that caused it happens again, and ends the process
  ::sigaction(SIGSEGV, &action, nullptr);
  // In the order of the parameters, so that memory has the same addresses whatever the entry asks first.
  for (unsigned i = 0; i < call.arguments.size(); ++i)
    if (call.arguments[i].kind == Argument::Kind::Tensor)
      givenPointer(i);
}

void endCall(Observation::End end, const std::string& why) {
  writeLine({{"end", static_cast<int>(end)}, {"why", why}});
  _exit(0);
}

const std::vector<std::pair<const char*, void*>>& deviceSymbols() {
#define KV_IS(name, function) {name, reinterpret_cast<void*>(&function)}
  static const std::vector<std::pair<const char*, void*>> all{
      KV_IS("kverify_host_allocate", hostAllocate), KV_IS("kverify_host_computed", hostComputed),
      KV_IS("kverify_host_refused", hostRefused), KV_IS("kverify_host_unsupported", hostUnsupported),
      KV_IS("kverify_host_memory", hostMemoryOfKind), KV_IS("kverify_given_tensor", givenTensor),
      KV_IS("kverify_given_integer", givenInteger), KV_IS("kverify_given_real", givenReal), KV_IS("kverify_given_count", givenCount),
      KV_IS("kverify_given_pointer", givenPointer), KV_IS("kverify_device_attribute", deviceAttribute),
      KV_IS("__cudaPushCallConfiguration", pushConfiguration), KV_IS("__cudaPopCallConfiguration", popConfiguration),
      KV_IS("cudaLaunchKernel", launchKernel), KV_IS("cudaLaunchCooperativeKernel", launchKernel),
      KV_IS("cudaMemcpy", cudaCopy), KV_IS("cudaMemcpyAsync", cudaCopyAsync), KV_IS("cudaMemset", cudaSet),
      KV_IS("cudaMemsetAsync", cudaSetAsync), KV_IS("cudaFree", succeed), KV_IS("cudaFreeAsync", succeed),
      KV_IS("cudaFreeHost", freeHost), KV_IS("cudaGetLastError", succeed), KV_IS("cudaPeekAtLastError", succeed),
      KV_IS("cudaGetErrorString", noError), KV_IS("cudaGetErrorName", noError), KV_IS("cudaDeviceSynchronize", succeed),
      KV_IS("cudaDeviceReset", succeed), KV_IS("cudaSetDevice", succeed), KV_IS("cudaGetDevice", writeZero),
      KV_IS("cudaGetDeviceCount", writeOne), KV_IS("cudaDeviceSetSharedMemConfig", succeed),
      KV_IS("cudaDeviceSetCacheConfig", succeed), KV_IS("cudaDeviceSetLimit", succeed), KV_IS("cudaStreamCreate", writeNull),
      KV_IS("cudaStreamCreateWithFlags", writeNull), KV_IS("cudaStreamCreateWithPriority", writeNull),
      KV_IS("cudaStreamDestroy", succeed), KV_IS("cudaStreamSynchronize", succeed), KV_IS("cudaStreamWaitEvent", succeed),
      KV_IS("cudaEventCreate", writeNull), KV_IS("cudaEventCreateWithFlags", writeNull), KV_IS("cudaEventRecord", succeed),
      KV_IS("cudaEventSynchronize", succeed), KV_IS("cudaEventElapsedTime", elapsed), KV_IS("cudaEventDestroy", succeed),
      KV_IS("exit", leave), KV_IS("_exit", leave), KV_IS("abort", leaveAborting), KV_IS("__assert_fail", assertFailed),
      KV_IS("getenv", noVariable), {"__dso_handle", &library_handle}, KV_IS("__truncsfhf2", __truncsfhf2),
      KV_IS("__truncdfhf2", __truncdfhf2), KV_IS("__extendhfsf2", __extendhfsf2), KV_IS("__truncsfbf2", truncatedToBfloat)};
#undef KV_IS
  return all;
}

namespace {
void take(const Json& event, Observation& into) {
  if (event.contains("base")) {
    into.base = event["base"];
  } else if (event.contains("memory")) {
    Memory one{event["memory"], event["bytes"]};
    one.parameter = event.value("parameter", -1);
    one.element = event.value("element", "");
    one.zeroed = event.value("zeroed", false);
    one.initialised = one.zeroed || one.parameter >= 0;
    into.memory.push_back(std::move(one));
  } else if (event.contains("changed")) {
    std::uint64_t address = event["changed"];
    for (Memory& one : into.memory)
      if (address >= one.address && address < one.address + std::max<std::uint64_t>(one.bytes, 1)) {
        one.changed = event["by"];
        (into.launches.empty() ? one.initialised : one.changed_between) = true;
        one.zeroed = one.changed == "zeros" && address == one.address && event["bytes"] == one.bytes;
      }
  } else if (event.contains("launch")) {
    into.launches.push_back({event["launch"], event["grid"], event["block"], event["shared"], event["arguments"]});
  } else if (event.contains("end")) {
    into.end = static_cast<Observation::End>(event["end"].get<int>());
    into.why = event["why"];
  }
}

} // namespace

bool readEvent(const std::string& line, const std::vector<HostKernel>& kernels, Observation& into) {
  try { // who ran the host code may have been taken over by it
    take(Json::parse(line), into);
  } catch (const Json::exception&) {
    return false;
  }
  if (into.launches.empty())
    return true;
  const Launch& last = into.launches.back();
  if (last.kernel >= kernels.size() || last.arguments.size() != kernels[last.kernel].info.params.size())
    return false;
  for (std::size_t i = 0; i < last.arguments.size(); ++i)
    if (last.arguments[i].size() != kernels[last.kernel].info.params[i].size)
      return false;
  return into.end >= Observation::End::Returned && into.end <= Observation::End::Crashed;
}

} // namespace kverify::frontend::observe

#pragma once
// The CUDA driver API, opened at run time: kverify is built and runs where there is no CUDA at all. Only what the worker
// uses, declared here as the driver documents it, so that no toolkit header is needed.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace kverify::cuda {

using CuResult = int;
using CuDevice = int;
using CuPointer = unsigned long long;
struct CuContextObject;
struct CuModuleObject;
struct CuFunctionObject;
struct CuEventObject;
struct CuStreamObject;
using CuContext = CuContextObject*;
using CuModule = CuModuleObject*;
using CuFunction = CuFunctionObject*;
using CuEvent = CuEventObject*;
using CuStream = CuStreamObject*;

namespace result {
inline constexpr CuResult success = 0, invalid_value = 1, out_of_memory = 2, not_initialized = 3, no_device = 100,
                          invalid_image = 200, no_binary_for_gpu = 209, invalid_ptx = 218, not_found = 500,
                          not_ready = 600, launch_out_of_resources = 701;
} // namespace result

namespace attribute {
inline constexpr int max_shared_per_block = 8, clock_rate = 13, multiprocessors = 16, memory_clock_rate = 36, bus_width = 37,
                     l2_bytes = 38, major = 75, minor = 76, max_shared_optin = 97;
inline constexpr int function_max_threads = 0, function_shared = 1, function_local = 3, function_registers = 4,
                     function_dynamic_shared = 8;
} // namespace attribute

/// One function pointer each; all are set once open() has succeeded.
struct Driver {
  CuResult (*init)(unsigned) = nullptr;
  CuResult (*driverGetVersion)(int*) = nullptr;
  CuResult (*deviceGetCount)(int*) = nullptr;
  CuResult (*deviceGet)(CuDevice*, int) = nullptr;
  CuResult (*deviceGetName)(char*, int, CuDevice) = nullptr;
  CuResult (*deviceGetAttribute)(int*, int, CuDevice) = nullptr;
  CuResult (*deviceTotalMem)(std::size_t*, CuDevice) = nullptr;
  CuResult (*deviceGetPciBusId)(char*, int, CuDevice) = nullptr;
  CuResult (*primaryCtxRetain)(CuContext*, CuDevice) = nullptr;
  CuResult (*ctxSetCurrent)(CuContext) = nullptr;
  CuResult (*ctxSynchronize)() = nullptr;
  CuResult (*moduleLoadData)(CuModule*, const void*) = nullptr;
  CuResult (*moduleUnload)(CuModule) = nullptr;
  CuResult (*moduleGetFunction)(CuFunction*, CuModule, const char*) = nullptr;
  CuResult (*funcSetAttribute)(CuFunction, int, int) = nullptr;
  CuResult (*funcGetAttribute)(int*, int, CuFunction) = nullptr;
  CuResult (*occupancy)(int*, CuFunction, int, std::size_t) = nullptr;
  CuResult (*memAlloc)(CuPointer*, std::size_t) = nullptr;
  CuResult (*memFree)(CuPointer) = nullptr;
  CuResult (*memcpyHtoD)(CuPointer, const void*, std::size_t) = nullptr;
  CuResult (*memcpyDtoH)(void*, CuPointer, std::size_t) = nullptr;
  CuResult (*memcpyDtoDAsync)(CuPointer, CuPointer, std::size_t, CuStream) = nullptr;
  CuResult (*memsetD8Async)(CuPointer, unsigned char, std::size_t, CuStream) = nullptr;
  CuResult (*launchKernel)(CuFunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CuStream, void**,
                           void**) = nullptr;
  CuResult (*eventCreate)(CuEvent*, unsigned) = nullptr;
  CuResult (*eventDestroy)(CuEvent) = nullptr;
  CuResult (*eventRecord)(CuEvent, CuStream) = nullptr;
  CuResult (*eventQuery)(CuEvent) = nullptr;
  CuResult (*eventElapsedTime)(float*, CuEvent, CuEvent) = nullptr;
  CuResult (*getErrorName)(CuResult, const char**) = nullptr;
  CuResult (*getErrorString)(CuResult, const char**) = nullptr;

  /// "CUDA_ERROR_ILLEGAL_ADDRESS".
  std::string nameOf(CuResult error) const;
  /// "an illegal memory access was encountered".
  std::string textOf(CuResult error) const;
};

/// Null, and a sentence in `problem`, where there is no driver or it lacks something. $KVERIFY_LIBCUDA names another library
/// (the tests' fake one).
std::unique_ptr<Driver> openDriver(std::string& problem);

} // namespace kverify::cuda

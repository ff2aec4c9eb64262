#include "cuda/driver.h"

#include <cstdlib>

#include <dlfcn.h>

namespace kverify::cuda {
namespace {

template <class Function>
bool bind(void* library, const char* name, Function& to, std::string& problem) {
  to = reinterpret_cast<Function>(dlsym(library, name));
  if (!to && problem.empty())
    problem = std::string("the CUDA driver has no ") + name;
  return to != nullptr;
}

} // namespace

std::string Driver::nameOf(CuResult error) const {
  const char* text = nullptr;
  return getErrorName(error, &text) == result::success && text ? text : "CUresult " + std::to_string(error);
}

std::string Driver::textOf(CuResult error) const {
  const char* text = nullptr;
  return getErrorString(error, &text) == result::success && text ? text : "unknown error";
}

std::unique_ptr<Driver> openDriver(std::string& problem) {
  problem.clear();
  const char* named = std::getenv("KVERIFY_LIBCUDA");
  const char* path = named && *named ? named : "libcuda.so.1";
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    problem = std::string("there is no NVIDIA driver (") + path + " can't be opened)";
    return nullptr;
  }
  auto driver = std::make_unique<Driver>();
  Driver& d = *driver;
  bind(library, "cuInit", d.init, problem);
  bind(library, "cuDriverGetVersion", d.driverGetVersion, problem);
  bind(library, "cuDeviceGetCount", d.deviceGetCount, problem);
  bind(library, "cuDeviceGet", d.deviceGet, problem);
  bind(library, "cuDeviceGetName", d.deviceGetName, problem);
  bind(library, "cuDeviceGetAttribute", d.deviceGetAttribute, problem);
  bind(library, "cuDeviceTotalMem_v2", d.deviceTotalMem, problem);
  bind(library, "cuDeviceGetPCIBusId", d.deviceGetPciBusId, problem);
  bind(library, "cuDevicePrimaryCtxRetain", d.primaryCtxRetain, problem);
  bind(library, "cuCtxSetCurrent", d.ctxSetCurrent, problem);
  bind(library, "cuCtxSynchronize", d.ctxSynchronize, problem);
  bind(library, "cuModuleLoadData", d.moduleLoadData, problem);
  bind(library, "cuModuleUnload", d.moduleUnload, problem);
  bind(library, "cuModuleGetFunction", d.moduleGetFunction, problem);
  bind(library, "cuFuncSetAttribute", d.funcSetAttribute, problem);
  bind(library, "cuFuncGetAttribute", d.funcGetAttribute, problem);
  bind(library, "cuOccupancyMaxActiveBlocksPerMultiprocessor", d.occupancy, problem);
  bind(library, "cuMemAlloc_v2", d.memAlloc, problem);
  bind(library, "cuMemFree_v2", d.memFree, problem);
  bind(library, "cuMemcpyHtoD_v2", d.memcpyHtoD, problem);
  bind(library, "cuMemcpyDtoH_v2", d.memcpyDtoH, problem);
  bind(library, "cuMemcpyDtoDAsync_v2", d.memcpyDtoDAsync, problem);
  bind(library, "cuMemsetD8Async", d.memsetD8Async, problem);
  bind(library, "cuLaunchKernel", d.launchKernel, problem);
  bind(library, "cuEventCreate", d.eventCreate, problem);
  bind(library, "cuEventDestroy_v2", d.eventDestroy, problem);
  bind(library, "cuEventRecord", d.eventRecord, problem);
  bind(library, "cuEventQuery", d.eventQuery, problem);
  bind(library, "cuEventElapsedTime", d.eventElapsedTime, problem);
  bind(library, "cuGetErrorName", d.getErrorName, problem);
  bind(library, "cuGetErrorString", d.getErrorString, problem);
  if (!problem.empty())
    return nullptr;
  return driver;
}

} // namespace kverify::cuda

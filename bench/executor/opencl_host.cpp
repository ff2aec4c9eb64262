// Runs one kernel of kernels.cl on whatever OpenCL platform is found (PoCL, or Oclgrind when started under it) and
// prints the time of each launch in milliseconds of this process's processors, and of the wall.
//   g++ -O2 -std=c++17 opencl_host.cpp -lOpenCL -o opencl_host && ./opencl_host kernels.cl attn_flash 3
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Shape {
  const char* kernel;
  int inputs;
  std::size_t elements;
  int dimensions;
  std::size_t global, local;
  std::vector<int> scalars;
};

const Shape kShapes[] = {{"softmax_naive", 1, 128 * 1024, 1, 128, 16, {1024}},
                         {"softmax_wg", 1, 128 * 1024, 1, 128 * 128, 128, {1024}},
                         {"matmul_tiled", 2, 64 * 64, 2, 64, 16, {64}},
                         {"attn_naive", 3, 128 * 64, 1, 128 * 128, 128, {128, 64}},
                         {"attn_flash", 3, 128 * 64, 1, 128, 64, {128, 64}}};

void require(cl_int status, const char* what) {
  if (status == CL_SUCCESS)
    return;
  std::fprintf(stderr, "OpenCL: %s failed with %d\n", what, status);
  std::exit(3);
}

double processMilliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4)
    return 2;
  const Shape* shape = nullptr;
  for (const Shape& each : kShapes)
    if (std::string(argv[2]) == each.kernel)
      shape = &each;
  if (!shape)
    return 2;
  cl_platform_id platform;
  cl_device_id device;
  cl_int status;
  require(clGetPlatformIDs(1, &platform, nullptr), "clGetPlatformIDs");
  require(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, nullptr), "clGetDeviceIDs");
  cl_context context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, &status);
  require(status, "clCreateContext");
  cl_command_queue queue = clCreateCommandQueue(context, device, 0, &status);
  require(status, "clCreateCommandQueue");
  std::stringstream source;
  source << std::ifstream(argv[1]).rdbuf();
  std::string text = source.str();
  const char* pointer = text.c_str();
  cl_program program = clCreateProgramWithSource(context, 1, &pointer, nullptr, &status);
  require(clBuildProgram(program, 1, &device, "", nullptr, nullptr), "clBuildProgram");
  cl_kernel kernel = clCreateKernel(program, shape->kernel, &status);
  require(status, "clCreateKernel");

  std::mt19937 random(1234);
  std::normal_distribution<float> normal;
  std::vector<cl_mem> buffers;
  cl_uint argument = 0;
  for (int i = 0; i <= shape->inputs; ++i) {
    std::vector<float> values(shape->elements, 0.f);
    if (i < shape->inputs)
      for (float& value : values)
        value = normal(random);
    buffers.push_back(clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, values.size() * sizeof(float),
                                     values.data(), &status));
    require(status, "clCreateBuffer");
    require(clSetKernelArg(kernel, argument++, sizeof(cl_mem), &buffers.back()), "clSetKernelArg");
  }
  for (int scalar : shape->scalars)
    require(clSetKernelArg(kernel, argument++, sizeof(int), &scalar), "clSetKernelArg");
  std::size_t global[2] = {shape->global, shape->global}, local[2] = {shape->local, shape->local};
  auto dimensions = static_cast<cl_uint>(shape->dimensions);
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    double cpu = processMilliseconds();
    auto wall = std::chrono::steady_clock::now();
    require(clEnqueueNDRangeKernel(queue, kernel, dimensions, nullptr, global, local, 0, nullptr, nullptr), "launch");
    require(clFinish(queue), "clFinish");
    double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - wall).count();
    std::printf("{\"kernel\":\"%s\",\"cpu_ms\":%.4f,\"wall_ms\":%.4f}\n", shape->kernel, processMilliseconds() - cpu,
                ms);
    std::fflush(stdout);
  }
  return 0;
}

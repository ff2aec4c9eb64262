// kverify-so-baseline LIB.so: lets a shared object that exports kverify_baseline (kverify/baseline.h) speak kverify.baseline/1.
// A process of its own, like every baseline: what it breaks is not kverify's.
#include <algorithm>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <nlohmann/json.hpp>

#include "cuda/driver.h"
#include "cuda/pattern.h"
#include "kverify/baseline.h"
#include "kverify/dtype.h"

namespace kverify::bench {
namespace {

using Json = nlohmann::ordered_json;
using Run = int (*)(int, const kverify_tensor*, int, const kverify_option*, void*);

constexpr std::size_t kFlushBytes = std::size_t{256} << 20;
constexpr std::size_t kCopies = 2;

struct Refused {
  std::string why;
};

/// Device memory that is given back.
class Memory {
public:
  Memory(const cuda::Driver& driver, std::size_t bytes) : driver_(driver) {
    if (cuda::CuResult error = driver_.memAlloc(&at_, std::max<std::size_t>(1, bytes)))
      throw Refused{"no memory on the device: " + driver_.textOf(error)};
  }
  ~Memory() { driver_.memFree(at_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  cuda::CuPointer at() const { return at_; }

private:
  const cuda::Driver& driver_;
  cuda::CuPointer at_ = 0;
};

struct Tensor {
  std::string role, dtype;
  std::vector<long long> extents;
  std::vector<std::unique_ptr<Memory>> copies;
};

/// The bytes of element i of a pattern.
void writePattern(DType dtype, std::uint64_t seed, std::vector<std::uint8_t>& bytes) {
  const std::size_t size = sizeOf(dtype);
  for (std::size_t i = 0; i < bytes.size() / size; ++i) {
    const float value = cuda::patternValue(seed, i);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, 4);
    if (dtype == DType::F32) {
      std::memcpy(bytes.data() + 4 * i, &bits, 4);
    } else if (size == 2) {
      const std::uint16_t half = value == 0 ? 0 : static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | ((bits >> 23 & 0xffu) - 112u) << 10 | (bits >> 13 & 0x3ffu));
      const std::uint16_t upper = static_cast<std::uint16_t>(bits >> 16);
      std::memcpy(bytes.data() + 2 * i, dtype == DType::BF16 ? &upper : &half, 2);
    }
  }
}

class Baseline {
public:
  Baseline(const cuda::Driver& driver, Run run) : driver_(driver), run_(run), flush_(driver, kFlushBytes) {
    if (driver_.eventCreate(&begin_, 0) || driver_.eventCreate(&end_, 0))
      throw Refused{"the device gives no event"};
  }

  Json prepare(const Json& request) {
    tensors_.clear();
    options_.clear();
    std::uint64_t seed = request.value("seed", std::uint64_t{1});
    for (const auto& [role, entry] : request.at("tensors").items()) {
      auto dtype = parseDType(entry.at("dtype").get<std::string>());
      if (!dtype)
        throw Refused{"there is no type " + entry.at("dtype").dump()};
      Tensor tensor{role, std::string(nameOf(*dtype)), entry.at("shape").get<std::vector<long long>>(), {}};
      std::size_t bytes = sizeOf(*dtype);
      for (long long extent : tensor.extents)
        bytes *= static_cast<std::size_t>(extent);
      std::vector<std::uint8_t> contents(bytes);
      writePattern(*dtype, ++seed * 8191, contents);
      for (std::size_t i = 0; i < kCopies; ++i) {
        tensor.copies.push_back(std::make_unique<Memory>(driver_, bytes));
        must(driver_.memcpyHtoD(tensor.copies.back()->at(), contents.data(), bytes), "copying inputs");
      }
      tensors_.push_back(std::move(tensor));
    }
    for (const auto& [name, value] : request.at("options").items())
      options_.push_back({name, value.is_number() ? value.get<double>() : 0.0, value.is_string() ? value.get<std::string>() : ""});
    launch(0);
    must(driver_.ctxSynchronize(), "the first launch");
    return {{"ready", true}};
  }

  Json time(const Json& request) {
    if (tensors_.empty())
      throw Refused{"'time' before 'prepare'"};
    const unsigned samples = request.at("samples"), batch = std::max(1u, request.value("batch", 1u));
    const bool cold = request.value("cold", true);
    Json times = Json::array();
    for (unsigned i = 0; i < samples; ++i) {
      const std::size_t copy = cold ? turn_++ % kCopies : 0;
      must(driver_.ctxSynchronize(), "waiting");
      if (cold)
        must(driver_.memsetD8Async(flush_.at(), static_cast<unsigned char>(i), kFlushBytes, nullptr), "flushing");
      else
        launch(copy);
      must(driver_.eventRecord(begin_, nullptr), "an event");
      for (unsigned b = 0; b < batch; ++b)
        launch(copy);
      must(driver_.eventRecord(end_, nullptr), "an event");
      must(driver_.ctxSynchronize(), "a timed launch");
      float ms = 0;
      must(driver_.eventElapsedTime(&ms, begin_, end_), "the time");
      times.push_back(ms / static_cast<float>(batch));
    }
    return {{"ms", times}};
  }

private:
  struct Option {
    std::string name;
    double number;
    std::string text;
  };

  void must(cuda::CuResult error, const char* what) const {
    if (error)
      throw Refused{std::string(what) + ": " + driver_.textOf(error)};
  }

  void launch(std::size_t copy) const {
    std::vector<kverify_tensor> tensors;
    for (const Tensor& t : tensors_)
      tensors.push_back({t.role.c_str(), t.dtype.c_str(), static_cast<int>(t.extents.size()), t.extents.data(),
                         reinterpret_cast<void*>(t.copies[copy]->at())});
    std::vector<kverify_option> options;
    for (const Option& o : options_)
      options.push_back({o.name.c_str(), o.number, o.text.empty() ? nullptr : o.text.c_str()});
    if (int code = run_(static_cast<int>(tensors.size()), tensors.data(), static_cast<int>(options.size()), options.data(), nullptr))
      throw Refused{"kverify_baseline returned " + std::to_string(code)};
  }

  const cuda::Driver& driver_;
  Run run_;
  Memory flush_;
  cuda::CuEvent begin_ = nullptr, end_ = nullptr;
  std::vector<Tensor> tensors_;
  std::vector<Option> options_;
  std::size_t turn_ = 0;
};

Json answer(Baseline& baseline, const std::string& path, const std::string& line) {
  try {
    const Json request = Json::parse(line);
    const std::string what = request.value("do", "");
    if (what == "hello")
      return {{"format", "kverify.baseline/1"}, {"name", path}};
    if (what == "prepare")
      return baseline.prepare(request);
    if (what == "time")
      return baseline.time(request);
    return {{"error", "there is no request '" + what + "'"}};
  } catch (const Refused& refused) {
    return {{"error", refused.why}};
  } catch (const Json::exception& e) {
    return {{"error", e.what()}};
  }
}

int serve(const std::string& path) {
  auto stop = [](const std::string& why) {
    std::cout << Json{{"error", why}}.dump() << std::endl;
    return 3;
  };
  std::string problem;
  auto driver = cuda::openDriver(problem);
  cuda::CuDevice device = 0;
  cuda::CuContext context = nullptr;
  if (!driver)
    return stop(problem);
  if (driver->init(0) || driver->deviceGet(&device, 0) || driver->primaryCtxRetain(&context, device) || driver->ctxSetCurrent(context))
    return stop("there is no CUDA device");
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return stop(dlerror());
  auto run = reinterpret_cast<Run>(dlsym(library, "kverify_baseline"));
  if (!run)
    return stop(path + " exports no kverify_baseline (see kverify/baseline.h)");
  try {
    Baseline baseline(*driver, run);
    for (std::string line; std::getline(std::cin, line);) {
      if (line.find("\"quit\"") != std::string::npos)
        break;
      std::cout << answer(baseline, path, line).dump() << std::endl;
    }
  } catch (const Refused& refused) {
    return stop(refused.why);
  }
  return 0;
}

} // namespace
} // namespace kverify::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: kverify-so-baseline LIB.so\n";
    return 2;
  }
  return kverify::bench::serve(argv[1]);
}

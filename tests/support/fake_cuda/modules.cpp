#include "modules.h"

#include "cuda/pattern.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <sstream>

namespace kverify::fake {
namespace {

template <class T>
T argument(void** arguments, int index) {
  T value;
  std::memcpy(&value, arguments[index], sizeof value);
  return value;
}

/// `factor` is 1 in a softmax.
void softmax(void** arguments, float factor) {
  const auto* x = argument<const float*>(arguments, 0);
  auto* y = argument<float*>(arguments, 1);
  const int rows = argument<int>(arguments, 2), columns = argument<int>(arguments, 3);
  for (int r = 0; r < rows; ++r, x += columns, y += columns) {
    const float top = *std::max_element(x, x + columns);
    float sum = 0;
    for (int c = 0; c < columns; ++c)
      sum += y[c] = std::exp(x[c] - top);
    for (int c = 0; c < columns; ++c)
      y[c] *= factor / sum;
  }
}

void fill(void** arguments) {
  auto* to = argument<unsigned char*>(arguments, 0);
  const auto count = argument<unsigned long long>(arguments, 1), seed = argument<unsigned long long>(arguments, 2);
  const bool wide = argument<int>(arguments, 3) == 0; // else the upper half: right for bf16, and nothing here reads f16
  for (unsigned long long i = 0; i < count; ++i) {
    const float value = cuda::patternValue(seed, i);
    unsigned char bytes[4];
    std::memcpy(bytes, &value, 4);
    wide ? std::memcpy(to + 4 * i, bytes, 4) : std::memcpy(to + 2 * i, bytes + 2, 2);
  }
}

/// The family y = 2x, right and wrong: (const float* x, float* y, int n).
void twice(const std::string& how, Function& function, void** arguments) {
  auto* x = argument<float*>(arguments, 0);
  auto* y = argument<float*>(arguments, 1);
  const int n = argument<int>(arguments, 2);
  if (how == "lazy")
    return;
  if (how == "cached" && function.cached_for == x && function.cache.size() == n * sizeof(float)) {
    std::memcpy(y, function.cache.data(), function.cache.size()); // whatever x holds by now
    return;
  }
  if (how == "writes_input")
    x[0] += 7;
  for (int i = 0; i < n; ++i)
    y[i] = 2 * x[i];
  if (how == "wrong")
    y[n - 1] += 1;
  if (how == "overrun")
    y[n] = 1;
  if (how == "underrun")
    y[-1] = 1;
  if (how == "wrong_later" && function.launches > 10)
    y[0] += 1;
  if (how == "prints")
    std::printf("n is %d\n", n);
  if (how == "cached") {
    function.cached_for = x;
    function.cache.assign(reinterpret_cast<const char*>(y), n * sizeof(float));
  }
}

} // namespace

double Function::microseconds() {
  // A fixed sequence of steps in [-1, 1].
  std::uint64_t x = ++launches * 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9ull;
  const double step = static_cast<double>(x >> 40) / static_cast<double>(1 << 23) - 1;
  return us * (1 + step * jitter / 100);
}

std::unique_ptr<Module> parseModule(const char* text) {
  if (std::strncmp(text, "kverify-fake\n", 13) != 0)
    return nullptr;
  auto module = std::make_unique<Module>();
  // What every module of kverify's has beside its kernels.
  module->functions["kverify_fill"] = {.name = "kverify_fill", .behaviour = "run", .host = "fill", .us = 1};
  module->functions["kverify_empty"] = {.name = "kverify_empty", .behaviour = "run", .host = "nothing", .us = 1};
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    Function function;
    if (!(words >> word) || word != "function" || !(words >> function.name >> function.behaviour))
      continue;
    if (function.behaviour == "run")
      words >> function.host;
    while (words >> word) {
      if (word.starts_with("us="))
        function.us = std::stod(word.substr(3));
      if (word.starts_with("jitter="))
        function.jitter = std::stod(word.substr(7));
    }
    module->functions[function.name] = function;
  }
  return module;
}

void runHost(Function& function, void** arguments) {
  if (function.host.starts_with("softmax"))
    softmax(arguments, function.host == "softmax" ? 1.0f : 1.5f);
  else if (function.host == "fill")
    fill(arguments);
  else if (function.host.starts_with("twice"))
    twice(function.host.size() > 6 ? function.host.substr(6) : "", function, arguments);
}

} // namespace kverify::fake

// Everything that <torch/extension.h> makes visible, standard headers included.
#pragma once
#pragma GCC system_header
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
// What PyTorch brings along, too, and which takes most of the time: for a second attempt, and for runs.
#if defined(KVERIFY_RICH_PRELUDE)
#include <array>
#include <atomic>
#include <cassert>
#include <cfloat>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#endif

#include "binding.h"
#include "cuda.h"
#include "dispatch.h"
#include "functions.h"
#include "namespaces.h"
// Who runs host code (kverify_observe/run.h) can make tensors for it.
#define KVERIFY_TORCH_SHIMS 1

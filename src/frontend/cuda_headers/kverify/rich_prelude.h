// The host headers that nvcc's cuda_runtime.h drags in. Included only when a first, lean attempt failed to compile:
// some sources use a name of theirs without including it.
#pragma once
#pragma GCC system_header
#include <algorithm>
#include <cassert>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

#include <math.h>
#include <stdlib.h>

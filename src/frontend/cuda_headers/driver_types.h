// Nothing that cuda_runtime.h does not have.
#pragma once
#pragma GCC system_header
#include "cuda_runtime.h"

// Nothing that cuda_runtime.h does not have.
#pragma once
#include "cuda_runtime.h"

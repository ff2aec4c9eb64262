// Nothing that block_load.cuh does not have.
#pragma once
#pragma GCC system_header
#include "block_load.cuh"

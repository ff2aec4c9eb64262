#pragma once
// Words of GPUVerify that only a prover understands: the static stage reads past them (static_corpus.py).
// CUDA's own headers come first: __all is a function there.
#include <cuda_runtime.h>
#define __at_most_one(...) 1
#define __axiom(...) 1
#define __barrier_invariant(...) 1
#define __bugle_assert(...) 1
#define __candidate_invariant(...) 1
#define __distinct_bool(...) 1
#define __distinct_int(...) 1
#define __ensures(...) 1
#define __exclusive(...) 1
#define __function_wide_candidate_invariant(...) 1
#define __function_wide_invariant(...) 1
#define __global_ensures(...) 1
#define __no_read(...) 1
#define __no_write(...) 1
#define __non_temporal_loads_begin(...) 1
#define __old_int(...) 1
#define __other_bool(...) 1
#define __other_int(...) 1
#define __ptr_base(...) 1
#define __ptr_offset_bytes(...) 1
#define __read(...) 1
#define __read_implies(...) 1
#define __read_offset(...) 1
#define __read_offset_bytes(...) 1
#define __return_val_bool(...) 1
#define __return_val_funptr(...) 1
#define __return_val_int(...) 1
#define __return_val_ptr(...) 1
#define __same_group(...) 1
#define __uniform_bool(...) 1
#define __uniform_int(...) 1
#define __write(...) 1
#define __write_implies(...) 1
#define __write_offset(...) 1
#define __write_offset_bytes(...) 1

// What nvcc includes before the first line of every file: qualifiers, vector types, built-in variables, device
// mathematics and intrinsics, and the host runtime's declarations.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"
#include "kverify/host_c.h"
#include "vector_types.h"
#include "vector_functions.h"
#include "kverify/builtin_vars.h"
#include "kverify/runtime_api.h"
#include "kverify/libdevice.h"
#include "kverify/math.h"
#include "kverify/intrinsics.h"
#include "kverify/cache_hints.h"
#include "kverify/sync.h"
#include "kverify/warp.h"
#include "kverify/atomics.h"
#include "kverify/textures.h"
#if defined(KVERIFY_RICH_PRELUDE)
#include "kverify/rich_prelude.h"
#endif

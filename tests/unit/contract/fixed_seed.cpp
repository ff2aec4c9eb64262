// Property tests run the same examples every time; RC_PARAMS in the environment overrides it.
#include <cstdlib>

namespace {
const bool is_seeded = ::setenv("RC_PARAMS", "seed=20261122", 0) == 0;
}

// Annotations leave nothing behind in host code, not even a call.
#include <kverify/annotations.h>

static int evaluated = 0;

static bool seen() {
  ++evaluated;
  return true;
}

int main() {
  kv_requires(seen());
  int sum = 0;
  for (int i = 0; kv_invariant(sum >= 0), i < 4; ++i)
    sum += i;
  kv_assert(sum == 6);
  return evaluated == 0 && sum == 6 ? 0 : 1;
}

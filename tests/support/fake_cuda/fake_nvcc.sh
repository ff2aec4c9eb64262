#!/usr/bin/env bash
# An nvcc for tests on machines with no GPU: makes the fake driver's "cubin" from lines `// fake: function …` of the kernel's own
# file, and says what ptxas would.
set -eu
for word in "$@"; do
  [[ $word == --version ]] && {
    echo "Cuda compilation tools, release 13.0, V13.0.88"
    exit 0
  }
done
out= deps= source=
while (($#)); do
  case $1 in
  -o) out=$2 && shift ;;
  -MF) deps=$2 && shift ;;
  *.cu) source=$1 ;;
  esac
  shift
done
kernel=$(sed -n 's/^#include "\(.*\)"$/\1/p' "$source" | head -1)
if grep -q '^// fake: error' "$kernel"; then
  echo "$kernel(1): error: the fake compiler was told to fail" >&2
  exit 1
fi
functions=$(sed -n 's|^// fake: ||p' "$kernel")
if [[ -z $functions ]]; then # kverify's own microbenchmarks: every kernel takes a millisecond
  functions=$(grep -oE '^extern "C" __global__ void [a-z_0-9 ()]*peak_[a-z0-9_]+|^PEAK_(WG)?MMA\([a-z0-9_]+' "$kernel" |
    grep -oE 'peak_[a-z0-9_]+' | sort -u | sed 's|.*|function & run nothing us=1000|')
fi
{ echo kverify-fake && echo "$functions"; } >"$out"
printf '\0' >>"$out"
echo "out: $source $kernel" >"$deps"
sed -n 's|^function \([^ ]*\).*|\1|p' <<<"$functions" | while read -r name; do
  echo "ptxas info    : Compiling entry function '$name' for 'sm_90a'"
  echo "ptxas info    : Function properties for $name"
  echo "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"
  echo "ptxas info    : Used 32 registers, used 1 barriers, 256 bytes smem"
done >&2

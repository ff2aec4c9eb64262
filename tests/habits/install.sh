#!/usr/bin/env bash
# Installs into a scratch folder, moves it, and lets a project that knows nothing of the source tree find and use it.
#
# usage: install.sh CMAKE BUILD SOURCE
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cmake=${1:?usage: install.sh CMAKE BUILD SOURCE} build=$2 source=$3

step() { # step WHAT COMMAND…
  local what=$1
  shift
  "$@" >"$scratch/log" 2>&1 </dev/null && return 0
  tail -n 20 "$scratch/log"
  fail "$what failed"
  finish
}

step "cmake --install" "$cmake" --install "$build" --prefix "$scratch/first"
mv "$scratch/first" "$scratch/moved" # an installation is not tied to its place
installed=$scratch/moved
for file in bin/kverify libexec/kverify/kverify-gpu-worker libexec/kverify/kverify-so-baseline include/kverify/annotations.h \
  include/kverify/baseline.h share/kverify/specs/softmax.json share/kverify/specs/schema/contract.schema.json \
  share/kverify/examples/kernels/softmax/row_block_f32/contract.json share/man/man1/kverify.1 share/man/man1/kverify-audit.1 \
  share/bash-completion/completions/kverify share/zsh/vendor-completions/_kverify share/fish/vendor_completions.d/kverify.fish \
  share/doc/kverify/copyright; do
  [[ -s $installed/$file ]] || fail "$file is not installed (scripts/cmake/KverifyInstall.cmake)"
done
tied=$(grep -rlF -e "$source" "$installed/bin" "$installed/libexec" "$installed"/lib*/ 2>/dev/null)
# A tree that lies at /src is not meant by every /src: a path into it is, that nothing precedes.
((${#source} >= 12)) || tied=$(LC_ALL=C grep -raoP "(?<![\\w./-])\\Q$source\\E/(bench|build|fuzz|include|kernels|scripts|specs|src|tests|verifier)/[^\\0\"]{0,60}" \
  "$installed/bin" "$installed/libexec" "$installed"/lib*/ 2>/dev/null | head -n 5)
[[ -z $tied ]] || fail "the path of the source tree is in: $tied"

# As a stranger: no variable of this session, another folder, the sources out of sight of every search path.
stranger() { env -i PATH=/usr/bin:/bin HOME="$scratch" XDG_CACHE_HOME="$scratch/cache" "$@"; }
mkdir "$scratch/elsewhere" && cd "$scratch/elsewhere" || exit 2
stranger "$installed/bin/kverify" audit "$installed/share/kverify/examples/kernels/softmax/row_block_f32" --stages static,formal >"$scratch/audit" 2>&1 ||
  { tail -n 5 "$scratch/audit"; fail "the installed program does not certify an installed example"; }
stranger "$installed/bin/kverify" audit "$installed/share/kverify/examples/kernels/softmax/row_block_f32" --stages fuzz --cases 1 --budget 0 --backend cuda >"$scratch/gpu" 2>&1
grep -q "gpu-worker" "$scratch/gpu" && fail "the installed program does not find its GPU worker: $(grep -m 1 gpu-worker "$scratch/gpu")"

cp -r "$here/consumer" "$scratch/consumer"
step "configuring the consumer" "$cmake" -S "$scratch/consumer" -B "$scratch/consumer/build" -G Ninja -DCMAKE_PREFIX_PATH="$installed"
step "building the consumer" "$cmake" --build "$scratch/consumer/build"
step "the consumer's tests" "$(dirname -- "$cmake")/ctest" --test-dir "$scratch/consumer/build" --no-tests=error --output-on-failure
grep -q '100% tests passed, 0 tests failed out of 3' "$scratch/log" || fail "the consumer's three tests did not all run: $(tail -n 5 "$scratch/log")"

# Another minor version is refused, so that a change of headers is not found at run time.
if "$cmake" -S "$scratch/consumer" -B "$scratch/consumer/other" -G Ninja -DCMAKE_PREFIX_PATH="$installed" -DWANTED=99.0 >"$scratch/log" 2>&1; then
  fail "find_package(kverify 99.0) was satisfied"
fi
finish

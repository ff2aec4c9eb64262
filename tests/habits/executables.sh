#!/usr/bin/env bash
# What says with its first line which program runs it can be run, and so can every script that a README begins a command with.
#
# usage: executables.sh SOURCE
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd -- "${1:?usage: executables.sh SOURCE}" || exit 2
rooms=(.ci bench fuzz include kernels scripts specs src tests verifier)
count=0
while IFS= read -r file; do
  count=$((count + 1))
  [[ -x $file ]] || fail "$file has a first line with #!, but is not executable: chmod +x, and git update-index --chmod=+x"
done < <(grep -rlIm 1 --exclude-dir=__pycache__ -E '^#!/' "${rooms[@]}" | while IFS= read -r file; do
  [[ $(head -c 3 -- "$file") == '#!/' ]] && printf '%s\n' "$file"
done)
((count > 20)) || fail "only $count scripts were found below $PWD"
while IFS= read -r file; do
  [[ -x $file ]] || fail "a README begins a command with $file, which is not an executable file"
done < <(grep -rhoE '^ *(\.ci|bench|scripts|tests)/[A-Za-z0-9_./-]+' --include='*.md' README.md "${rooms[@]}" | tr -d ' ' | sort -u | grep -E '\.(py|sh)$|^scripts/[a-z-]+$|^\.ci/run$')
finish

#!/usr/bin/env bash
# The fish completions in a real fish: syntax, and what it would offer (`complete -C LINE`).
#
# usage: completions_fish.sh KVERIFY
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
kverify=${1:?usage: completions_fish.sh KVERIFY}
command -v fish >/dev/null || not_run "there is no fish on this machine (apt-get install fish)"
export PATH=$(dirname -- "$kverify"):$PATH # fish reads completions of commands that there are
export HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_DATA_HOME=$scratch/data
mkdir -p "$scratch/config/fish/completions" "$scratch/desk/out"
"$kverify" completions fish >"$scratch/config/fish/completions/kverify.fish" || fail "kverify completions fish ended with $?"
fish --no-execute "$scratch/config/fish/completions/kverify.fish" || fail "fish finds a syntax error"
touch "$scratch/desk/soft.cu"
cd "$scratch/desk" || exit 2

# offered LINE: the words offered for it, without their descriptions.
offered() { LINE=$1 fish -c 'complete -C "$LINE"' | cut -f 1 | tr '\n' ' '; }

expect_words "commands" "$(offered 'kverify ')" audit report diff explain completions
refuse_words "commands" "$(offered 'kverify ')" soft.cu
expect_words "options" "$(offered 'kverify audit --')" --contract --stages --format
refuse_words "options" "$(offered 'kverify audit --')" --version --summary
expect_words "fixed choices" "$(offered 'kverify audit --backend ')" simt cuda both
refuse_words "fixed choices" "$(offered 'kverify audit --backend ')" soft.cu
expect_words "a list, going on" "$(offered 'kverify audit --stages static,fo')" static,formal
expect_words "formats" "$(offered 'kverify audit --report h')" html=
expect_words "files" "$(offered 'kverify audit so')" soft.cu
expect_words "folders" "$(offered 'kverify audit --output ')" out/
expect_words "checks" "$(offered 'kverify explain race.')" race.shared-read-write
finish

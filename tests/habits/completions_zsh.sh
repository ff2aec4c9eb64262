#!/usr/bin/env bash
# The zsh completions in a real zsh: syntax, and what TAB offers in an interactive shell on a pseudo-terminal.
#
# usage: completions_zsh.sh KVERIFY
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
kverify=${1:?usage: completions_zsh.sh KVERIFY}
command -v zsh >/dev/null || not_run "there is no zsh on this machine (apt-get install zsh)"
mkdir "$scratch/fpath" "$scratch/desk"
"$kverify" completions zsh >"$scratch/fpath/_kverify" || fail "kverify completions zsh ended with $?"
zsh -n "$scratch/fpath/_kverify" || fail "zsh finds a syntax error"
touch "$scratch/desk/soft.cu"
cd "$scratch/desk" || exit 2

# offered 'LINE': what the completion system adds as matches for the line, one a word.
offered() {
  timeout 60 zsh -f "$here/zsh_offers.zsh" "$scratch/fpath" "$1" | tr -s '\r\n' '  '
}

expect_words "commands" "$(offered 'kverify ')" audit report diff explain completions
expect_words "options" "$(offered 'kverify audit --')" --contract --stages --format
expect_words "fixed choices" "$(offered 'kverify audit --backend ')" simt cuda both
expect_words "choices behind =" "$(offered 'kverify audit --backend=')" simt cuda both
expect_words "a list, going on" "$(offered 'kverify audit --stages static,fo')" formal
expect_words "formats" "$(offered 'kverify audit --report ')" html sarif
expect_words "files" "$(offered 'kverify audit so')" soft.cu
expect_words "checks" "$(offered 'kverify explain race.')" race.shared-read-write
finish

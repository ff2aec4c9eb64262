#!/usr/bin/env bash
# Sources the bash completions and calls the completion function as bash would.
#
# usage: completions_bash.sh KVERIFY
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
kverify=${1:?usage: completions_bash.sh KVERIFY}
"$kverify" completions bash >"$scratch/kverify.bash" || fail "kverify completions bash ended with $?"
bash -n "$scratch/kverify.bash" || fail "bash finds a syntax error"
. "$scratch/kverify.bash" || fail "it can't be sourced"
[[ $(complete -p kverify) == *"-F _kverify kverify" ]] || fail "nothing is registered for kverify"

# offered WORD…: what is offered for the last word, which may be empty. '=' is a word of its own, as bash has it.
offered() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _kverify
  echo "${COMPREPLY[*]}"
}

cd "$scratch" || exit 2
mkdir -p kernels out
touch 'my kernel.cu' soft.cu soft.contract.json

expect_words "commands" "$(offered kverify '')" audit report diff replay bench explain completions man
expect_words "a command's beginning" "$(offered kverify list-)" list-checks
refuse_words "a command's beginning" "$(offered kverify list-)" audit
expect_words "the program's options" "$(offered kverify --)" --help --version
expect_words "options of audit" "$(offered kverify audit --)" --contract --stages --format --jobs --help
refuse_words "options of audit" "$(offered kverify audit --)" --version --summary
expect_words "options of merge" "$(offered kverify merge --)" --summary
expect_words "short options" "$(offered kverify audit -)" -j -q
expect_words "fixed choices" "$(offered kverify audit --backend '')" simt cuda both
expect_words "fixed choices, begun" "$(offered kverify audit soft.cu --backend c)" cuda
refuse_words "fixed choices, begun" "$(offered kverify audit soft.cu --backend c)" simt
expect_words "choices behind =" "$(offered kverify audit --format = s)" sarif
expect_words "choices behind = alone" "$(offered kverify audit --format =)" sarif text
expect_words "formats of reports" "$(offered kverify report --format '')" text json html sarif junit
expect_words "a list" "$(offered kverify audit --stages f)" fuzz formal
expect_words "a list, going on" "$(offered kverify audit --stages static,fo)" static,formal
expect_words "FORMAT=" "$(offered kverify audit --report h)" html=
expect_words "the file behind FORMAT=" "$(offered kverify audit --report html = so)" soft.cu
expect_words "files" "$(offered kverify audit so)" soft.cu soft.contract.json
expect_words "files with blanks" "$(offered kverify audit my)" "my kernel.cu"
expect_words "a file as value" "$(offered kverify audit --contract so)" soft.contract.json
expect_words "folders as value" "$(offered kverify audit --output '')" kernels out
refuse_words "folders as value" "$(offered kverify audit --output '')" soft.cu
expect_words "checks" "$(offered kverify explain race.)" race.shared-read-write
expect_words "shells" "$(offered kverify completions '')" bash zsh fish
expect_words "commands of man" "$(offered kverify man a)" audit
expect_words "clang's flags" "$(offered kverify audit soft.cu -- so)" soft.cu
[[ -z $(offered kverify audit --seed '') ]] || fail "something is offered as a seed"
[[ -z $(offered kverify nonsense '') ]] || fail "something is offered for an unknown command"

# Every option that --help has is offered: the script can't lag behind.
for command in $("$kverify" man | sed -n 's/^\\fBkverify\\-\(.*\)\\fR(1)$/\1/p' | sed 's/\\-/-/g'); do
  words=$(offered kverify "$command" -)
  for option in $("$kverify" "$command" --help | sed -n 's/^  \(-[^ ]*\).*/\1/p' | tr ',' '\n'); do
    expect_words "options of $command" "$words" "$option"
  done
done
finish

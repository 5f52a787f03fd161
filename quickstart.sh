#!/bin/bash
# Tepui from nothing to twenty finished tasks, on Debian 12 as root.
#
#   ./quickstart.sh          installs what is needed, builds `release`, starts a private cluster on loopback, runs 20 tasks that
#                            compress real files of /usr/share, each held to 0.1 cpu and 64 MiB, shows what each one used, and
#                            takes everything down again. What stays is Debian's packages and build/release.
#   ./quickstart.sh --keep   leaves the cluster up, prints its URL and how to end it
set -euo pipefail
cd "$(dirname "$0")"

keep=no
case "${1:-}" in
  '') ;;
  --keep) keep=yes ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
if [ "$(id -u)" != 0 ]; then
  echo "quickstart.sh needs root: it makes cgroups and namespaces (the tasks themselves run as nobody)" >&2
  exit 77
fi

bin=$PWD/build/release/bin
step() { printf '%s\n' "- $*"; }
fail() { printf 'quickstart.sh: %s\n' "$*" >&2; exit 1; }

step "packages"
tools/install_deps.sh --build
step "build (the first time takes several minutes)"
mkdir -p build
cmake --preset release >build/quickstart-build.log 2>&1 || { tail -20 build/quickstart-build.log; fail "cmake failed"; }
if [ -t 1 ]; then
  ninja -C build/release programs | tee -a build/quickstart-build.log | { stdbuf -oL grep -E '^\[|error' || true; } | stdbuf -oL cut -c1-$(($(tput cols 2>/dev/null || echo 100) - 1)) |
    while IFS= read -r line; do printf '\r\033[K%s' "$line"; done && printf '\r\033[K'
else
  ninja -C build/release programs >>build/quickstart-build.log 2>&1
fi || { grep -B2 -A10 -m3 -E 'error|FAILED' build/quickstart-build.log; fail "the build failed: build/quickstart-build.log"; }

dir=$(mktemp -d /tmp/tepui-quickstart-XXXXXX)
chmod 755 "$dir"
name=$(basename "$dir")
mkdir "$dir/master" "$dir/agent" "$dir/run"
master_pid= agent_pid=

# Ends a process of ours and waits for it, at most $2 seconds; then SIGKILL.
end_process() {
  local pid=$1 ticks=$(($2 * 20))
  [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null && [ $ticks -gt 0 ]; do ticks=$((ticks - 1)); sleep 0.05; done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

our_cgroups() { find /sys/fs/cgroup -mindepth 2 -maxdepth 2 -type d -name "$name" 2>/dev/null; find /sys/fs/cgroup -maxdepth 1 -type d -name "$name" 2>/dev/null; }
our_mounts() { awk -v dir="$dir/" 'index($5, dir) == 1 {print $5}' /proc/self/mountinfo; }
our_processes() {
  local proc
  for proc in /proc/[0-9]*; do
    if [ "$proc" != /proc/$$ ] && { tr '\0' ' ' <"$proc/cmdline"; } 2>/dev/null | grep -qF -- "$dir"; then echo "${proc#/proc/}"; fi
  done
}

take_down() {
  trap - EXIT INT TERM
  end_process "$agent_pid" 15
  end_process "$master_pid" 10
  local left group
  left=$(our_processes)
  if [ -n "$left" ]; then kill -KILL $left 2>/dev/null || true; fi
  for group in $(our_cgroups); do
    find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  our_mounts | sort -r | while read -r point; do umount -l "$point" || true; done
  rm -rf --one-file-system "$dir"
}
trap 'take_down; exit 130' INT TERM
trap 'status=$?; take_down; exit $status' EXIT

wait_for_file() { # FILE PID LOG
  local ticks=400
  while [ ! -s "$1" ]; do
    kill -0 "$2" 2>/dev/null || { cat "$3" >&2; fail "a daemon did not start"; }
    ticks=$((ticks - 1))
    [ $ticks -gt 0 ] || { cat "$3" >&2; fail "a daemon did not become ready within 20 s"; }
    sleep 0.05
  done
}

step "a private cluster: one master, one agent, on loopback"
"$bin/tepui-master" --ip=127.0.0.1 --port=0 --work-dir="$dir/master" >"$dir/master.log" 2>&1 &
master_pid=$!
wait_for_file "$dir/master/master.address" $master_pid "$dir/master.log"
master=$(cat "$dir/master/master.address")
"$bin/tepui-agent" --master="$master" --ip=127.0.0.1 --port=0 --work-dir="$dir/agent" --runtime-dir="$dir/run" \
  --cgroups-root="$name" --hostname=localhost --resources='cpus:2;mem:2048' --destroy-on-exit >"$dir/agent.log" 2>&1 &
agent_pid=$!
wait_for_file "$dir/agent/agent.address" $agent_pid "$dir/agent.log"
agent=$(cat "$dir/agent/agent.address")

step "20 tasks: gzip -9 of one file each, as nobody, 0.1 cpu and 64 MiB"
# The largest up to 4 MB: seconds of work for a tenth of a processor.
mapfile -t files < <(find /usr/share -xdev -type f -size -4000k -perm -o=r ! -name '*.gz' -printf '%s %p\n' 2>/dev/null | sort -rn | head -20 | cut -d' ' -f2-)
[ ${#files[@]} -eq 20 ] || fail "/usr/share has no 20 readable files"
"$bin/compress-files" --master "$master" --cpus 0.1 --mem 64 --user nobody "${files[@]}" || {
  tail -20 "$dir/master.log" "$dir/agent.log" >&2
  fail "not every task finished"
}

if [ "$keep" = yes ]; then
  trap - EXIT INT TERM
  disown -a
  printf 'The cluster stays up:\n  master  http://%s/state\n  agent   http://%s/tepui/v1/containers\n' "${master#http://}" "${agent#http://}"
  printf 'End it with:\n  kill %s %s; rm -r %s\n' "$agent_pid" "$master_pid" "$dir"
  exit 0
fi

take_down
left="$(our_processes)$(our_mounts)$(our_cgroups)"
[ -z "$left" ] && [ ! -e "$dir" ] || fail "something is left behind: $left $(ls -d "$dir" 2>/dev/null)"
step "nothing is left behind: no process, no mount, no cgroup, no file"

#!/bin/bash
# Builds and tests Tepui.
#
#   ./test.sh            everything below but asan and tsan
#   ./test.sh LABEL…     style unit sim integration cluster      (preset dev)
#                        quickstart conformance bench            (preset release)
#                        asan tsan                               (their presets; unit and sim tests)
#
# Environment: TEPUI_TEST_JOBS (compile and test jobs; default: one per processor),
#              TEPUI_SKIPS=strict (a skip that the reference machine could have run fails).
set -uo pipefail
cd "$(dirname "$0")"

jobs=${TEPUI_TEST_JOBS:-$(nproc)}
logs=build/test-logs
summary=()
failed=()

say() { printf '\n== %s\n' "$*"; }

# phase NAME COMMAND…: runs, times and remembers the outcome.
phase() {
  local name=$1 started=$SECONDS outcome=ok
  shift
  say "$name"
  "$@" || { outcome=FAILED; failed+=("$name"); }
  summary+=("$(printf '%-24s %-6s %5d s' "$name" "$outcome" $((SECONDS - started)))")
  [ "$outcome" = ok ]
}

configure() {
  local log=$logs/configure-$1.log
  cmake --preset "$1" >"$log" 2>&1 || { cat "$log"; return 1; }
}

# build PRESET TARGET…: quiet unless it fails; targets that no room has yet are left out.
build() {
  local preset=$1 target log=$logs/build-$1.log
  shift
  local known wanted=()
  known=$(ninja -C "build/$preset" -t targets all | cut -d: -f1)
  for target in "$@"; do
    if [ "$target" = all ] || grep -qxF "$target" <<<"$known"; then wanted+=("$target"); fi
  done
  [ ${#wanted[@]} -gt 0 ] || return 0
  nice ninja -C "build/$preset" -j "$jobs" "${wanted[@]}" >"$log" 2>&1 || { grep -v '^\[' "$log" | tail -60; return 1; }
  tail -1 "$log"
}

# ctests PRESET LABEL JOBS: runs one label; the closing lines are printed again at the end of everything.
ctests() {
  local preset=$1 label=$2 parallel=$3 log=$logs/$1-$2.log status
  ctest --test-dir "build/$preset" -L "^$label\$" -j "$parallel" --output-on-failure --no-tests=error \
    --test-output-size-passed 20000 --output-junit "$PWD/$logs/$preset-$label.xml" >"$log" 2>&1
  status=$?
  grep -vE '^ *[0-9]+/[0-9]+ Test|^ +Start +[0-9]+:|^Test project|^Internal ctest' "$log"
  return $status
}

prepare() { # PRESET TARGET…
  local preset=$1
  shift
  phase "configure $preset" configure "$preset" && phase "build $preset" build "$preset" "$@"
}

has() { local word; for word in "${wanted[@]}"; do [ "$word" = "$1" ] && return 0; done; return 1; }
has_any() { local word; for word in "$@"; do has "$word" && return 0; done; return 1; }

run_dev() {
  local targets=() label
  has style && targets+=(all)
  for label in unit sim integration cluster; do has "$label" && targets+=("tests_$label"); done
  has_any integration cluster && targets+=(programs)
  prepare dev "${targets[@]}" || return
  has style && phase style ctests dev style "$jobs"
  has unit && phase unit ctests dev unit 4
  has sim && phase sim ctests dev sim "$jobs"
  has integration && phase integration ctests dev integration "$jobs"
  has cluster && phase cluster ctests dev cluster 1
}

run_release() {
  local targets=(programs)
  has conformance && targets+=(tests_conformance)
  has bench && targets+=(tests_bench)
  prepare release "${targets[@]}" || return
  has quickstart && phase quickstart ./quickstart.sh
  has conformance && phase conformance ctests release conformance 1
  has bench && phase bench ctests release bench 1
}

run_sanitizer() { # LABEL PRESET
  prepare "$2" tests_unit tests_sim || return
  phase "$1 unit" ctests "$2" unit 4
  phase "$1 sim" ctests "$2" sim "$jobs"
}

wanted=("$@")
[ $# -gt 0 ] || wanted=(style unit sim integration cluster quickstart conformance bench)
for word in "${wanted[@]}"; do
  case $word in
    style | unit | sim | integration | cluster | quickstart | conformance | bench | asan | tsan) ;;
    *) echo "test.sh: unknown label '$word'; see the top of this file" >&2; exit 64 ;;
  esac
done

mkdir -p "$logs"
rm -f "$logs"/*.xml
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1 second_deadlock_stack=1}

phase dependencies tools/install_deps.sh || exit 1
if has_any style unit sim integration cluster; then run_dev; fi
if has_any quickstart conformance bench; then run_release; fi
if has asan; then run_sanitizer asan asan-ubsan; fi
if has tsan; then run_sanitizer tsan tsan; fi

shopt -s nullglob
results=("$logs"/*.xml)
say "skipped"
if [ ${#results[@]} -gt 0 ]; then
  strict=()
  [ "${TEPUI_SKIPS:-}" = strict ] && strict=(--strict)
  /usr/bin/python3 tools/skipped_tests.py "${strict[@]}" "${results[@]}" || failed+=("skipped tests")
fi

say "summary"
printf '%s\n' "${summary[@]}"
for result in "${results[@]}"; do
  log=${result%.xml}.log
  printf '%-24s %s\n' "$(basename "$log" .log)" "$(grep -E '^[0-9]+% tests passed' "$log" || echo 'no summary by ctest')"
done
printf 'elapsed %d min %02d s\n' $((SECONDS / 60)) $((SECONDS % 60))
if [ ${#failed[@]} -gt 0 ]; then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
echo "everything passed"

#!/usr/bin/env bash
# Installs what is missing, builds, and passes every test. Usage: test.sh [SECTION ..]
# Sections, in this order: gates build lint headers unit e2e agents quickstart deb tsan fuzz
# (default: all); deb packs what quickstart built.
# Unit and end-to-end tests run on the build with AddressSanitizer and UBSan.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-time_macros}

packaging/install-deps.sh build test || exit 1

passed=0
failed=0
names=()
logs=build/test-logs # what each section printed; told again at the end if it failed
mkdir -p "$logs"
section() {
  local name=$1
  shift
  if [ ${#selected[@]} -gt 0 ] && [[ ! " ${selected[*]} " == *" $name "* ]]; then return; fi
  printf '\n=== %s: %s\n' "$name" "$*"
  local began=$SECONDS log=$logs/$name-$((passed + failed)).log
  if "$@" > >(tee "$log") 2>&1; then
    passed=$((passed + 1))
    printf '=== %s ok (%d s)\n' "$name" $((SECONDS - began))
  else
    failed=$((failed + 1))
    names+=("$name: $*" "$log")
    printf '=== %s FAILED (%d s)\n' "$name" $((SECONDS - began))
  fi
}
# The lines of a long log that tell what went wrong, and how it ended.
reasons() {
  grep -vE '^ok ' "$1" | # sentences of tests that passed may speak of errors
    grep -A 40 -E '(error|ERROR|FAILED|FATAL|WARNING: ThreadSanitizer|^not ok|Traceback)' | head -n 160
  echo ...
  tail -n 12 "$1"
}
selected=("$@")

sources() { git ls-files '*.cpp' '*.h'; }
scripts() { git ls-files '*.sh' '*.bash' '.ci/run'; }

check_format() { sources | xargs clang-format --dry-run -Werror; }
check_shell() { scripts | xargs shellcheck -x; }
check_man() {
  local pages
  pages=$(git ls-files 'man/*.[1-9]')
  [ -z "$pages" ] || xargs mandoc -T lint -W warning <<<"$pages"
}

# Only what changed, and only what clang can read: coroutine code is GCC's here, because clang 14
# does not understand GCC 12's <coroutine>.
check_tidy() {
  local base files
  base=$(git merge-base HEAD "${ROUTERONE_BASE:-HEAD~8}" 2>/dev/null || git rev-list --max-parents=0 HEAD)
  files=$(git diff --name-only --diff-filter=d "$base" -- '*.cpp' | grep -E '^(common|cli|daemon)/' |
    xargs -r grep -LE 'net::Task|asio|sessions\.h|daemon/(daemon|relay)/' |
    head -n 16)
  [ -z "$files" ] && return 0
  mkdir -p build/tidy # the same commands, without what only GCC knows
  sed 's/ -fcoroutines / /g' build/asan/compile_commands.json >build/tidy/compile_commands.json
  # shellcheck disable=SC2086
  clang-tidy --quiet -p build/tidy --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-ignored-optimization-argument $files 2>/dev/null
}

build_preset() { cmake --preset "$1" "${@:2}" >/dev/null && cmake --build --preset "$1"; }

# What threads share: the store's writer and readers, admission, the recorder, the loops, the
# control plane.
tsan_tests() {
  cmake --preset tsan >/dev/null || return 1
  local targets=() test
  for test in daemon_net daemon_store daemon_admission daemon_trace daemon_http daemon_upstream \
    daemon_control; do
    [ -n "$(find "tests/${test/_//}" -name '*_test.cpp' 2>/dev/null)" ] && targets+=("test_$test")
  done
  cmake --build --preset tsan --target "${targets[@]}" || return 1
  for test in "${targets[@]}"; do
    echo "--- $test"
    TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/tests/tsan.supp" "build/tsan/tests/$test" -tce='*kill*,*fork*' ||
      return 1
  done
}

# The translation's programs look at the same inputs in every run: at fixed addresses, because libFuzzer
# learns from those that are compared. So what they find belongs to a change. Search by hand, without
# -seed and -runs. Where fixed addresses are not allowed they are only started.
fuzz_smoke() {
  cmake --preset fuzz >/dev/null && cmake --build --preset fuzz || return 1
  local target how=(-seed=1 -runs=1) fixed=()
  if setarch -R true 2>/dev/null; then
    fixed=(setarch -R)
    how=(-seed=1 -runs="${FUZZ_RUNS:-4000}")
  fi
  for target in build/fuzz/tests/fuzz/*_fuzz; do
    echo "--- $target"
    case $target in
      *translate_* | *event_writer_*)
        "${fixed[@]}" "$target" "${how[@]}" -len_control=0 -rss_limit_mb=2048 -verbosity=0 || return 1
        ;;
      *)
        "$target" -max_total_time="${FUZZ_SECONDS:-15}" -len_control=0 -rss_limit_mb=2048 \
          -verbosity=0 || return 1
        ;;
    esac
  done
}

section gates python3 tests/layering.py .
section gates python3 tests/layering_test.py
section gates python3 tests/pitfalls.py
section gates python3 tests/pitfalls_test.py
section gates check_format
section gates check_shell
section gates check_man
section build build_preset asan
section lint check_tidy
section headers cmake --build --preset asan --target headers
section unit ctest --preset asan
section e2e tests/e2e/run.sh asan
section agents env ROUTERONE_BIN="$PWD/build/asan/bin" tests/agents/table.sh ci
section quickstart packaging/quickstart.sh
section deb packaging/deb/check.sh
section tsan tsan_tests
section fuzz fuzz_smoke

printf '\n'
for ((i = 0; i < ${#names[@]}; i += 2)); do
  printf '\n=== why %s failed\n' "${names[i]}"
  reasons "${names[i + 1]}"
done
for ((i = 0; i < ${#names[@]}; i += 2)); do printf 'failed: %s\n' "${names[i]}"; done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

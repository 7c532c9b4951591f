#!/usr/bin/env bash
# End-to-end tests of the binaries in build/PRESET/bin: the tours of the SDKs, then every *_test.py.
# Usage: run.sh PRESET [NAME ..]   only tests whose file name holds one of the NAMEs
# One line a case; fails if a case does. What it installs is kept in build/e2e.
# E2E_LANES of them (2) run at a time: they wait for most of theirs. Each one's lines come together.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

if [ $# -eq 0 ]; then
  echo "usage: tests/e2e/run.sh PRESET [NAME ..]" >&2
  exit 2
fi
preset=$1
shift
export ROUTERONE_BIN=$PWD/build/$preset/bin
export NO_PROXY=127.0.0.1,localhost,::1 no_proxy=127.0.0.1,localhost,::1
export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
here=tests/e2e
cache=$PWD/build/e2e
# shellcheck source=tests/e2e/node.sh
. "$here/node.sh"

if [ ! -x "$ROUTERONE_BIN/routeroned" ]; then
  echo "run.sh: there is no $ROUTERONE_BIN/routeroned; build it first" >&2
  exit 2
fi

make_venv() {
  rm -rf "${cache:?}/$1"
  python3 -m venv "$cache/$1" &&
    "$cache/$1/bin/pip" install -q --disable-pip-version-check -r "$2"
}

# What hangs is ended, and is a failure.
limited() { timeout -k 10 "${E2E_SECONDS:-300}" "$@"; }

python_tour() { limited "$cache/venv/bin/python" "$here/sdk_python.py"; }

node_tour() { limited python3 "$here/world.py" "$E2E_NODE" "$E2E_NODE_HOME/sdk_node.mjs"; }

python_test() {
  local venv=venv
  [[ $1 == *tours_test.py ]] && venv=langchain
  limited "$cache/$venv/bin/python" "$1"
}

selected=("$@")
is_wanted() {
  [ ${#selected[@]} -eq 0 ] && return 0
  local word
  for word in "${selected[@]}"; do [[ $1 == *"$word"* ]] && return 0; done
  return 1
}

# In the background: everything it prints, and NAME in $failures if it failed.
run() {
  local name=$1 began=$SECONDS
  shift
  local lines=$work/$name.log
  {
    printf -- '--- %s\n' "$name"
    "$@" || touch "$failures/$name"
    printf -- '--- %s: %d s\n' "$name" $((SECONDS - began))
  } >"$lines" 2>&1
  # One writer at a time, so that two never mix.
  flock "$work/lock" cat "$lines"
}

lanes=${E2E_LANES:-2}
start() {
  is_wanted "$1" || return 0
  while [ "$(jobs -rp | wc -l)" -ge "$lanes" ]; do wait -n; done
  run "$@" &
}

mkdir -p "$cache"
installing=()
for name in venv:requirements.txt langchain:requirements-langchain.txt; do
  list=$here/${name#*:}
  once "${name%:*}" make_venv "${name%:*}" "$list" -- "$list" &
  installing+=($!)
done
once node make_node -- "$here/package.json" "$here/package-lock.json" &
installing+=($!)
for each in "${installing[@]}"; do wait "$each" || exit 1; done

E2E_NODE=$(find_node "$cache") || exit 1
export E2E_NODE E2E_NODE_HOME=$cache/node
cp "$here"/*.mjs "$cache/node/" # beside the modules they import

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=$work/failed
mkdir "$failures"

start sdk_python python_tour
start sdk_node node_tour
for test in "$here"/*_test.py; do
  [ -e "$test" ] || continue
  start "$(basename "$test" .py)" python_test "$test"
done
wait

shopt -s nullglob
failed=("$failures"/*)
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]##*/}" >&2
  exit 1
fi

#!/usr/bin/env bash
# End-to-end tests of the binaries in build/PRESET/bin: the tours of the SDKs, then every *_test.py.
# Usage: run.sh PRESET [NAME ..]   only tests whose file name holds one of the NAMEs
# One line a case; fails if a case does. What it installs is kept in build/e2e.
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
needed_node=22

if [ ! -x "$ROUTERONE_BIN/routeroned" ]; then
  echo "run.sh: there is no $ROUTERONE_BIN/routeroned; build it first" >&2
  exit 2
fi

# Runs "$2 .." unless the files after -- are as they were when it last succeeded.
once() {
  local stamp=$cache/$1.stamp sum
  shift
  local command=() files=()
  while [ "$1" != -- ]; do
    command+=("$1")
    shift
  done
  shift
  files=("$@")
  sum=$(cat "${files[@]}" | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && return 0
  "${command[@]}" || return 1
  echo "$sum" >"$stamp"
}

make_venv() {
  rm -rf "${cache:?}/$1"
  python3 -m venv "$cache/$1" &&
    "$cache/$1/bin/pip" install -q --disable-pip-version-check -r "$2"
}

# A failed download is tried once more: the tests are of the daemon, not of the network.
make_node() {
  rm -rf "$cache/node"
  mkdir -p "$cache/node"
  cp "$here/package.json" "$here/package-lock.json" "$cache/node/"
  local omit=()
  new_enough node && omit=(--omit=optional)
  local try
  for try in 1 2; do
    (cd "$cache/node" && npm ci "${omit[@]}" --ignore-scripts --no-audit --no-fund --loglevel=error) \
      >"$cache/npm.log" 2>&1 && return 0
    echo "run.sh: npm failed (try $try)" >&2
  done
  cat "$cache/npm.log" >&2
  return 1
}

new_enough() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$needed_node" ]
}

find_node() {
  local candidate
  for candidate in node "$cache"/node/node_modules/node-linux-*/bin/node; do
    if new_enough "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

# What hangs is ended, and is a failure.
limited() { timeout -k 10 "${E2E_SECONDS:-180}" "$@"; }

python_tour() { limited "$cache/venv/bin/python" "$here/sdk_python.py"; }

node_tour() { limited python3 "$here/world.py" "$E2E_NODE" "$E2E_NODE_HOME/sdk_node.mjs"; }

python_test() {
  local venv=venv
  [[ $1 == *tours_test.py ]] && venv=langchain
  limited "$cache/$venv/bin/python" "$1"
}

failed=()
run() {
  local name=$1
  shift
  if [ ${#selected[@]} -gt 0 ]; then
    local word wanted=
    for word in "${selected[@]}"; do [[ $name == *"$word"* ]] && wanted=yes; done
    [ -n "$wanted" ] || return 0
  fi
  local began=$SECONDS
  printf -- '--- %s\n' "$name"
  "$@" || failed+=("$name")
  printf -- '--- %s: %d s\n' "$name" $((SECONDS - began))
}
selected=("$@")

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

E2E_NODE=$(find_node) || {
  echo "run.sh: there is no Node of version $needed_node or above" >&2
  exit 1
}
export E2E_NODE E2E_NODE_HOME=$cache/node
cp "$here"/*.mjs "$cache/node/" # beside the modules they import

run sdk_python python_tour
run sdk_node node_tour
for test in "$here"/*_test.py; do
  [ -e "$test" ] || continue
  run "$(basename "$test" .py)" python_test "$test"
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi

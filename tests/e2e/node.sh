# shellcheck shell=bash
# What run.sh and tests/agents/table.sh install alike: sourced from the checkout's root, with `cache`
# naming a folder under build.
needed_node=22

# Runs "$2 .." unless the files after -- are as they were when it last succeeded.
once() {
  local stamp=${cache:?}/$1.stamp sum
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

# Installs the package.json of folder $1 in folder $2 of the cache by npm's command $3 and further words.
# A failed download is tried once more: the tests are of the daemon, not of the network.
make_modules() {
  local from=$1 to=${cache:?}/$2 try
  shift 2
  rm -rf "$to"
  mkdir -p "$to"
  cp "$from/package.json" "$from/package-lock.json" "$to/"
  for try in 1 2; do
    (cd "$to" && npm "$@" --ignore-scripts --no-audit --no-fund --loglevel=error) \
      >"${cache:?}/npm.log" 2>&1 && return 0
    echo "npm failed (try $try)" >&2
  done
  cat "${cache:?}/npm.log" >&2
  return 1
}

new_enough() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$needed_node" ]
}

# The SDKs, and a Node for them where the machine has none that is new enough.
make_node() {
  local omit=()
  new_enough node && omit=(--omit=optional)
  make_modules tests/e2e node ci "${omit[@]}"
}

# The Node to use, with the cache of run.sh in $1.
find_node() {
  local candidate
  for candidate in node "$1"/node/node_modules/node-linux-*/bin/node; do
    if new_enough "$candidate"; then
      command -v "$candidate"
      return 0
    fi
  done
  echo "there is no Node of version $needed_node or above" >&2
  return 1
}

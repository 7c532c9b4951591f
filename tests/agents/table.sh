#!/usr/bin/env bash
# The table of the real agents: each at a provider of every dialect, in every case, started as a user
# would by `routerone run`. Runs the binaries in $ROUTERONE_BIN (default: build/debug/bin) in a network
# that has nothing but loopback. What it installs is kept in build/agents, as are the logs of each cell.
# Usage: table.sh [ci | --agent A --target D --case C ..]     ci: the part of it that runs in minutes
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

export ROUTERONE_BIN=${ROUTERONE_BIN:-$PWD/build/debug/bin}
export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
here=tests/agents
home=$PWD/build/agents

if [ ! -x "$ROUTERONE_BIN/routeroned" ] || [ ! -x "$ROUTERONE_BIN/routerone" ]; then
  echo "table.sh: there is no $ROUTERONE_BIN/routeroned; build it first" >&2
  exit 2
fi

if [ "$(uname -m)" != x86_64 ]; then
  echo "table.sh: skipped: the agents are pinned as programs for x86_64"
  exit 0
fi

# As root, or as one's own in a user namespace; some machines allow neither.
alone=(unshare --net --pid --fork --mount-proc --kill-child)
[ "$(id -u)" -eq 0 ] || alone=(unshare --map-root-user "${alone[@]:1}")
if ! "${alone[@]}" true 2>/dev/null; then
  echo "table.sh: skipped: a network of loopback alone is not allowed here (unshare --net)"
  exit 0
fi

# shellcheck source=tests/e2e/node.sh
. tests/e2e/node.sh

# Crush is not among them: its package fetches the program from a host other than the registry. Not by
# `npm ci`, which refuses where the registry lacks a package that only another machine would need.
make_agents() { make_modules "$here" npm install --no-save && link_programs; }

# The programs themselves: what starts agents tells them by their names.
link_programs() {
  rm -rf "${home:?}/bin" "${home:?}/bin-0.118"
  mkdir -p "$home/bin" "$home/bin-0.118"
  link bin/gemini .bin/gemini && link bin/qwen .bin/qwen && link bin/pi .bin/pi &&
    link bin/cline @cline/cli-linux-x64/bin/cline &&
    link bin/claude @anthropic-ai/claude-code-linux-x64/claude &&
    link bin/opencode opencode-linux-x64/bin/opencode &&
    link bin/codex "codex/vendor/*/bin/codex" &&
    link bin-0.118/codex "codex-0.118/vendor/*/codex/codex"
}

link() {
  local found
  found=$(compgen -G "$home/npm/node_modules/$2" | head -n 1)
  if [ -z "$found" ]; then
    echo "table.sh: $2 is not among the packages" >&2
    return 1
  fi
  ln -s "$found" "$home/$1"
}

mkdir -p "$home" build/e2e
cache=$PWD/build/e2e
once node make_node -- tests/e2e/package.json tests/e2e/package-lock.json || exit 1
E2E_NODE=$(find_node "$cache") || exit 1
export E2E_NODE
cache=$home
once agents make_agents -- "$here/package.json" "$here/package-lock.json" || exit 1

# What is compared byte by byte has no column of its own; a selection of cells leaves it out.
programs=("$here/table.py")
[ "$*" = ci ] || [ $# -eq 0 ] && programs+=("$here/bytes_test.py")
failed=0
for program in "${programs[@]}"; do
  # shellcheck disable=SC2016
  "${alone[@]}" sh -c 'ip link set lo up && exec python3 "$@"' sh "$program" "$@" || failed=1
done
[ "$failed" -eq 0 ]

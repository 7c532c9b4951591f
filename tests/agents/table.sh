#!/usr/bin/env bash
# The table of the real agents: each at a provider of every dialect, in every case, started as a user
# would by `routerone run`. Runs the binaries in $ROUTERONE_BIN (default: build/debug/bin) in a network
# that has nothing but loopback. What it installs is kept in build/agents, as are the logs of each cell.
# Usage: table.sh [ci | --agent A --target D --case C ..]     ci: the agents' own dialects, one other
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

# As root, or as one's own in a user namespace; some machines allow neither.
alone=(unshare --net --pid --fork --mount-proc --kill-child)
[ "$(id -u)" -eq 0 ] || alone=(unshare --map-root-user "${alone[@]:1}")
if ! "${alone[@]}" true 2>/dev/null; then
  echo "table.sh: skipped: a network of loopback alone is not allowed here (unshare --net)"
  exit 0
fi

# shellcheck source=tests/e2e/node.sh
. tests/e2e/node.sh

# Crush is not among them: its package fetches the program from a host other than the registry.
make_agents() { make_modules "$here" npm && link_programs; }

# The programs themselves, where a package only brings a launcher that its scripts would set up.
link_programs() {
  local modules=../npm/node_modules name
  rm -rf "${home:?}/bin" "${home:?}/bin-0.118"
  mkdir -p "$home/bin" "$home/bin-0.118"
  for name in gemini qwen pi cline; do ln -s "$modules/.bin/$name" "$home/bin/$name"; done
  link claude "@anthropic-ai/claude-code-linux-*/claude" &&
    link opencode "opencode-linux-*[64]/bin/opencode" &&
    link codex "@openai/codex-linux-*/vendor/*/bin/codex" &&
    link codex "codex-before-0.119/node_modules/@openai/codex-linux-*/vendor/*/codex/codex" bin-0.118
}

link() {
  local found
  found=$(compgen -G "$home/npm/node_modules/$2" | head -n 1)
  if [ -z "$found" ]; then
    echo "table.sh: no $1 for this machine among its packages" >&2
    return 1
  fi
  ln -s "$found" "$home/${3:-bin}/$1"
}

mkdir -p "$home" build/e2e
cache=$PWD/build/e2e
once node make_node -- tests/e2e/package.json tests/e2e/package-lock.json || exit 1
E2E_NODE=$(find_node "$cache") || exit 1
export E2E_NODE
cache=$home
once agents make_agents -- "$here/package.json" "$here/package-lock.json" || exit 1

# shellcheck disable=SC2016
exec "${alone[@]}" sh -c 'ip link set lo up && exec python3 "$@"' sh "$here/table.py" "$@"

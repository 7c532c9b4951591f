#!/usr/bin/env bash
# From a fresh Debian 12 to an answered request: installs what is missing, builds, starts the daemon
# with its built-in offline provider, makes a key, asks once whole and once streamed, shows the
# trace, and stops the daemon. Everything stays under build/; run it as often as you like.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

say "installing what is missing"
packaging/install-deps.sh build

say "building (release)"
cmake --preset release -DROUTERONE_TESTS=OFF >/dev/null
cmake --build --preset release

bin=$PWD/build/release/bin
export PATH="$bin:$PATH"
export ROUTERONE_HOME=$PWD/build/quickstart
rm -rf "$ROUTERONE_HOME"
mkdir -p "$ROUTERONE_HOME"

port=7411
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
address=127.0.0.1:$port

say "starting the daemon on $address"
routerone up --listen "$address"
trap 'routerone down >/dev/null 2>&1 || true' EXIT

say "making a key"
key=$(routerone keys create quickstart --quiet)
echo "it is shown once; here it ends in ..${key: -4}"

ask() {
  curl -sS --fail-with-body -N "http://$address/v1/chat/completions" \
    -H "Authorization: Bearer $key" -H 'Content-Type: application/json' -d "$1"
  echo
}
say "one whole answer"
ask '{"model":"sandbox/echo","messages":[{"role":"user","content":"hello from the sandbox"}]}'
say "one streamed answer"
ask '{"model":"sandbox/echo","stream":true,"messages":[{"role":"user","content":"hello again"}]}'

say "what was recorded of them"
routerone traces list
latest=$(routerone traces list --limit 1 --json | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | head -n 1)
routerone traces show "$latest"

say "done; for your own use: $bin/routerone up"

#!/usr/bin/env bash
# Builds Release, then measures against nginx on this machine and prints the tables.
# TRACES=10000000 for look-ups in that many instead of 200,000 (some 7 GB in TMPDIR).
# Usage: run.sh [--seconds N] [--rounds N] [--streams N] [--only requests|streams|translated|start] [--row NAME]
set -euo pipefail
cd "$(dirname "$0")/../.."
packaging/install-deps.sh build bench
cmake --preset release -DROUTERONE_TESTS=OFF -DROUTERONE_BENCH=ON >/dev/null
cmake --build --preset release >/dev/null
ulimit -n "$(ulimit -Hn)"
build/release/tests/bench/catalog_load
build/release/tests/bench/store_rows
traces=$(mktemp -d)
trap 'rm -rf "$traces"' EXIT
build/release/tests/bench/trace_fill "$traces" "${TRACES:-200000}"
build/release/tests/bench/trace_lookups "$traces"
build/release/tests/bench/translate_load
build/release/tests/bench/plan_load
python3 tests/bench/bench.py --bin build/release/bin --tools build/release/tests/bench "$@"

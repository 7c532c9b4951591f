#!/usr/bin/env bash
# Installs what is missing on Debian 12, and nothing else. Usage: install-deps.sh build|test|bench ..
set -euo pipefail

build=(build-essential ccache cmake ninja-build pkg-config libboost1.81-dev libssl-dev
  libsimdjson-dev nlohmann-json3-dev libcpp-httplib-dev libsqlitecpp-dev libsqlite3-dev
  libcli11-dev libedit-dev libfmt-dev libspdlog-dev libexpected-dev libbrotli-dev zlib1g-dev
  libhowardhinnant-date-dev tzdata
  doctest-dev librapidcheck-dev curl ca-certificates)
test=(clang clang-format clang-tidy libclang-rt-14-dev mandoc shellcheck sqlite3 python3
  python3-venv openssl git tmux iproute2 util-linux
  lintian fakeroot binutils faketime zsh fish bash-completion)
bench=(nginx-light wrk procps)
# The Node tests bring their own Node; Debian's npm is there to fetch it, where there is none yet.
command -v npm >/dev/null || test+=(nodejs npm)

wanted=()
for group in "$@"; do
  case "$group" in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    *)
      echo "install-deps.sh: unknown group '$group' (build, test, bench)" >&2
      exit 2
      ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  # nginx of any flavour will do
  if [ "$package" = nginx-light ] && command -v nginx >/dev/null; then continue; fi
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps.sh: please install as root: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

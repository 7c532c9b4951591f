#!/usr/bin/env bash
# Proves the Debian package. Usage: check.sh [BUILD_FOLDER]   (a Release build; default: build/release)
# Built twice, under other circumstances, it is the same bytes; lintian has nothing to say; it is small,
# holds what it should and no path of the machine it was built on; installed into a folder of its own its
# programs run, an upgrade keeps data while a request is under way, and a purge leaves nothing of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${1:-build/release}
work=$(mktemp -d /tmp/r1-deb-XXXXXX)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "deb: $*" >&2
  exit 1
}
say() { echo "deb: $*"; }

package=$(packaging/deb/build.sh "$build" "$work/one")

# Another zone, umask, language and folder for temporary files; the package must not tell.
mkdir "$work/elsewhere"
again=$(umask 077 && TMPDIR=$work/elsewhere TZ=Asia/Tokyo LC_ALL=C packaging/deb/build.sh "$build" "$work/two")
cmp "$package" "$again" || fail "two packages of one build differ"

# The compiler and the assembler in another folder, of one file a library that is foreign to us, of the
# data that is built in, and of what says where it failed.
objects=(common_catalog.dir/common/catalog/catalog_data.S.o daemon_net.dir/daemon/net/loop.cpp.o
  daemon_control.dir/daemon/control/server.cpp.o daemon_store.dir/daemon/store/schema.cpp.o
  cli_commands.dir/cli/commands/help.cpp.o daemon_observe.dir/daemon/observe/log.cpp.o)
mkdir "$work/source"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work/source" 2>/dev/null || true
export CCACHE_DISABLE=1
cmake -S "$work/source" -B "$work/source/build/other" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DROUTERONE_TESTS=OFF >/dev/null
ninja -C "$work/source/build/other" "${objects[@]/#/CMakeFiles/}" >/dev/null
for object in "${objects[@]}"; do
  cmp "$build/CMakeFiles/$object" "$work/source/build/other/CMakeFiles/$object" ||
    fail "$object depends on where it is compiled"
done
say "two builds are the same bytes: $(sha256sum <"$package" | cut -c -16).."

size=$(stat -c %s "$package")
[ "$size" -le 3000000 ] || fail "it has $size bytes, more than 3 MB"
say "$size bytes, of 3000000 that are the most"

lintian=(lintian --fail-on "error,warning")
[ "$(id -u)" -ne 0 ] || lintian+=(--allow-root)
"${lintian[@]}" "$package" || fail "lintian complains"
say "lintian is content"

# Into a folder that takes the place of /, by dpkg itself.
root=$work/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(fakeroot)
PATH=$PATH:/usr/sbin:/sbin
by_dpkg() {
  "${as_root[@]}" dpkg --root="$root" --log="$work/dpkg.log" --force-depends --force-not-root "$@" \
    >>"$work/dpkg.out" 2>&1 || { cat "$work/dpkg.out" >&2; fail "dpkg $* failed"; }
}
before=$(cd "$root" && find . -not -path './var/lib/dpkg/*' | sort)
by_dpkg --install "$package"
for file in usr/bin/routerone usr/bin/routeroned usr/lib/systemd/user/routeroned.service \
  usr/share/bash-completion/completions/routerone usr/share/zsh/vendor-completions/_routerone \
  usr/share/fish/vendor_completions.d/routerone.fish usr/share/man/man1/routerone.1.gz \
  usr/share/man/man8/routeroned.8.gz usr/share/doc/routerone/copyright; do
  [ -f "$root/$file" ] || fail "$file is not in it"
done
! strings -a "$root"/usr/bin/* | grep -F -e "$PWD/" -e "$work" || fail "a program names the folder it was built in"
"$root/usr/bin/routerone" --version >/dev/null || fail "routerone does not run"

# A newer version over it, while its daemon answers.
newer=$work/newer.deb
dpkg-deb -R "$package" "$work/newer"
sed -i 's/^Version: .*/&+next/' "$work/newer/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$work/newer" "$newer" >/dev/null
cat >"$work/upgrade.sh" <<UPGRADE
#!/bin/sh
exec ${as_root[*]} dpkg --root='$root' --log='$work/dpkg.log' --force-depends --force-not-root --install '$newer'
UPGRADE
chmod +x "$work/upgrade.sh"
ROUTERONE_BIN=$root/usr/bin PYTHONDONTWRITEBYTECODE=1 python3 packaging/deb/upgrade.py "$work/upgrade.sh" ||
  fail "an upgrade loses something"
grep -q '+next' "$root/var/lib/dpkg/status" || fail "the upgrade did not take place"
say "an upgrade keeps data and requests under way"

by_dpkg --purge routerone
after=$(cd "$root" && find . -not -path './var/lib/dpkg/*' | sort)
[ "$before" = "$after" ] || fail "a purge leaves: $(diff <(echo "$before") <(echo "$after"))"
say "a purge leaves nothing"

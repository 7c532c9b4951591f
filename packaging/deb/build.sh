#!/usr/bin/env bash
# Builds the Debian package from a Release build. Usage: build.sh [BUILD_FOLDER [OUT_FOLDER]]
# Default: build/release build/deb. A folder that is no build yet is configured and built first. Prints
# the package's path. The same commit gives the same bytes, wherever it is built and by whomever.
# Needs no root.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${1:-build/release}
out=${2:-build/deb}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
umask 022

if [ ! -x "$build/bin/routeroned" ] || [ ! -x "$build/bin/routerone" ]; then
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DROUTERONE_TESTS=OFF >&2
  cmake --build "$build" ${BUILD_JOBS:+-j "$BUILD_JOBS"} >&2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
DESTDIR=$root cmake --install "$build" --prefix /usr --strip >/dev/null
# What --strip leaves: the compiler's name, which tells nobody anything.
strip --strip-unneeded --remove-section=.comment "$root"/usr/bin/*
find "$root/usr/share/man" -type f -name '*.[1-8]' -exec gzip -9n {} +

upstream=$(sed -n 's/^project(routerone VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
version=$upstream
arch=$(dpkg --print-architecture)
docs=$root/usr/share/doc/routerone
mkdir -p "$docs" "$work/debian" "$root/DEBIAN"
cp packaging/deb/copyright "$docs/copyright"
packaging/deb/changelog.py CHANGELOG.md "$version" "$SOURCE_DATE_EPOCH" | gzip -9n >"$docs/changelog.gz"

# Which packages the programs need, and of which version, the linker's names tell.
printf 'Source: routerone\n\nPackage: routerone\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -e root/usr/bin/routerone -e root/usr/bin/routeroned 2>/dev/null |
  sed -n 's/^shlibs:Depends=//p')

(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
size=$(find "$root/usr" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" -e "s/@DEPENDS@/$depends/" \
  packaging/deb/control.in >"$root/DEBIAN/control"

find "$root" -type d -exec chmod 0755 {} +
find "$root/usr" "$root/DEBIAN" -type f -exec chmod 0644 {} +
chmod 0755 "$root"/usr/bin/*
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
package=$out/routerone_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz -z9 --build "$root" "$package" >/dev/null
echo "$package"

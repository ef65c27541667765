#!/usr/bin/env bash
# Builds the Debian package from the release build that the tests use too.
#
# usage: packaging/build-deb.sh [OUTPUT_FOLDER]      default: .build/deb; prints the package's path
# environment: BUILD=FOLDER of `swift build -c release`, default .build/release
#
# The program is linked once more, from the very objects of that build, with the Swift runtime in it. `swift build --static-swift-stdlib`
# would compile everything a second time, and its tests not at all: Testing exists for the shared runtime only.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."

output=${1:-.build/deb}
build=${BUILD:-.build/release}
debian=packaging/debian
tree=$output/tree

fail() {
    echo "build-deb: $*" >&2
    exit 1
}

for tool in swiftc strip dpkg-deb dpkg-shlibdeps dpkg-parsechangelog gzip python3; do
    command -v "$tool" >/dev/null || fail "$tool is missing; apt-get install binutils dpkg-dev gzip python3"
done
objects=$build/fleetsynth.product/Objects.LinkFileList
[ -f "$objects" ] || fail "$objects is missing; run swift build -c release first, or name its folder in BUILD"

version=$(dpkg-parsechangelog -l $debian/changelog -S Version)
maintainer=$(dpkg-parsechangelog -l $debian/changelog -S Maintainer)
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l $debian/changelog -S Timestamp)
export SOURCE_DATE_EPOCH
architecture=$(dpkg --print-architecture)

rm -rf "$tree"
mkdir -p "$tree/DEBIAN"

# put MODE SOURCE TARGET: one file of the package.
put() { install -D -p -m "$1" "$2" "$tree/$3"; }

# The package manager names the entry point fleetsynth_main, so that tests can import the program. Foundation's own parts are named by no object;
# Mustache imports all of it, ICU included.
swiftc -static-stdlib -o "$output/fleetsynth" "@$objects" \
    -l_FoundationCollections -l_FoundationCShims -lCoreFoundation -l_FoundationICU -lstdc++ \
    -Xlinker --defsym=main=fleetsynth_main -Xlinker --gc-sections -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now \
    2> >(grep -v 'mktemp' >&2)
strip --strip-all --remove-section=.comment --remove-section=.note "$output/fleetsynth"
[ "$("$output/fleetsynth" --version)" = "$version" ] || fail "the program says $("$output/fleetsynth" --version), the changelog $version"
if ldd "$output/fleetsynth" | grep -q 'libswift\|libFoundation\|libdispatch'; then
    fail "the Swift runtime is not linked in"
fi
put 755 "$output/fleetsynth" usr/bin/fleetsynth

put 644 systemd/fleetsynth.service lib/systemd/system/fleetsynth.service
put 644 systemd/fleetsynth-http.socket lib/systemd/system/fleetsynth-http.socket
put 644 systemd/sysusers.d/fleetsynth.conf usr/lib/sysusers.d/fleetsynth.conf
put 644 systemd/tmpfiles.d/fleetsynth.conf usr/lib/tmpfiles.d/fleetsynth.conf
put 644 systemd/fleetsynth.catalog usr/lib/systemd/catalog/fleetsynth.catalog
put 644 packaging/debian/lintian-overrides usr/share/lintian/overrides/fleetsynth

python3 packaging/manpages.py "$output/fleetsynth" "$output" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)"
for page in fleetsynth.1 fleetsynth.yaml.5; do
    gzip -9n <"$output/$page" >"$output/$page.gz"
    put 644 "$output/$page.gz" "usr/share/man/man${page##*.}/$page.gz"
done
"$output/fleetsynth" --generate-completion-script bash | sed '1{/^#!/d}' >"$output/completion"
put 644 "$output/completion" usr/share/bash-completion/completions/fleetsynth

doc=usr/share/doc/fleetsynth
put 644 $debian/copyright $doc/copyright
gzip -9n <$debian/changelog >"$output/changelog.gz"
put 644 "$output/changelog.gz" $doc/changelog.gz
put 644 config/config.yaml $doc/examples/default.yaml
for file in packaging/examples/*.yaml config/examples/*.yaml systemd/examples/*.conf; do put 644 "$file" "$doc/examples/${file##*/}"; done
"$output/fleetsynth" validate "$tree/$doc"/examples/*.yaml >/dev/null
for file in monitoring/*; do put 644 "$file" "$doc/monitoring/${file##*/}"; done

# dpkg-shlibdeps wants a source package around it.
mkdir -p "$output/shlibs/debian"
printf 'Source: fleetsynth\n\nPackage: fleetsynth\nArchitecture: any\n' >"$output/shlibs/debian/control"
binary=$(realpath "$tree/usr/bin/fleetsynth")
shlibs=$(cd "$output/shlibs" && dpkg-shlibdeps -O "$binary")
shlibs=${shlibs#shlibs:Depends=}
size=$(du -k --apparent-size -s "$tree" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@MAINTAINER@/$maintainer/" -e "s/@INSTALLED_SIZE@/$size/" \
    -e "s/@SHLIBS@/$shlibs/" $debian/control.in >"$tree/DEBIAN/control"
for script in postinst prerm postrm; do install -m 755 "$debian/$script" "$tree/DEBIAN/$script"; done
(cd "$tree" && find usr lib -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod 644 "$tree"/DEBIAN/{control,md5sums}

package=$output/fleetsynth_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$tree" "$package" >/dev/null
echo "$package"

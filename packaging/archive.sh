#!/bin/sh
# Makes the archive of a release and its checksum: packaging/archive.sh BINARY TARGET FOLDER
# writes FOLDER/zonewright-TARGET.tar.gz, in which a folder zonewright-TARGET has the binary, its manual
# pages, completions and licences, and FOLDER/zonewright-TARGET.tar.gz.sha256.
set -eu
binary=$1
name=zonewright-$2
out=$3
root=$(dirname "$0")/..

mkdir -p "$out/$name"
cp "$binary" "$out/$name/"
cp "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$out/$name/"
"$root/packaging/extras.sh" "$binary" "$out/$name"

cd "$out"
tar -czf "$name.tar.gz" "$name"
rm -r "$name"
# macOS has no sha256sum.
if command -v sha256sum >/dev/null; then
    sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
else
    shasum -a 256 "$name.tar.gz" >"$name.tar.gz.sha256"
fi

#!/bin/sh
# Makes the archive of a release and its checksum:
#   packaging/archive.sh BINARY TARGET FOLDER
# writes FOLDER/zonewright-TARGET.tar.gz, with the binary, its manual pages, completions, licences and
# documents in a folder zonewright-TARGET, and FOLDER/zonewright-TARGET.tar.gz.sha256.
set -eu
binary=$1
name=zonewright-$2
out=$3
root=$(dirname "$0")/..

mkdir -p "$out/$name/man" "$out/$name/completions"
cp "$binary" "$out/$name/"
cp "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$out/$name/"
"$binary" man --out "$out/$name/man"
for shell in bash elvish fish powershell zsh; do
    "$binary" completions "$shell" >"$out/$name/completions/zonewright.$shell"
done

cd "$out"
tar -czf "$name.tar.gz" "$name"
rm -r "$name"
# macOS has no sha256sum.
if command -v sha256sum >/dev/null; then
    sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
else
    shasum -a 256 "$name.tar.gz" >"$name.tar.gz.sha256"
fi

#!/bin/sh
# Writes what goes beside the binary in a package: packaging/extras.sh BINARY FOLDER
# makes FOLDER/man, a page for each command, and FOLDER/completions, a file for each shell.
set -eu
binary=$1
out=$2

mkdir -p "$out/man" "$out/completions"
"$binary" man --out "$out/man"
for shell in bash elvish fish powershell zsh; do
    "$binary" completions "$shell" >"$out/completions/zonewright.$shell"
done

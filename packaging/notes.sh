#!/bin/sh
# Prints what CHANGELOG.md says of a version: packaging/notes.sh VERSION
set -eu
notes=$(awk -v wanted="$1" '/^## / { said = $2 == wanted; next } said' "$(dirname "$0")/../CHANGELOG.md")
if [ -z "$notes" ]; then
    echo "CHANGELOG.md says nothing of $1" >&2
    exit 1
fi
printf '%s\n' "$notes" | sed '/./,$!d'

#!/bin/sh
# Prints `version=X.Y.Z`, once every file that names the version names the same, and on a tag
# (IS_TAG=true, GITHUB_REF_NAME=vX.Y.Z) the tag too and the changelog tells of it.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
fail() {
    echo "$1" >&2
    exit 1
}

grep -Fxq "    default: $version" action.yml || fail "action.yml does not install $version"
grep -Fq "/zonewright:$version" templates/zonewright.yml || fail "templates/zonewright.yml does not use the image of $version"
if [ -f pyproject.toml ]; then
    grep -Fq "zonewright==$version" pyproject.toml || fail "pyproject.toml does not install the wheel of $version"
fi
if [ "${IS_TAG-}" = true ]; then
    [ "$GITHUB_REF_NAME" = "v$version" ] || fail "the tag is $GITHUB_REF_NAME, Cargo.toml says $version"
    packaging/notes.sh "$version" >/dev/null
fi
echo "version=$version"

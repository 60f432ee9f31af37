#!/bin/sh
# Makes the Debian package of a binary that is built: packaging/debian.sh TARGET [FOLDER]
# takes target/TARGET/release/zonewright, such as `cargo static` leaves it, and writes the package into
# FOLDER, or target/debian. It needs cargo-deb.
set -eu
target=$1
cd "$(dirname "$0")/.."
out=${2:-target/debian}

packaging/extras.sh "target/$target/release/zonewright" target/extras
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
date=$(date --utc --rfc-email --date "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}")
cat >target/extras/changelog.Debian <<END
zonewright ($version-1) unstable; urgency=medium

  * Release $version; changelog.gz beside this file says what is new.

 -- The zonewright authors <zonewright@users.noreply.github.com>  $date
END
cargo deb --no-build --target "$target" --output "$out/"

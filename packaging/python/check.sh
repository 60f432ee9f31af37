#!/bin/sh
# Builds the wheel, and has pre-commit install the hook with it where there is no Rust toolchain.
# The wheel is a debug build, which is enough to see that it installs and runs.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PRE_COMMIT_HOME="$scratch/cache" GIT_CONFIG_GLOBAL="$scratch/gitconfig"
git config --global user.name check
git config --global user.email check@example.com

python3 -m venv "$scratch/maturin"
"$scratch/maturin/bin/pip" install --quiet --disable-pip-version-check "maturin>=1.9,<2"
"$scratch/maturin/bin/maturin" build --quiet --profile dev --locked --out "$scratch/wheels"

# The hook repository, as a tag of it is cloned, and a repository with zones.
mkdir "$scratch/hooks"
cp "$root/pyproject.toml" "$root/.pre-commit-hooks.yaml" "$root/Cargo.toml" "$root/Cargo.lock" "$scratch/hooks"
cp -r "$root/src" "$scratch/hooks"
cp -r "$root/zones" "$scratch/zones"
cat >"$scratch/zones/.pre-commit-config.yaml" <<END
repos:
  - repo: $scratch/hooks
    rev: v0.0.0
    hooks:
      - id: zonewright
END
for repository in hooks zones; do
    git -C "$scratch/$repository" init --quiet
    git -C "$scratch/$repository" add --all
    git -C "$scratch/$repository" commit --quiet --message "All of it"
done
git -C "$scratch/hooks" tag v0.0.0

mkdir "$scratch/bin"
for tool in cargo rustc rustup; do
    printf '#!/bin/sh\necho "%s was called: $*" >&2\nexit 1\n' "$tool" >"$scratch/bin/$tool"
    chmod +x "$scratch/bin/$tool"
done
cd "$scratch/zones"
PATH="$scratch/bin:$PATH" PIP_FIND_LINKS="$scratch/wheels" pre-commit run --all-files --verbose

#!/bin/sh
# llama.cpp needs GNU OpenMP (libgomp1), which a bare Debian lacks: installed as root, else unpacked into .venv.
set -eu
cd "$(dirname "$0")/.."
into=$PWD/.venv/lib/native
loads() { LD_LIBRARY_PATH="$into" .venv/bin/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null; }
[ "$(uname -s)" = Linux ] || exit 0
loads && exit 0

echo "Fetching libgomp1, which local models need …"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

as_root() { { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends libgomp1; }; }

as_user() {
    # apt's lists and downloads in a folder of our own: the machine's are root's
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$into"
    set -- -o Dir::State::lists="$scratch/lists" -o Dir::Cache="$scratch/cache" -o Debug::NoLocking=1
    (cd "$scratch" && apt-get "$@" update && apt-get "$@" download libgomp1 && dpkg-deb -x libgomp1_*.deb unpacked)
    find "$scratch/unpacked" -name 'libgomp.so.1*' -exec cp -P {} "$into" \;
}

if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then as_root; else as_user; fi >"$scratch/log" 2>&1 || tail -n 3 "$scratch/log" >&2
fi
loads || echo "Local models will not start without libgomp1: ask for sudo apt-get install libgomp1" >&2

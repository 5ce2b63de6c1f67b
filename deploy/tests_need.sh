#!/bin/sh
# Bring what the tests need beside Python: as root through apt-get, else a list of what is missing.
set -eu
cd "$(dirname "$0")/.."
missing=""
has_postgresql() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }
has_postgresql || missing="$missing postgresql"
command -v bwrap >/dev/null || missing="$missing bubblewrap"
command -v podman >/dev/null || missing="$missing podman"
command -v runc >/dev/null || missing="$missing runc"
command -v runsc >/dev/null || missing="$missing runsc"
has_static_busybox() { command -v busybox >/dev/null && ! head -c 1024 "$(command -v busybox)" | grep -q ld-linux; }
if [ "$(uname -m)" = x86_64 ]; then
    command -v qemu-system-x86_64 >/dev/null || missing="$missing qemu-system-x86"
    has_static_busybox || missing="$missing busybox-static"
    command -v sqfstar >/dev/null || missing="$missing squashfs-tools"
    ls /boot/vmlinuz-* >/dev/null 2>&1 || missing="$missing linux-image-cloud-amd64"
fi
command -v mcs >/dev/null || missing="$missing mono-mcs"   # compiles the C# that goes to Windows guests
command -v npm >/dev/null || missing="$missing nodejs npm"

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing, which the tests start servers of …"
    export DEBIAN_FRONTEND=noninteractive INITRD=No
    # shellcheck disable=SC2086
    { apt-get update && apt-get install --yes --no-install-recommends $missing; } >/tmp/dexter-apt.$$ 2>&1 ||
        { tail -n 20 /tmp/dexter-apt.$$ >&2; exit 1; }
    rm -f /tmp/dexter-apt.$$
elif [ -n "$missing" ]; then
    echo "The tests need$missing, and only root can install it. Ask for: sudo apt-get install$missing" >&2
    exit 1
fi

# A Discord of somebody else's making, for the walks; without it they are left out, with the reason.
twin=tests/doubles/discord_twin
if [ "$(node --version | sed 's/^v\([0-9]*\).*/\1/')" -lt 20 ]; then
    echo "The walks through discord-digital-twin need Node 20 or newer, and this is $(node --version): they are left out." >&2
elif ! [ "$twin/node_modules/.package-lock.json" -nt "$twin/package-lock.json" ]; then
    echo "Installing discord-digital-twin, which the walks go through …"
    (cd "$twin" && npm ci --silent && touch node_modules/.package-lock.json) ||
        echo "The walks through discord-digital-twin are left out: npm could not install it." >&2
fi

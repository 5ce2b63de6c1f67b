#!/bin/sh
# Bring what the tests need beside Python: as root through apt-get, else a list of what is missing.
set -eu
missing=""
has_postgresql() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }
has_postgresql || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing, which the tests start servers of …"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get update && apt-get install --yes --no-install-recommends $missing; } >/tmp/dexter-apt.$$ 2>&1 ||
        { tail -n 20 /tmp/dexter-apt.$$ >&2; exit 1; }
    rm -f /tmp/dexter-apt.$$
else
    echo "The tests need$missing, and only root can install it. Ask for: sudo apt-get install$missing" >&2
    exit 1
fi

#!/bin/sh
# Make .venv at the root, with the `dexter` command in it. usage: setup.sh runtime|tests
# Needs Python 3.11 or newer and a package index: no uv, pip or venv module, and no root.
set -eu
cd "$(dirname "$0")/.."
mode=${1:-runtime}
oldest_uv=0.8

stamp=".venv/.set-up"
wanted="$PWD $(cat uv.lock pyproject.toml deploy/setup.sh deploy/openmp.sh | sha256sum | cut -d' ' -f1)"
if [ -x .venv/bin/dexter ] && [ -f "$stamp" ]; then
    case "$(cat "$stamp")" in
        "$wanted tests") exit 0 ;;                       # has all that runtime has
        "$wanted $mode") exit 0 ;;
        *" tests") mode=tests ;;                         # a developer's .venv stays one
    esac
    case "$(cat "$stamp")" in "$PWD "*) ;; *) rm -rf .venv ;; esac    # moved: its programs name the old place
fi

command -v python3 >/dev/null || { echo "Dexter needs Python 3.11 or newer: apt-get install python3" >&2; exit 1; }

# uv and Python's own downloads then trust what this machine trusts, a company's own authority included.
authorities=/etc/ssl/certs/ca-certificates.crt
if [ -z "${SSL_CERT_FILE:-}" ] && [ -f "$authorities" ]; then export SSL_CERT_FILE="$authorities"; fi
if [ -z "${UV_DEFAULT_INDEX:-}" ] && [ -n "${PIP_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX="$PIP_INDEX_URL"; fi

new_enough() { [ "$(printf '%s\n' "$oldest_uv" "$("$1" --version | cut -d' ' -f2)" | sort -V | head -n1)" = "$oldest_uv" ]; }

find_uv() {
    for uv in "$(command -v uv || true)" .uv/bin/uv; do
        if [ -x "$uv" ] && new_enough "$uv"; then return; fi
    done
    echo "Fetching uv, which installs the rest …"
    uv=.uv/bin/uv
    if python3 -m pip --version >/dev/null 2>&1; then
        python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --upgrade \
            --require-hashes --requirement deploy/uv.txt --target .uv && return
    fi
    python3 deploy/get_uv.py .uv
}

groups() { if [ "$mode" = tests ]; then echo --all-groups; else echo --no-default-groups; fi; }

sync() {
    case "${UV_DEFAULT_INDEX:-https://pypi.org/simple}" in
        https://pypi.org/simple | https://pypi.org/simple/)
            "$uv" sync --frozen --all-extras --compile-bytecode "$(groups)" ;;
        *)  # the lockfile names PyPI's own addresses; a mirror serves the same files, and their hashes are checked
            "$uv" venv --allow-existing --quiet .venv
            "$uv" export --frozen --all-extras "$(groups)" --no-emit-project --quiet --output-file .venv/locked.txt
            "$uv" pip sync --python .venv --require-hashes --compile-bytecode .venv/locked.txt
            "$uv" pip install --python .venv --no-deps --editable . ;;
    esac
}

find_uv
echo "Installing Dexter and what it needs into .venv …"
sync
.venv/bin/python -m compileall -q bot core storage
sh deploy/openmp.sh
echo "$wanted $mode" >"$stamp"
[ "$mode" = tests ] || echo "Dexter is in .venv/bin; . .venv/bin/activate has the shell find it."

# SPDX-License-Identifier: Apache-2.0
# Read by ./quickstart and ./run-tests: what a fresh clone needs before Python can
# take over. Expects `set -euo pipefail` and ROOT, the clone's directory.
# shellcheck shell=bash

VENV="$ROOT/.venv"

fail() {
    echo "$*" >&2
    exit 1
}

say() {
    printf '[%3d s] %s\n' "$SECONDS" "$*"
}

# working LABEL LOG COMMAND...: run it with output to LOG; show that it lives.
working() {
    local label=$1 log=$2 started=$SECONDS last width pid
    shift 2
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    # A Ctrl-C reaches the child too; a TERM to us alone must not leave it behind.
    trap 'kill "$pid" 2>/dev/null || true; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        if [ -t 1 ]; then
            width=$(($(tput cols 2>/dev/null || echo 80) - 1))
            last=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r' || true)
            printf '\r\033[K%s' "$(printf '[%3d s] %s: %s' "$SECONDS" "$label" "$last" |
                cut -c "1-$width")"
        elif (((SECONDS - started) % 10 == 0 && SECONDS > started)); then
            say "$label: $(tail -n 1 "$log" | cut -c 1-100)"
        fi
        sleep 1
    done
    trap - INT TERM
    [ -t 1 ] && printf '\r\033[K'
    if ! wait "$pid"; then
        tail -n 30 "$log" >&2
        fail "$label failed after $((SECONDS - started)) s. The whole log: $log"
    fi
    say "$label: done in $((SECONDS - started)) s"
}

# as_root COMMAND...: as root, through sudo when we are not.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "This needs root, and there is no sudo: $*"
    fi
}

has_package() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

_apt() {
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -q || echo "apt-get update failed; trying with what is known"
    # A package that is one service must not start one: the tests run their own.
    local guard=/usr/sbin/policy-rc.d made=
    if [ ! -e "$guard" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
        as_root chmod 755 "$guard"
        made=1
    fi
    local code=0
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@" || code=$?
    [ -z "$made" ] || as_root rm -f "$guard"
    return "$code"
}

# install_packages NAME...: those that are missing, from the distribution.
install_packages() {
    local missing=() name
    for name in "$@"; do
        has_package "$name" || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return
    command -v apt-get >/dev/null ||
        fail "Please install what these Debian packages hold: ${missing[*]}"
    say "Installing from the distribution: ${missing[*]}"
    # sudo's question, if any, before output goes to a file.
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -v; }
    local log
    log=$(mktemp "${TMPDIR:-/tmp}/sparkaas-packages.XXXXXX")
    working "Packages" "$log" _apt "${missing[@]}"
    rm -f "$log"
}

java_is_there() {
    local java=java
    [ -z "${JAVA_HOME:-}" ] || java="$JAVA_HOME/bin/java"
    local major
    major=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
    [ "${major:-0}" -ge 17 ]
}

need_java() {
    java_is_there && return
    [ -z "${JAVA_HOME:-}" ] ||
        fail "JAVA_HOME is $JAVA_HOME, which is not Java 17 or newer. Unset or correct it."
    local name
    for name in openjdk-17-jre-headless openjdk-21-jre-headless default-jre-headless; do
        if apt-cache show "$name" >/dev/null 2>&1; then
            install_packages "$name"
            break
        fi
    done
    # A machine with empty package lists knows none of them yet.
    java_is_there || install_packages openjdk-17-jre-headless
    java_is_there || fail "Java 17 or newer is needed; please install it."
}

# Sets PYTHON.
need_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$name" ] && command -v "$name" >/dev/null &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            PYTHON=$name
            return
        fi
    done
    fail "Python 3.11 or newer is needed."
}

# need_venv EXTRAS: make .venv unless it is there, and install this clone with
# EXTRAS in it unless nothing changed since the last time. The extra "test" holds
# all others.
need_venv() {
    local extras=$1 stamp wanted
    need_python
    if [ ! -x "$VENV/bin/python" ]; then
        # Debian keeps what venv needs in a package of its own.
        "$PYTHON" -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
        say "Making .venv with $("$PYTHON" --version)"
        "$PYTHON" -m venv "$VENV"
        touch "$VENV/.made-by-sparkaas"
    fi
    wanted=$(cat "$ROOT/setup.cfg" "$ROOT/pyproject.toml" | sha256sum)
    for stamp in "$VENV/.sparkaas-test" "$VENV/.sparkaas-$extras"; do
        [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
    done
    working "Installing Python packages (pyspark alone is 450 MB)" \
        "$VENV/install.log" \
        "$VENV/bin/python" -m pip install --no-input --progress-bar off \
        -e "$ROOT[$extras]"
    printf '%s\n' "$wanted" >"$stamp"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One virtual environment for all of OpenStack, from the lock file.
#   venv.sh pure      what needs no compiler
#   venv.sh native    what is built against the distribution's libraries; byte code
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
built='^(libvirt-python|pyeclib|uwsgi)=='
case $1 in
pure)
    /usr/bin/python3 -m venv "$V"
    "$V/bin/pip" install -q -U pip wheel setuptools uv
    uv pip install -q --python "$V/bin/python" \
        -r <(grep -v -iE "$built" "$HERE/lock.txt")
    ;;
native)
    uv pip install -q --python "$V/bin/python" \
        -r <(grep -iE "$built" "$HERE/lock.txt")
    # Without byte code each of twenty starts takes two or three times as long.
    "$V/bin/python" -m compileall -q -j 2 "$V/lib" >/dev/null 2>&1 || true
    ;;
esac

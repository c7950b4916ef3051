#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether this machine lets us: says in one line what is missing, and fails.
set -euo pipefail

missing() {
    echo "No cloud here: $*" >&2
    exit 3
}

# has_capability BIT
has_capability() {
    local effective
    effective=$(awk '/^CapEff:/{print $2}' /proc/self/status)
    (((16#$effective >> $1) & 1))
}

[ "$(id -u)" = 0 ] || missing "root is needed."
has_capability 21 || missing "the capability CAP_SYS_ADMIN is needed."
has_capability 12 || missing "the capability CAP_NET_ADMIN is needed."
for device in /dev/net/tun /dev/fuse /dev/loop-control; do
    [ -e $device ] || missing "$device is needed."
done
command -v apt-get >/dev/null || missing "its servers come from Debian's packages."
memory=$(awk '/^MemTotal:/{print int($2 / 1024)}' /proc/meminfo)
[ "$memory" -ge 11000 ] || missing "12 GB of memory are needed, there are $memory MB."

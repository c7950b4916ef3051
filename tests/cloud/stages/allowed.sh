#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether this machine lets us: says in one line what is missing, and fails.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cloud=${SPARKAAS_CLOUD:-$here/../../../.cache/cloud}

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
unshare --mount true 2>/dev/null || missing "making mount namespaces must be allowed."
for device in /dev/net/tun /dev/fuse /dev/loop-control; do
    [ -e $device ] || missing "$device is needed."
done
losetup -f >/dev/null 2>&1 || missing "a free loop device is needed."
# What libvirt-lxc and the guests' first process were made to work with.
[ -d /sys/fs/cgroup/memory ] || missing "control groups of version 1 are needed."
grep -q '^VERSION_CODENAME=bookworm' /etc/os-release ||
    missing "it is made for Debian 12, whose packages it takes its servers from."
if [ -e "$cloud/up" ] || [ -e "$cloud/run/keystone.pid" ]; then
    exit
fi
# Keystone's port. Networks, bridges and sockets below /run are there but once.
if (echo >/dev/tcp/127.0.0.1/15000) 2>/dev/null; then
    missing "another one is up, not in $cloud (SPARKAAS_CLOUD says where)."
fi
memory=$(awk '/^MemTotal:/{print int($2 / 1024)}' /proc/meminfo)
[ "$memory" -ge 11000 ] || missing "12 GB of memory are needed, there are $memory MB."
mkdir -p "$cloud"
disk=$(df --output=avail -BM "$cloud" | tail -n 1 | tr -dc 0-9)
[ "$disk" -ge 12000 ] || missing "12 GB of disk are needed at $cloud, there are $disk MB."

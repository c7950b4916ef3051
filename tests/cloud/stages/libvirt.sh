#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libvirtd for container guests, on a UNIX socket, in a mount namespace that has no
# unified cgroups: with both kinds there libvirt 9 fails to start a guest.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
started mounts unshare -m --propagation private \
    sh -c "umount /sys/fs/cgroup/unified 2>/dev/null; exec sleep infinity"
namespace() {
    nsenter -t "$(cat "$RUN/mounts.pid")" -m "$@"
}
separate() {
    ! namespace mountpoint -q /sys/fs/cgroup/unified
}
until_true 10 separate
mkdir -p "$ETC/libvirt" /run/libvirt
cat >"$ETC/libvirt/libvirtd.conf" <<X
listen_tls = 0
listen_tcp = 0
auth_unix_rw = "none"
log_outputs = "2:file:$LOG/libvirtd.log"
X
# Its driver for QEMU, in the same package, looks for them and does not start otherwise.
for group in libvirt-qemu kvm; do
    getent group $group >/dev/null || groupadd --system $group
done
id libvirt-qemu >/dev/null 2>&1 ||
    useradd --system --no-create-home --home-dir /nonexistent --gid libvirt-qemu libvirt-qemu
# Read at its start only.
install -D -m 755 "$HERE/parts/libvirt-hook-lxc" /etc/libvirt/hooks/lxc
started libvirtd nsenter -t "$(cat "$RUN/mounts.pid")" -m \
    libvirtd --config "$ETC/libvirt/libvirtd.conf"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The guest image: Debian, cloud-init, a JRE and Spark, as a raw ext4 file. Built once for
# each version of these files. Nothing is mounted but the new root's own /proc.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
SPARK=4.1.4
image=$CLOUD/image
root=$image/root
mark=$(sha256sum "${BASH_SOURCE[0]}" "$HERE/parts/guest-init" | sha256sum | cut -c 1-16)
[ "$(cat "$image/mark" 2>/dev/null)" != "$mark" ] || exit 0
rm -rf "$image"
mkdir -p "$image/download" "$image/unpacked"
trap 'umount "$root/proc" 2>/dev/null || true' EXIT

# The sdist has the jars inside; there is no wheel.
python3 -m pip download -q --no-deps --no-binary :all: --no-build-isolation \
    -d "$image/download" "pyspark==$SPARK" &
download=$!

mirror=$(awk '/^URIs:/{print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
# minbase first: debootstrap cannot resolve the virtual packages that cloud-init wants.
debootstrap --variant=minbase \
    --include=systemd,systemd-sysv,dbus,iproute2,ifupdown,isc-dhcp-client,netbase,ca-certificates \
    bookworm "$root" ${mirror:+"$mirror"}
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
chroot "$root" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends openssh-server cloud-init \
    libnss-myhostname openjdk-17-jre-headless python3 iputils-ping ethtool procps curl \
    sudo rsync less nftables
chroot "$root" apt-get clean
umount "$root/proc"
rm -rf "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* \
    "$root/usr/sbin/policy-rc.d"

wait $download
tar xzf "$image"/download/pyspark-*.tar.gz -C "$image/unpacked" --strip-components=1
spark=$root/opt/spark
mkdir -p "$spark/python/lib"
cp -a "$image/unpacked/pyspark" "$spark/python/pyspark"
cp -a "$image/unpacked"/deps/{bin,sbin,jars,examples} "$spark/"
# What the executors' PYTHONPATH names.
cp "$image"/unpacked/lib/*.zip "$spark/python/lib/"
chmod +x "$spark"/bin/* "$spark"/sbin/*
rm -rf "$image/unpacked" "$image/download"

install -m 755 "$HERE/parts/guest-init" "$root/sbin/guest-init"
ln -sfn /sbin/guest-init "$root/sbin/init"
cat >"$root/etc/network/interfaces" <<X
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet dhcp
  pre-up ethtool -K eth0 tx off || true
X
cat >"$root/etc/cloud/cloud.cfg.d/99-openstack.cfg" <<X
datasource_list: [OpenStack]
datasource: {OpenStack: {max_wait: 60, timeout: 5, retries: 5}}
network: {config: disabled}
system_info: {default_user: {name: debian, sudo: ["ALL=(ALL) NOPASSWD:ALL"], shell: /bin/bash, lock_passwd: true}}
apt: {preserve_sources_list: true}
# cloud-config fails over one that is not there
locale: C.UTF-8
ssh_deletekeys: true
ssh_genkeytypes: [ed25519]
X
# Refused at once; the DHCP client writes the real one.
echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id"
: >"$root/etc/machine-id"
# What a container has no use for, or what takes long to fail.
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-timesyncd.service systemd-udevd.service systemd-udev-trigger.service \
    systemd-modules-load.service systemd-logind.service systemd-resolved.service \
    getty@tty1.service console-getty.service dpkg-db-backup.timer motd-news.timer \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
    dev-hugepages.mount dev-mqueue.mount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# Packed tight: Nova grows the file system to the flavor's disk.
truncate -s 1300M "$image/guest.raw"
mkfs.ext4 -q -F -m 0 -d "$root" -O ^has_journal -L cloudimg-rootfs "$image/guest.raw"
rm -rf "$root"
echo "$mark" >"$image/mark"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The servers and tools that come from the distribution. None of them may start by itself.
#   packages.sh first    only what the installation of OpenStack's packages begins with
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
ROOT=$HERE/../..
. "$ROOT/tools/bootstrap.sh"
install_packages python3 python3-venv
[ "${1:-}" != first ] || exit 0
install_packages \
    mariadb-server rabbitmq-server memcached \
    libvirt-daemon libvirt-daemon-driver-lxc libvirt-clients libvirt-dev \
    openvswitch-switch ovn-central ovn-host ovn-common \
    pkg-config gcc g++ make libc6-dev python3-dev libpcre2-dev libssl-dev libffi-dev \
    libxml2-dev libxslt1-dev libsystemd-dev liberasurecode-dev \
    qemu-utils dnsmasq-base dnsmasq-utils haproxy conntrack ebtables ipset iptables \
    nftables iputils-arping ethtool bridge-utils radvd debootstrap dmidecode rsync \
    xfsprogs sudo iproute2 curl procps lsof openssh-client

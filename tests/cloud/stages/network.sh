#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Open vSwitch with the userspace datapath, and OVN; UNIX sockets only. Started without
# ovs-ctl, which wants a kernel module.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
mkdir -p /run/openvswitch /run/ovn /var/log/openvswitch /var/log/ovn "$STATE/ovs" \
    /etc/openvswitch /var/lib/openvswitch /var/lib/ovn
socket=unix:/run/openvswitch/db.sock

# daemon NAME PIDFILE COMMAND...: puts itself in the background.
daemon() {
    local name=$1 pidfile=$2
    shift 2
    "$@" --pidfile="$pidfile" --detach --no-chdir --log-file="$LOG/$name.log" -vconsole:off
    recorded "$name" "$(cat "$pidfile")"
}

[ -f "$STATE/ovs/conf.db" ] ||
    ovsdb-tool create "$STATE/ovs/conf.db" /usr/share/openvswitch/vswitch.ovsschema
daemon ovsdb-server /run/openvswitch/ovsdb-server.pid \
    ovsdb-server "$STATE/ovs/conf.db" --remote=punix:/run/openvswitch/db.sock
# Guests' addresses never leave this machine, whether the bridges are up or not.
for net in 172.24.4.0/24 10.20.0.0/16; do
    ip route replace unreachable $net metric 4096
done
ovs-vsctl --no-wait init
ovs-vsctl --no-wait set Open_vSwitch . \
    external-ids:system-id=sparkaas1 external-ids:hostname=sparkaas1 \
    external-ids:ovn-remote=unix:/run/ovn/ovnsb_db.sock \
    external-ids:ovn-encap-type=geneve external-ids:ovn-encap-ip=127.0.0.1 \
    external-ids:ovn-bridge-datapath-type=netdev external-ids:ovn-bridge=br-int \
    external-ids:ovn-bridge-mappings=public:br-ex \
    external-ids:ovn-cms-options=enable-chassis-as-gw external-ids:ovn-monitor-all=true
# Its userspace connection tracking has been seen to stop it: it is started again then.
daemon ovs-vswitchd /run/openvswitch/ovs-vswitchd.pid ovs-vswitchd $socket --monitor
for side in nb sb; do
    [ -f "$STATE/ovs/$side.db" ] ||
        ovsdb-tool create "$STATE/ovs/$side.db" /usr/share/ovn/ovn-$side.ovsschema
    daemon ovn-$side /run/ovn/ovn${side}_db.pid ovsdb-server "$STATE/ovs/$side.db" \
        --remote=punix:/run/ovn/ovn${side}_db.sock --unixctl=/run/ovn/ovn${side}_db.ctl
done
ovn-nbctl init
ovn-sbctl init
daemon ovn-northd /run/ovn/ovn-northd.pid ovn-northd \
    --ovnnb-db=unix:/run/ovn/ovnnb_db.sock --ovnsb-db=unix:/run/ovn/ovnsb_db.sock
ovs-vsctl --may-exist add-br br-int \
    -- set bridge br-int datapath_type=netdev fail-mode=secure \
    -- --may-exist add-br br-ex -- set bridge br-ex datapath_type=netdev
daemon ovn-controller /run/ovn/ovn-controller.pid ovn-controller $socket
ip addr replace 172.24.4.1/24 dev br-ex
ip link set br-ex up mtu 1500

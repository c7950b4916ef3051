#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# daemons.sh [NAME...]: the services that listen to messages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
[ $# -gt 0 ] || set -- nova-conductor nova-scheduler neutron-maintenance neutron-periodic \
    ovn-agent heat-engine cinder-scheduler nova-compute cinder-volume
nova="--config-file $ETC/nova/nova.conf"
neutron="--config-file $ETC/neutron/neutron.conf --config-file $ETC/neutron/ml2.ini"
cinder="--config-file $ETC/cinder/cinder.conf"
for name in "$@"; do
    case $name in
    nova-conductor | nova-scheduler) started $name $name $nova ;;
    nova-compute)
        # Beside libvirtd, since it mounts the guests' disks.
        started $name nsenter -t "$(cat "$RUN/mounts.pid")" -m \
            "$V/bin/python" "$HERE/parts/nova_compute_lxc.py" $nova ;;
    neutron-maintenance) started $name neutron-ovn-maintenance-worker $neutron ;;
    neutron-periodic) started $name neutron-periodic-workers $neutron ;;
    ovn-agent) started $name neutron-ovn-agent --config-file "$ETC/neutron/ovn-agent.ini" ;;
    heat-engine) started $name heat-engine --config-file "$ETC/heat/heat.conf" ;;
    cinder-scheduler) started $name cinder-scheduler $cinder ;;
    cinder-volume) started $name env PYTHONPATH="$HERE/parts" cinder-volume $cinder ;;
    esac
done

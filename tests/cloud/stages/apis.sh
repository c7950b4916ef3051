#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# apis.sh [NAME...]: the WSGI services under uwsgi, one master each.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
mkdir -p "$ETC/uwsgi" "$LOG" "$RUN"

# serve NAME MODULE PORT PROCESSES THREADS LINE
serve() {
    cat >"$ETC/uwsgi/$1.ini" <<X
[uwsgi]
module = $2
http-socket = 127.0.0.1:$3
# Glance's clients send images in chunks.
http-chunked-input = true
processes = $4
threads = $5
master = true
enable-threads = true
lazy-apps = true
die-on-term = true
need-app = true
buffer-size = 65535
add-header = Connection: close
worker-reload-mercy = 5
# Neutron's hash ring asks for it.
start-time = %t
procname-prefix-spaced = $1
$6
X
    started "$1" uwsgi --ini "$ETC/uwsgi/$1.ini"
}

[ $# -gt 0 ] || set -- keystone glance placement nova-api nova-meta neutron-api heat-api cinder-api
# Nova looks for the paste file in the first of its files.
nova="env = OS_NOVA_CONFIG_FILES=$V/etc/nova/api-paste.ini;$ETC/nova/nova.conf"
for name in "$@"; do
    case $name in
    keystone)
        serve $name keystone.wsgi.api:application $P_KEYSTONE 2 2 \
            "env = OS_KEYSTONE_CONFIG_DIR=$ETC/keystone" ;;
    glance)
        serve $name glance.wsgi.api:application $P_GLANCE 1 6 \
            "env = OS_GLANCE_CONFIG_DIR=$ETC/glance" ;;
    placement)
        serve $name placement.wsgi.api:application $P_PLACEMENT 1 4 \
            "env = OS_PLACEMENT_CONFIG_DIR=$ETC/placement" ;;
    nova-api) serve $name nova.wsgi.osapi_compute:application $P_NOVA 1 8 "$nova" ;;
    nova-meta) serve $name nova.wsgi.metadata:application $P_META 1 4 "$nova" ;;
    neutron-api)
        serve $name neutron.wsgi.api:application $P_NEUTRON 1 8 \
            "env = OS_NEUTRON_CONFIG_FILES=$ETC/neutron/neutron.conf;$ETC/neutron/ml2.ini" ;;
    heat-api)
        serve $name heat.wsgi.api:application $P_HEAT 1 6 \
            "pyargv = --config-file $ETC/heat/heat.conf" ;;
    cinder-api)
        serve $name cinder.wsgi.api:application $P_CINDER 1 6 \
            "pyargv = --config-file $ETC/cinder/cinder.conf" ;;
    esac
done

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The databases' schemas; Keystone's first account.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
quiet() {
    "$@" >>"$LOG/databases.log" 2>&1 || {
        tail -n 20 "$LOG/databases.log" >&2
        echo "Failed: ${*:1:4}" >&2
        return 1
    }
}
keystone="keystone-manage --config-file $ETC/keystone/keystone.conf"
quiet $keystone db_sync
quiet $keystone fernet_setup --keystone-user root --keystone-group root
quiet $keystone credential_setup --keystone-user root --keystone-group root
url=http://127.0.0.1:$P_KEYSTONE/v3
OS_BOOTSTRAP_PASSWORD=$PW quiet $keystone bootstrap --bootstrap-public-url $url \
    --bootstrap-internal-url $url --bootstrap-admin-url $url --bootstrap-region-id RegionOne
nova="nova-manage --config-file $ETC/nova/nova.conf"
(
    quiet $nova api_db sync
    quiet $nova cell_v2 map_cell0 --database_connection "$(db nova_cell0)"
    quiet $nova cell_v2 create_cell --name cell1 --transport-url "$MQ" \
        --database_connection "$(db nova)" || true # there already, from an earlier start
    quiet $nova db sync
) &
first=$!
(
    quiet glance-manage --config-file "$ETC/glance/glance-api.conf" db_sync
    quiet placement-manage --config-file "$ETC/placement/placement.conf" db sync
    quiet neutron-db-manage --config-file "$ETC/neutron/neutron.conf" \
        --config-file "$ETC/neutron/ml2.ini" upgrade heads
    quiet heat-manage --config-file "$ETC/heat/heat.conf" db_sync
    quiet cinder-manage --config-file "$ETC/cinder/cinder.conf" db sync
) &
second=$!
wait $first
wait $second

# SPDX-License-Identifier: Apache-2.0
# What several services' files have in common.
# shellcheck shell=bash

auth() { cat <<X
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:$P_KEYSTONE/v3
auth_url = http://127.0.0.1:$P_KEYSTONE/v3
memcached_servers = 127.0.0.1:$MPORT
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $PW
region_name = RegionOne
service_token_roles_required = true
service_token_roles = service
X
}
cli() { # section user : keystoneauth client section
cat <<X
[$1]
auth_url = http://127.0.0.1:$P_KEYSTONE/v3
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $2
password = $PW
region_name = RegionOne
X
}
notif() { cat <<X
[oslo_messaging_notifications]
driver = noop
[oslo_messaging_rabbit]
heartbeat_in_pthread = false
[oslo_concurrency]
lock_path = $STATE/lock
X
}
log() { echo "debug = ${DEBUG:-false}"; echo "log_dir ="; echo "use_stderr = true"; }

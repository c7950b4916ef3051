# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
cat > $ETC/cinder/cinder.conf <<X
[DEFAULT]
$(log)
my_ip = 127.0.0.1
host = sparkaas1
state_path = $STATE/cinder
transport_url = $MQ
auth_strategy = keystone
api_paste_config = $V/etc/cinder/api-paste.ini
resource_query_filters_file = $V/etc/cinder/resource_filters.json
rootwrap_config = $V/etc/cinder/rootwrap.conf
osapi_volume_workers = 1
enabled_backends = loop1
default_volume_type = __DEFAULT__
glance_api_servers = http://127.0.0.1:$P_GLANCE
target_ip_address = 127.0.0.1
[loop1]
volume_backend_name = loop1
volume_driver = loop_volumes.LoopDriver
[database]
connection = $(db cinder)
$(cli service_user cinder)
send_service_user_token = true
$(cli nova nova)
$(auth cinder)
$(notif)
[privsep]
X

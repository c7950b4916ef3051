# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
cat > $ETC/heat/heat.conf <<X
[DEFAULT]
$(log)
transport_url = $MQ
# a stack of twenty servers inside another is made in one call, which on a busy machine
# lasted longer than the usual minute: the outer one failed, and the inner one stayed
rpc_response_timeout = 600
num_engine_workers = ${HEAT_WORKERS:-2}
auth_encryption_key = 0123456789abcdef0123456789abcdef
heat_metadata_server_url = http://127.0.0.1:8000
heat_waitcondition_server_url = http://127.0.0.1:8000/v1/waitcondition
region_name_for_services = RegionOne
server_keystone_endpoint_type = public
stack_user_domain_name = heat
stack_domain_admin = heat_domain_admin
stack_domain_admin_password = $PW
deferred_auth_method = trusts
reauthentication_auth_method = trusts
[database]
connection = $(db heat)
[paste_deploy]
api_paste_config = $V/etc/heat/api-paste.ini
[clients]
endpoint_type = publicURL
[clients_keystone]
auth_uri = http://127.0.0.1:$P_KEYSTONE
$(cli trustee heat | grep -v ^project)
$(auth heat)
$(notif)
X

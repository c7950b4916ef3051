# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
cat > $ETC/neutron/neutron.conf <<X
[DEFAULT]
$(log)
host = sparkaas1
state_path = $STATE/neutron
transport_url = $MQ
core_plugin = ml2
service_plugins = ovn-router
api_paste_config = $V/etc/neutron/api-paste.ini
api_workers = 1
rpc_workers = 0
rpc_state_report_workers = 0
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
global_physnet_mtu = 1500
dns_domain = sparkaas.test.
[agent]
root_helper =
[database]
connection = $(db neutron)
[quotas]
quota_port = 500
quota_security_group = 200
quota_security_group_rule = 2000
$(cli nova nova)
$(cli placement placement)
$(auth neutron)
$(notif)
X
cat > $ETC/neutron/ml2.ini <<X
[ml2]
type_drivers = local,flat,geneve
tenant_network_types = geneve
mechanism_drivers = ovn
extension_drivers = port_security
overlay_ip_version = 4
[ml2_type_geneve]
vni_ranges = 1:65536
max_header_size = 38
[ml2_type_flat]
flat_networks = public
[securitygroup]
enable_security_group = true
[ovn]
ovn_nb_connection = unix:/run/ovn/ovnnb_db.sock
ovn_sb_connection = unix:/run/ovn/ovnsb_db.sock
ovn_metadata_enabled = true
ovn_l3_scheduler = leastloaded
enable_distributed_floating_ip = true
# the host end of br-ex: nothing listens on port 53, so lookups fail at once instead of timing out
dns_servers = 172.24.4.1
# libvirt-lxc creates its own veth pair: os-vif must not create a tap of the same name
ovs_create_tap = false
X
cat > $ETC/neutron/ovn-agent.ini <<X
[DEFAULT]
$(log)
host = sparkaas1
state_path = $STATE/neutron
nova_metadata_host = 127.0.0.1
nova_metadata_port = $P_META
nova_metadata_protocol = http
metadata_proxy_shared_secret = $PW
metadata_workers = 1
[agent]
root_helper =
# in any other section it is read by nobody, silently; the agent of its own for metadata
# is on its way out
extensions = metadata
[ovs]
ovsdb_connection = unix:/run/openvswitch/db.sock
[ovn]
ovn_nb_connection = unix:/run/ovn/ovnnb_db.sock
ovn_sb_connection = unix:/run/ovn/ovnsb_db.sock
$(notif)
X

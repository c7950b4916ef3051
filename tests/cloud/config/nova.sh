# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
cat > $ETC/nova/nova.conf <<X
[DEFAULT]
$(log)
my_ip = 127.0.0.1
host = sparkaas1
state_path = $STATE/nova
instances_path = $STATE/nova/instances
transport_url = $MQ
metadata_workers = 1
osapi_compute_workers = 1
service_down_time = 120
report_interval = 20
block_device_allocate_retries = 60
vif_plugging_timeout = 120
vif_plugging_is_fatal = true
ram_allocation_ratio = 4
cpu_allocation_ratio = 32
disk_allocation_ratio = 4
reserved_host_memory_mb = 512
# nova-compute would wait three minutes at its end
graceful_shutdown_timeout = 5
compute_driver = ${NOVA_DRIVER:-libvirt.LibvirtDriver}
allow_resize_to_same_host = true
# containers cannot see one
force_config_drive = false
heal_instance_info_cache_interval = 60
rootwrap_config = $V/etc/nova/rootwrap.conf
[quota]
# enough for a cluster of 1+9 that gets one more, and for one of servers that are none
instances = 300
cores = 600
ram = 409600
[workarounds]
[api]
auth_strategy = keystone
local_metadata_per_cell = false
[wsgi]
api_paste_config = $V/etc/nova/api-paste.ini
[database]
connection = $(db nova)
[api_database]
connection = $(db nova_api)
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 30
[filter_scheduler]
track_instance_changes = false
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = 127.0.0.1:$MPORT
[vnc]
enabled = false
[spice]
enabled = false
[libvirt]
virt_type = ${VIRT_TYPE:-lxc}
connection_uri = ${LV_URI:-lxc:///}
# there is no nbd to mount another kind with
images_type = raw
cpu_mode = none
# libvirt-lxc knows no bus to derive it from: attaching a volume fails
disk_prefix = vd
inject_partition = -2
num_pcie_ports = 0
live_migration_uri = 
[os_vif_ovs]
ovsdb_connection = unix:/run/openvswitch/db.sock
[os_vif_linux_bridge]
[key_manager]
backend = nova.keymgr.conf_key_mgr.ConfKeyManager
[compute]
resource_provider_association_refresh = 300
$(cli service_user nova)
send_service_user_token = true
$(cli placement placement)
valid_interfaces = public,internal
$(cli cinder nova)
os_region_name = RegionOne
catalog_info = volumev3::publicURL
$(cli neutron neutron)
service_metadata_proxy = true
metadata_proxy_shared_secret = $PW
ovs_bridge = br-int
valid_interfaces = public,internal
[glance]
api_servers = http://127.0.0.1:$P_GLANCE
$(auth nova)
$(notif)
X

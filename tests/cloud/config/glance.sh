# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
cat > $ETC/glance/glance-api.conf <<X
[DEFAULT]
$(log)
enabled_backends = f:file
enabled_import_methods = [glance-direct,web-download]
workers = 1
[database]
connection = $(db glance)
[paste_deploy]
flavor = keystone
config_file = $V/etc/glance/glance-api-paste.ini
[glance_store]
default_backend = f
[f]
filesystem_store_datadir = $STATE/glance/images
[os_glance_staging_store]
filesystem_store_datadir = $STATE/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $STATE/glance/tasks
[image_format]
disk_formats = raw,qcow2,iso,ami,ari,aki
container_formats = bare,ami,ari,aki,ovf,docker
$(auth glance)
$(notif)
X

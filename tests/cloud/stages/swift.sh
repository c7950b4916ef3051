#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Swift with one replica in a plain directory, and its S3 API with Keystone's EC2
# credentials.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
D=$ETC/swift; mkdir -p $D $STATE/swift/d1 $RUN/swift
cat > $D/swift.conf <<X
[swift-hash]
swift_hash_path_suffix = sparkaas
swift_hash_path_prefix = sparkaas
[storage-policy:0]
name = gold
default = yes
[swift-constraints]
max_file_size = 5368709122
X
(cd $D; for t in account:6202 container:6201 object:6200; do n=${t%:*}; p=1${t#*:}; [ -f $n.ring.gz ] || { swift-ring-builder $n.builder create 6 1 1; swift-ring-builder $n.builder add r1z1-127.0.0.1:$p/d1 1; swift-ring-builder $n.builder rebalance; }; done) > $LOG/swift-ring.log
for t in account:16202 container:16201 object:16200; do n=${t%:*}; p=${t#*:}
cat > $D/$n-server.conf <<X
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $p
user = root
swift_dir = $D
devices = $STATE/swift
mount_check = false
workers = 1
log_level = WARNING
disable_fallocate = true
log_statsd_host =
[pipeline:main]
pipeline = $n-server
[app:$n-server]
use = egg:swift#$n
fallocate_reserve = 0
[$n-replicator]
[$n-auditor]
[filter:xprofile]
use = egg:swift#xprofile
X
done
cat > $D/internal-client.conf <<X
[DEFAULT]
swift_dir = $D
[pipeline:main]
pipeline = catch_errors proxy-logging cache proxy-server
[app:proxy-server]
use = egg:swift#proxy
[filter:cache]
use = egg:swift#memcache
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:catch_errors]
use = egg:swift#catch_errors
X
cat > $D/proxy-server.conf <<X
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $P_SWIFT
user = root
swift_dir = $D
workers = 1
log_level = INFO
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats container_sync bulk tempurl authtoken s3api s3token keystoneauth copy container-quotas account-quotas slo dlo versioned_writes symlink proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$MPORT
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:container_sync]
use = egg:swift#container_sync
[filter:bulk]
use = egg:swift#bulk
[filter:tempurl]
use = egg:swift#tempurl
[filter:copy]
use = egg:swift#copy
[filter:container-quotas]
use = egg:swift#container_quotas
[filter:account-quotas]
use = egg:swift#account_quotas
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
[filter:s3api]
use = egg:swift#s3api
location = RegionOne
s3_acl = false
auth_pipeline_check = false
[filter:s3token]
use = egg:swift#s3token
auth_uri = http://127.0.0.1:$P_KEYSTONE/v3
auth_url = http://127.0.0.1:$P_KEYSTONE/v3
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = swift
password = $PW
reseller_prefix = AUTH_
delay_auth_decision = True
http_timeout = 10.0
secret_cache_duration = 60
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = http://127.0.0.1:$P_KEYSTONE/v3
auth_url = http://127.0.0.1:$P_KEYSTONE/v3
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = swift
password = $PW
delay_auth_decision = True
memcached_servers = 127.0.0.1:$MPORT
service_token_roles_required = true
service_token_roles = service
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, swiftoperator
reseller_admin_role = ResellerAdmin
X
for name in account container object proxy; do
    started swift-$name swift-$name-server "$D/$name-server.conf" -v
done
until_true 30 curl -sf "http://127.0.0.1:$P_SWIFT/healthcheck"

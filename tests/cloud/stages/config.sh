#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every service's configuration, written whole.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
mkdir -p "$ETC"/{keystone,glance,placement,nova,neutron,heat,cinder,swift}
mkdir -p "$STATE"/{glance/images,nova/instances,neutron,cinder,heat,lock}
for name in common keystone glance placement nova neutron heat cinder; do
    # shellcheck source=/dev/null
    . "$HERE/config/$name.sh"
done
for name in keystone glance placement nova neutron heat cinder swift; do
    # Some of their programs look nowhere else.
    if [ -L /etc/$name ] || [ ! -e /etc/$name ]; then ln -sfn "$ETC/$name" /etc/$name; fi
done
for name in privsep-helper nova-rootwrap neutron-rootwrap neutron-rootwrap-daemon \
    cinder-rootwrap; do
    # They are called through sudo, which sets a PATH of its own.
    ln -sfn "$V/bin/$name" /usr/local/bin/$name
done

# openrc [PROJECT USER]: what a shell needs to be that user.
openrc() {
    cat <<X
unset \$(env | sed -n 's/^\(OS_[A-Z_]*\)=.*/\1/p')
export OS_AUTH_URL=http://127.0.0.1:$P_KEYSTONE/v3 OS_IDENTITY_API_VERSION=3
export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default OS_REGION_NAME=RegionOne
export OS_PROJECT_NAME=$1 OS_USERNAME=$2 OS_PASSWORD=\$(cat $CLOUD/password)
export PATH=$V/bin:\$PATH
X
}
openrc admin admin >"$CLOUD/openrc"
openrc demo demo >"$CLOUD/openrc-demo"
openrc other other >"$CLOUD/openrc-other"

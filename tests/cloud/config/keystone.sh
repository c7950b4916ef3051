# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
cat > $ETC/keystone/keystone.conf <<X
[DEFAULT]
$(log)
[database]
connection = $(db keystone)
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = 127.0.0.1:$MPORT
[token]
provider = fernet
expiration = 14400
[fernet_tokens]
key_repository = $ETC/keystone/fernet-keys
[credential]
key_repository = $ETC/keystone/credential-keys
[security_compliance]
[identity]
password_hash_rounds = 4
X

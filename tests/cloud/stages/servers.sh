#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# servers.sh [NAME...]: MariaDB, RabbitMQ and memcached, on loopback only.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
mkdir -p "$ETC" "$LOG" "$RUN" "$STATE"
chmod 755 "$CLOUD" "$LOG" "$RUN" "$STATE"

[ $# -gt 0 ] || set -- mariadbd rabbitmq memcached

mariadbd() {
    if [ ! -d "$STATE/mysql/mysql" ]; then
        install -d -o mysql "$STATE/mysql"
        mariadb-install-db --no-defaults --user=mysql --datadir="$STATE/mysql" \
            --auth-root-authentication-method=normal --skip-test-db >"$LOG/mysql-install.log" 2>&1
    fi
    touch "$LOG/mysql.log"
    chown mysql "$LOG/mysql.log"
    install -d -o mysql "$RUN/mysql"
    # No power is cut in a test: durability is left out.
    started mariadbd mariadbd --no-defaults --user=mysql --datadir="$STATE/mysql" \
        --socket="$RUN/mysql/s.sock" --pid-file="$RUN/mysql/pid" --port="$DBPORT" \
        --bind-address=127.0.0.1 --skip-name-resolve --max-connections=800 \
        --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 \
        --innodb-buffer-pool-size=256M --performance-schema=OFF \
        --character-set-server=utf8mb3 --log-error="$LOG/mysql.log"
}

rabbitmq() {
    install -d -o rabbitmq "$STATE/rabbit" "$LOG/rabbit" "$ETC/rabbitmq"
    (umask 077 && cat >"$ETC/rabbitmq/rabbitmq.conf" <<X
listeners.tcp.1 = 127.0.0.1:$RPORT
default_user = sparkaas
default_pass = $PW
loopback_users = none
log.file.level = warning
vm_memory_high_watermark.absolute = 1GB
X
    )
    chown -R rabbitmq "$ETC/rabbitmq"
    cat >"$ETC/rabbitmq/env.sh" <<X
export RABBITMQ_NODENAME=sparkaas@localhost RABBITMQ_MNESIA_BASE=$STATE/rabbit
export RABBITMQ_LOG_BASE=$LOG/rabbit RABBITMQ_CONFIG_FILE=$ETC/rabbitmq/rabbitmq
export RABBITMQ_ENABLED_PLUGINS_FILE=$ETC/rabbitmq/plugins RABBITMQ_DIST_PORT=15675
export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=14369 HOME=$STATE/rabbit
export RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none'
X
    started rabbitmq setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups \
        bash -c ". $ETC/rabbitmq/env.sh; cd $STATE/rabbit; exec /usr/lib/rabbitmq/bin/rabbitmq-server"
}

memcached() {
    started memcached memcached -u memcache -l 127.0.0.1 -p "$MPORT" -U 0 -m 64
}

sql() {
    command mariadb --no-defaults -uroot -S "$RUN/mysql/s.sock" "$@"
}

listens() {
    (echo >"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

for name in "$@"; do
    $name
done
until_true 60 sql -e 'select 1'
sql <<X
CREATE USER IF NOT EXISTS sparkaas@'%' IDENTIFIED BY '$PW';
GRANT ALL ON *.* TO sparkaas@'%';
X
for name in keystone glance placement nova nova_api nova_cell0 neutron heat cinder; do
    sql -e "CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8mb3"
done
until_true 90 listens "$RPORT"

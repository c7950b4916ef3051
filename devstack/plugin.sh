#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# DevStack's phases, by the install page: what each function runs is what the section of
# doc/source/install/openstack.rst that it names has, with the variables of ./settings.

# page SECTION: run its commands, as the page has them run: by root, in the sources.
function page {
    local commands
    commands=$(cd "$SPARKAAS_DIR" && python3 tools/install_commands.py "$1") || return
    sudo --preserve-env bash -e <<SCRIPT
cd "$SPARKAAS_DIR"
$(_values)
$(_tools)
$commands
SCRIPT
}

# The page's variables.
function _values {
    local name
    for name in SPARKAAS_VENV SPARKAAS_CONF SPARKAAS_STATE SPARKAAS_UNITS \
        SPARKAAS_ACCOUNT SPARKAAS_USER SERVICE_PROJECT_NAME SERVICE_DOMAIN_NAME \
        SPARKAAS_DATABASE SPARKAAS_VHOST SPARKAAS_PASSWORD SPARKAAS_DATABASE_PASSWORD \
        SPARKAAS_RABBIT_PASSWORD KEYSTONE_URL DATABASE_ADDRESS RABBIT_ADDRESS \
        REGION_NAME SPARKAAS_URL SPARKAAS_LISTEN SPARKAAS_SSH_RANGES SPARKAAS_IMAGE \
        SPARK_VERSION SPARKAAS_FLAVOR SPARKAAS_PROJECT; do
        printf '%s=%q\n' "$name" "${!name}"
    done
}

# The page's programs, as they are called here.
function _tools {
    # DevStack's database wants its password also from root.
    printf 'mysql() { command mysql -u%q -p%q -h%q "$@"; }\n' \
        "$DATABASE_USER" "$DATABASE_PASSWORD" "$DATABASE_HOST"
    echo 'export OS_CLOUD=devstack-admin'
}

# shellcheck disable=SC2034  # read by name, in _values
function _addresses {
    KEYSTONE_URL=$KEYSTONE_SERVICE_URI/v3
    DATABASE_ADDRESS=$DATABASE_HOST:3306
    RABBIT_ADDRESS=$RABBIT_HOST:5672
}

function install_sparkaas {
    page "The program"
}

function configure_sparkaas {
    _forget_old_sparkaas
    page "The database and the broker"
    page "Identity"
    sudo install -d "$SPARKAAS_UNITS"
    page "Configuration"
    page "Services"
}

# stack.sh may run again: Keystone is new each time, these are not.
function _forget_old_sparkaas {
    sudo bash -e <<SCRIPT
$(_tools)
mysql -e "DROP DATABASE IF EXISTS $SPARKAAS_DATABASE"
mysql -e "DROP USER IF EXISTS $SPARKAAS_DATABASE@'%'"
SCRIPT
    sudo rabbitmqctl delete_vhost "$SPARKAAS_VHOST" || true
    sudo rabbitmqctl delete_user "$SPARKAAS_VHOST" || true
}

function start_sparkaas {
    run_process sparkaas-api \
        "/usr/bin/env OS_SPARKAAS_CONFIG_DIR=$SPARKAAS_CONF $SPARKAAS_VENV/bin/uwsgi --ini $SPARKAAS_CONF/uwsgi-sparkaas-api.ini"
    run_process sparkaas-conductor \
        "$SPARKAAS_VENV/bin/sparkaas-conductor --config-file $SPARKAAS_CONF/sparkaas.conf"
    page "Is it up?"
}

function stop_sparkaas {
    stop_process sparkaas-conductor
    stop_process sparkaas-api
}

function cleanup_sparkaas {
    _forget_old_sparkaas
    sudo rm -rf "$SPARKAAS_CONF" "$SPARKAAS_STATE" "$SPARKAAS_VENV" "$SPARKAAS_UNITS"
}

if is_service_enabled sparkaas-api sparkaas-conductor; then
    _addresses
    case "$1 ${2:-}" in
        "stack install")
            echo_summary "Installing sparkaas"
            install_sparkaas
            ;;
        "stack post-config")
            echo_summary "Configuring sparkaas"
            configure_sparkaas
            ;;
        "stack extra")
            echo_summary "Starting sparkaas"
            start_sparkaas
            if [[ -n "$SPARKAAS_IMAGE" ]]; then
                page "Images and templates"
            fi
            ;;
        "unstack ")
            stop_sparkaas
            ;;
        "clean ")
            cleanup_sparkaas
            ;;
    esac
fi

# SPDX-License-Identifier: Apache-2.0
# What all stages know. HERE: these files; CLOUD: the directory of all that the cloud
# writes ($SPARKAAS_CLOUD, else .cache/cloud of the clone).
# shellcheck shell=bash
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CLOUD=${SPARKAAS_CLOUD:-$(cd "$HERE/../.." && pwd)/.cache/cloud}
V=$CLOUD/venv ETC=$CLOUD/etc LOG=$CLOUD/log RUN=$CLOUD/run STATE=$CLOUD/state
PATH=$V/bin:$PATH:/usr/sbin:/sbin
SSL_CERT_FILE=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
# Not the usual ports, so that nothing else on the machine is in the way.
DBPORT=13306 RPORT=15674 MPORT=11219
P_KEYSTONE=15000 P_GLANCE=19292 P_PLACEMENT=18778 P_NOVA=18774 P_META=18775
P_NEUTRON=19696 P_HEAT=18004 P_CINDER=18776 P_SWIFT=18080
umask 022
if [ ! -s "$CLOUD/password" ]; then
    mkdir -p "$CLOUD"
    (umask 077 && head -c 18 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$CLOUD/password")
fi
# One for every account of a cloud that listens on loopback only.
PW=$(cat "$CLOUD/password")
MQ="rabbit://sparkaas:$PW@127.0.0.1:$RPORT/"
export HERE CLOUD V ETC LOG RUN STATE PATH SSL_CERT_FILE DBPORT RPORT MPORT PW MQ
export P_KEYSTONE P_GLANCE P_PLACEMENT P_NOVA P_META P_NEUTRON P_HEAT P_CINDER P_SWIFT

# db NAME: the URL of one of the databases.
db() {
    echo "mysql+pymysql://sparkaas:$PW@127.0.0.1:$DBPORT/$1?charset=utf8"
}

# born PID: when the kernel made it, in ticks since the machine's start. Process ids come
# again, and after a restart of the machine they are others'.
born() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $20}'
}

# recorded NAME PID
recorded() {
    echo "$2" >"$RUN/$1.pid"
    cat /proc/sys/kernel/random/boot_id >"$RUN/$1.born"
    born "$2" >>"$RUN/$1.born"
}

# ours NAME: prints the process's id, if it is still the one that was recorded.
ours() {
    local pid
    pid=$(cat "$RUN/$1.pid" 2>/dev/null) || return 1
    [ "$(cat "$RUN/$1.born" 2>/dev/null)" = \
        "$(cat /proc/sys/kernel/random/boot_id && born "$pid")" ] || return 1
    echo "$pid"
}

# started NAME COMMAND...: in the background, out of our session, with its pid recorded.
started() {
    local name=$1
    shift
    setsid "$@" >"$LOG/$name.log" 2>&1 </dev/null &
    recorded "$name" $!
}

# stopped NAME: ended and forgotten, with all of its group, by force after ten seconds.
stopped() {
    local pid
    if pid=$(ours "$1"); then
        kill "$pid" 2>/dev/null || true
        for _ in $(seq 50); do
            [ "$(ours "$1")" ] || break
            sleep 0.2
        done
        # Those of Open vSwitch lead no group.
        kill -9 -- "-$pid" 2>/dev/null || [ ! "$(ours "$1")" ] || kill -9 "$pid"
    fi
    rm -f "$RUN/$1.pid" "$RUN/$1.born"
}

# until_true SECONDS COMMAND...: until it succeeds; fails when it does not in time.
until_true() {
    local limit=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $limit ] || {
            echo "Not in time: $*" >&2
            return 1
        }
        sleep 0.3
    done
}

# answers URL: whether an API is there, whatever it thinks of us.
answers() {
    case $(curl -s -m 2 -o /dev/null -w '%{http_code}' "$1") in
    200 | 300 | 401) return 0 ;;
    *) return 1 ;;
    esac
}

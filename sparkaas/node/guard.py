# SPDX-License-Identifier: Apache-2.0
"""Closes the metadata service to everyone but root.

What a server's user data holds, its SSH host key and its cluster's secrets, that
service tells whoever asks; jobs are other people's programs and must not learn it.

One way, a rule of the routing policy by user id: it needs no packet filter, no module
and no daemon, each network namespace has it, and no ``nft flush ruleset`` of an image's
firewall takes it away. Its protocol is ``kernel``, for systemd-networkd removes rules
that are not its own. A node that cannot do it is not ready: it would show its secrets.
"""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import socket
import subprocess
from typing import Any

from sparkaas.node import documents
from sparkaas.node import systemd

UNIT = "sparkaas-guard.service"

#: Before the network, so before anything of ours and of anybody who logs in. Without
#: the default dependencies: they come after cloud-init's stages, which come after this.
_TEXT = """\
[Unit]
Description=sparkaas: the metadata service is for root only
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/sparkaas-node guard
[Install]
WantedBy=multi-user.target
"""

#: By option of ip(8).
_ADDRESSES = {
    "-4": (socket.AF_INET, "169.254.169.254"),
    "-6": (socket.AF_INET6, "fe80::a9fe:a9fe"),
}
#: Before every rule but the kernel's own for this host's addresses.
_PREFERENCE = "1"
#: Everyone but root: 2**32 - 1 is no user.
_USERS = "1-4294967294"
_SECONDS = 20


def install() -> None:
    """Close it now, and at each boot before the network is up. Raises
    ``documents.Failure``."""
    close()
    path = systemd.UNITS / UNIT
    documents.write(path, _TEXT.encode(), 0o644)
    systemd.enable(UNIT)


def close() -> None:
    """Close it unless it is, and see that it is. Raises ``documents.Failure``."""
    user = pwd.getpwnam(documents.USER).pw_uid
    for option, (family, address) in _ADDRESSES.items():
        if not _is_there(family):
            continue
        if not _is_forbidden(option, address):
            _forbid(option, address)
        if _is_open(user, family, address):
            raise documents.Failure(
                f"The metadata service {address} stays open to every user of this "
                "node, and with it the cluster's secrets: another routing rule comes "
                "before the one that closes it."
            )


def _forbid(option: str, address: str) -> None:
    rule = ("pref", _PREFERENCE, "to", address, "uidrange", _USERS)
    try:
        _ip(option, "rule", "add", *rule, "protocol", "kernel", "prohibit")
    except documents.Failure:
        # A look at the node may have been quicker.
        if not _is_forbidden(option, address):
            raise


def _is_there(family: int) -> bool:
    """Whether the node knows the family at all."""
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        if error.errno == errno.EAFNOSUPPORT:
            return False
        raise
    return True


def _is_forbidden(option: str, address: str) -> bool:
    wanted = {f"{_PREFERENCE}:", address, _USERS, "prohibit"}
    rules = _ip(option, "rule", "show").splitlines()
    return any(wanted <= set(rule.split()) for rule in rules)


def _is_open(user: int, family: int, address: str) -> bool:
    """Whether a user finds a way there. No packet is sent: connecting a datagram
    socket only asks for the route."""
    targets: list[tuple[Any, ...]] = [(address, 80)]
    if family == socket.AF_INET6:
        targets = [(address, 80, 0, number) for number, _ in socket.if_nameindex()]
    return any(_routes(user, family, target) for target in targets)


def _routes(user: int, family: int, target: tuple[Any, ...]) -> bool:
    os.seteuid(user)
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(target)
    except OSError:
        return False
    finally:
        os.seteuid(0)
    return True


def _ip(*words: str) -> str:
    tool = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if tool is None:
        raise documents.Failure(
            "The image has no ip(8), of the package iproute2, without which the "
            "metadata service cannot be closed to the users of this node."
        )
    made = subprocess.run(
        [tool, *words], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if made.returncode:
        raise documents.Failure(
            "The metadata service cannot be closed to the users of this node, which "
            "takes a routing rule with uidrange (CONFIG_IP_MULTIPLE_TABLES): "
            f"ip {' '.join(words)}: {made.stderr.strip()[-300:]}"
        )
    return made.stdout

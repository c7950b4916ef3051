# SPDX-License-Identifier: Apache-2.0
"""The node's own name: a JVM that cannot resolve it does not start some services."""

from __future__ import annotations

import pathlib
import socket

from sparkaas.node import documents

HOSTS = pathlib.Path("/etc/hosts")


def ensure(node: documents.Node) -> None:
    """Write the name of this node into the hosts file, unless the image has another
    way (a name service of its own, cloud-init's ``manage_etc_hosts``)."""
    address = node.known["address"].get(node.name)
    if address is None or _resolves(node.name):
        return
    text = HOSTS.read_text() if HOSTS.exists() else ""
    lines = [*text.splitlines(), f"{address} {node.name}", ""]
    documents.write(HOSTS, "\n".join(lines).encode(), 0o644)


def _resolves(name: str) -> bool:
    try:
        socket.getaddrinfo(name, None)
    except socket.gaierror:
        return False
    return True

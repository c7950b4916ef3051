# SPDX-License-Identifier: Apache-2.0
"""Are the ports of a node's services free? A look by binding, without listening."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from sparkaas import exceptions


def free(address: str, ports: Iterable[int]) -> bool:
    """Whether services may listen on all of ``ports`` at ``address``."""
    return all(_error(address, port) is None for port in ports)


def check(address: str, port: int, service: str) -> None:
    """Raise ``exceptions.Permanent`` with a hint unless ``service`` may listen."""
    error = _error(address, port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        raise exceptions.Permanent(
            f"Port {port} on {address}, which {service} needs, is taken by another "
            "program.",
            code="PORT_TAKEN",
            hint=f"See who has it with: ss -ltnp 'sport = :{port}' - then stop that "
            "program or configure another port.",
        )
    raise exceptions.Permanent(
        f"{service} cannot listen on port {port} of {address}: {error.strerror}.",
        code="PORT_REFUSED",
        hint="Configure a port from 1024 on, and look at [local] network.",
    )


def _error(address: str, port: int) -> OSError | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections that are still closing are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error
    return None

# SPDX-License-Identifier: Apache-2.0
"""Loopback addresses: each node has one of its own as long as it exists.

Claims are one JSON file, {cluster id: {instance name: address}}, changed under a
lock and replaced atomically: two clusters never share an address, and a claim
made just before a crash is found again by its names.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import ipaddress
import itertools
import os
import pathlib
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas.infra.local.supervisor import files

Claims = dict[str, dict[str, str]]

#: After so many addresses that something else listens on, one is taken all the
#: same: who listens everywhere is reported by the check of ports.
_SKIP_MOST = 16


def check_network(network: str) -> ipaddress.IPv4Network:
    """The network; raises ``ValueError`` unless it is an IPv4 loopback network."""
    found = ipaddress.IPv4Network(network)
    if not found.is_loopback:
        raise ValueError(f"{network} is no part of 127.0.0.0/8")
    return found


class Addresses:
    """The claims kept in ``path`` on the addresses of ``network``."""

    def __init__(self, path: pathlib.Path, network: str) -> None:
        """Raises ``ValueError`` unless ``network`` is an IPv4 loopback network."""
        self._path = path
        self._network = check_network(network)
        # Another service on this machine, with another state path, looks for its
        # addresses elsewhere.
        seed = hashlib.sha256(os.fsencode(path.absolute())).digest()
        self._begin = int.from_bytes(seed[:8], "big") % self._network.num_addresses

    def of(self, cluster_id: str) -> Mapping[str, str]:
        """The addresses of a cluster's instances, by name."""
        return self._read().get(cluster_id, {})

    def clusters(self) -> tuple[str, ...]:
        """The ids of all clusters that have a claim."""
        return tuple(self._read())

    def free(self, cluster_id: str) -> int:
        """How many more addresses other clusters leave."""
        claims = self._read()
        claims.pop(cluster_id, None)
        return self._size() - sum(len(claimed) for claimed in claims.values())

    def claim(
        self,
        cluster_id: str,
        names: Collection[str],
        usable: Callable[[str, str], bool] = lambda name, address: True,
    ) -> Mapping[str, str]:
        """The address of each of ``names``: the one that it has, else a new one for
        which ``usable(name, address)``. Raises ``exceptions.Permanent`` when the
        network has no more."""
        with self._changing() as claims:
            mine = claims.setdefault(cluster_id, {})
            taken = {a for claimed in claims.values() for a in claimed.values()}
            new = self._unclaimed(taken)
            for name in names:
                if name not in mine:
                    mine[name] = self._choose(name, new, usable)
            return dict(mine)

    def release(self, cluster_id: str, names: Collection[str] | None = None) -> None:
        """Give up the claims of ``names``, or of the whole cluster; none is fine."""
        if cluster_id not in self._read():
            return
        with self._changing() as claims:
            mine = claims.get(cluster_id, {})
            for name in list(mine) if names is None else names:
                mine.pop(name, None)
            if not mine:
                claims.pop(cluster_id, None)

    def _choose(
        self, name: str, new: Iterator[str], usable: Callable[[str, str], bool]
    ) -> str:
        address = None
        for address in itertools.islice(new, _SKIP_MOST):  # noqa: B007
            if usable(name, address):
                return address
        if address is None:
            raise exceptions.Permanent(
                f"Every address of {self._network} belongs to a node.",
                code="NO_ADDRESS",
                hint="Delete a cluster, or set a larger [local] network.",
            )
        return address

    def _unclaimed(self, taken: Collection[str]) -> Iterator[str]:
        """Addresses in the order in which they are tried; never one that looks like
        the name of a network or a broadcast."""
        count = self._network.num_addresses
        for number in range(count):
            address = self._network[(self._begin + number) % count]
            if address.packed[3] not in (0, 255) and str(address) not in taken:
                yield str(address)

    def _size(self) -> int:
        count = self._network.num_addresses
        if count >= 256:
            return count // 256 * 254
        return sum(address.packed[3] not in (0, 255) for address in self._network)

    def _read(self) -> Claims:
        claims: Claims | None = files.read_json(self._path)
        if claims is None and self._path.exists():
            raise exceptions.Permanent(
                f"{self._path} is damaged.",
                hint="Stop the nodes' processes and remove the directory it is in.",
            )
        return claims or {}

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Claims]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._path.with_suffix(".lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            claims = self._read()
            before = {cluster_id: dict(mine) for cluster_id, mine in claims.items()}
            yield claims
            if claims != before:
                files.write_json(self._path, claims, sync=True)
        finally:
            os.close(descriptor)

# SPDX-License-Identifier: Apache-2.0
"""The way to nodes of the driver ``local``: they are directories of this machine.

Where a node lies and what its packages are stands in the facts that the driver
left with the instance (``node root home jobs packages``).
"""

from __future__ import annotations

import errno
import os
import pathlib
import secrets
import stat
import sys
import time
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.remote import commands
from sparkaas.remote import http

#: In the environment of all that runs on a node, so that the driver finds it when
#: the node is deleted, whatever became of it.
MARK = "SPARKAAS_NODE"
_PATH = os.pathsep.join(
    (str(pathlib.Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")
)


class LocalRemote:
    """An ``interfaces.Remote`` for one node. ``addresses`` and ``packages`` are what
    manifest symbols of those kinds mean here."""

    python = sys.executable

    def __init__(
        self,
        facts: Mapping[str, str],
        *,
        addresses: Mapping[str, str],
        packages: Mapping[str, str],
    ) -> None:
        self.work_directory = facts["jobs"]
        self._node = pathlib.Path(facts["node"])
        self._home = facts["home"]
        self._known: Mapping[str, Mapping[str, str]] = {
            "address": addresses,
            "package": packages,
            "root": {"": facts["root"]},
        }

    def expand(self, text: str) -> str:
        """Raises ``exceptions.Permanent`` for a secret, or a symbol without meaning."""

        def resolve(kind: str, name: str) -> str:
            return self._known[kind][name]

        try:
            return manifest.render(text, resolve)
        except LookupError as error:
            raise exceptions.Permanent(
                f"{text} means nothing on this node: {error} is unknown."
            ) from error

    def run(
        self,
        argv: Sequence[str],
        *,
        deadline: float,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        input: bytes = b"",
    ) -> interfaces.Completed:
        """A command that cannot be started exits with 127, as from a shell."""
        self._look()
        return commands.run(
            argv,
            environment={
                "PATH": _PATH,
                "LANG": "C.UTF-8",
                "HOME": self._home,
                **(environment or {}),
                MARK: str(self._node),
            },
            directory=directory or self._home,
            input=input,
            deadline=deadline,
        )

    def write_file(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        mode: int = 0o600,
        deadline: float,
    ) -> None:
        """Only inside the node's own directory."""
        self._look()
        end = time.monotonic() + deadline
        target = self._inside(path)
        new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            _make_parents(target)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with open(descriptor, "wb") as stream:
                    for chunk in chunks:
                        stream.write(chunk)
                        if time.monotonic() > end:
                            raise exceptions.DeadlineExceeded(
                                f"Writing {path} took longer than {deadline:g} s."
                            )
                    os.fchmod(descriptor, mode)
                new.replace(target)
            finally:
                new.unlink(missing_ok=True)
        except OSError as error:
            raise _explained(error, path) from error

    def read_file(
        self, path: str, *, offset: int = 0, limit: int, deadline: float
    ) -> bytes:
        """Only plain files: what blocks or never ends is not one."""
        self._look()
        try:
            # Without waiting: another kind of file must not hold the caller up.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise exceptions.NotFound(f"There is no file {path}.") from error
        except (OSError, ValueError) as error:
            raise exceptions.Transient(f"{path} cannot be read: {error}.") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise exceptions.NotFound(f"{path} is not a plain file.")
            return _read(descriptor, offset, limit, path, deadline)
        finally:
            os.close(descriptor)

    def fetch(self, url: str, *, limit: int, deadline: float) -> bytes:
        """No proxy is used, and a redirection is followed on the same server only."""
        self._look()
        return http.fetch(url, limit=limit, deadline=deadline)

    def _look(self) -> None:
        if not self._node.is_dir():
            raise exceptions.Transient(f"The node {self._node.name} does not exist.")

    def _inside(self, path: str) -> pathlib.Path:
        target = pathlib.Path(os.path.normpath(path))
        real = target.parent.resolve()
        if "\0" in path or not real.is_relative_to(self._node.resolve()):
            raise exceptions.Permanent(f"{path} is not inside the node.")
        return target


def _make_parents(target: pathlib.Path) -> None:
    missing = []
    for parent in target.parents:
        if parent.is_dir():
            break
        missing.append(parent)
    for parent in reversed(missing):
        parent.mkdir(mode=0o700, exist_ok=True)


def _read(
    descriptor: int, offset: int, limit: int, path: str, deadline: float
) -> bytes:
    end = time.monotonic() + deadline
    parts = []
    try:
        while limit > 0:
            part = os.pread(descriptor, min(limit, 1 << 20), offset)
            if not part:
                break
            parts.append(part)
            offset += len(part)
            limit -= len(part)
            if limit and time.monotonic() > end:
                raise exceptions.DeadlineExceeded(
                    f"Reading {path} took longer than {deadline:g} s."
                )
    except OSError as error:
        raise exceptions.Transient(f"{path} cannot be read: {error}.") from error
    return b"".join(parts)


def _explained(error: OSError, path: str) -> exceptions.SparkaasError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return exceptions.Permanent(
            f"The disk with {path} is full.",
            code="DISK_FULL",
            hint="Make room there, or set [service] state_path to another disk.",
        )
    return exceptions.Transient(f"{path} cannot be written: {error}.")


class LocalReach:
    """An ``interfaces.Reach`` for clusters of the driver ``local``."""

    def to(self, cluster: model.Cluster, instance: model.Instance) -> LocalRemote:
        """Raises ``exceptions.Transient`` for an instance that is not made yet."""
        facts = instance.facts
        if not {"node", "root", "home", "jobs", "packages"} <= facts.keys():
            raise exceptions.Transient(f"{instance.name} is not made yet.")
        return LocalRemote(
            facts,
            addresses={
                one.name: one.internal_ip
                for one in cluster.instances
                if one.internal_ip is not None
            },
            packages=facts["packages"],
        )

    def administer(
        self, cluster: model.Cluster, instance: model.Instance
    ) -> LocalRemote:
        """There is one user only."""
        return self.to(cluster, instance)

    def logins(self, cluster: model.Cluster) -> tuple[interfaces.Login, ...]:
        """Directories, which are there as soon as the node is."""
        return tuple(
            interfaces.Login(name=each.name, directory=str(each.facts["root"]))
            for each in sorted(cluster.instances, key=lambda each: each.name)
            if "root" in each.facts
        )


def from_conf(conf: cfg.ConfigOpts, secrets: interfaces.Secrets) -> LocalReach:
    """Needs neither: the driver tells all in the instances' facts."""
    return LocalReach()

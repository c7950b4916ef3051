# SPDX-License-Identifier: Apache-2.0
"""What the service asks of the world outside, as Protocols.

Each has a real implementation, and where tests or the embedded default need
one, a second; every implementation runs through the same contract test. Only
``cmd`` knows which is used.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol

from sparkaas import manifest
from sparkaas import model


class Clock(Protocol):
    """The time. Steps and queries get it from here, never from the system."""

    def now(self) -> datetime.datetime:
        """The current time, timezone-aware UTC."""
        ...


class Bell(Protocol):
    """Tells conductors that a record is worth a look. May be lost; never raises."""

    def ring(self, kind: str, id: str) -> None:
        """``kind`` is ``cluster`` or ``job``."""
        ...


class Notifier(Protocol):
    """Tells other services what happened."""

    def send(self, notice: model.Notice) -> None:
        """Return when it was sent, however long the broker is away."""
        ...


class Secrets(Protocol):
    """Keeps what must not stand in a plain column."""

    def put(self, project_id: str, value: Mapping[str, str], name: str = "") -> str:
        """Keep ``value``, return a reference. With ``name`` the reference is derived
        from it, and putting twice keeps the first value and returns the same."""
        ...

    def get(self, reference: str) -> Mapping[str, str]:
        """Raise ``exceptions.NotFound`` for an unknown reference."""
        ...

    def delete(self, reference: str) -> None:
        """Forget it; already gone is fine."""
        ...


class Safe(Protocol):
    """Where the text of a secret is safe. What a safe gives for one can be kept in a
    plain column, and begins with the safe's ``prefix``."""

    prefix: str

    def seal(self, name: str, text: str) -> str:
        """Take ``text``; ``name`` is for those who look after the safe."""
        ...

    def open(self, sealed: str) -> str:
        """The text. Raises ``exceptions.Permanent`` when it cannot be had any more,
        ``Transient`` when not now."""
        ...

    def discard(self, sealed: str) -> None:
        """Forget it; already gone is fine."""
        ...


class Store(Protocol):
    """Keeps bytes of any size: uploaded binaries and jobs' output.

    A key is one or more segments of ``[A-Za-z0-9._-]`` joined by ``/``.
    """

    def create(self, key: str, chunks: Iterable[bytes], limit: int) -> tuple[int, str]:
        """Write a whole object atomically; return its size and hex SHA-256.

        Raises ``exceptions.DataTooBig`` past ``limit`` bytes, and then keeps nothing.
        """
        ...

    def append(self, key: str, offset: int, data: bytes) -> int:
        """Add bytes at ``offset``, which must not lie past the end; bytes that are
        there already are not written twice. Return the new size."""
        ...

    def size(self, key: str) -> int:
        """In bytes; 0 when there is no such object."""
        ...

    def read(self, key: str, offset: int, limit: int) -> bytes:
        """At most ``limit`` bytes from ``offset``; empty at or past the end."""
        ...

    def open(self, key: str) -> Iterator[bytes]:
        """The whole object in chunks; raises ``exceptions.NotFound``."""
        ...

    def delete(self, prefix: str) -> None:
        """Forget the object of that key and all below it; already gone is fine."""
        ...


@dataclasses.dataclass(frozen=True)
class Completed:
    """A command that ended. Both outputs are cut at 1 MiB."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Remote(Protocol):
    """One node, reached. Every call ends by its deadline (seconds) with
    ``exceptions.DeadlineExceeded``; a node out of reach is ``exceptions.Transient``.
    """

    #: A Python 3 interpreter on the node.
    python: str
    #: Below this directory jobs keep their private directories.
    work_directory: str

    def expand(self, text: str) -> str:
        """``text`` with manifest symbols resolved for this node (no secrets)."""
        ...

    def run(
        self,
        argv: Sequence[str],
        *,
        deadline: float,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        input: bytes = b"",
    ) -> Completed:
        """Run a command to its end. No shell sees ``argv``."""
        ...

    def write_file(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        mode: int = 0o600,
        deadline: float,
    ) -> None:
        """Write a whole file atomically, parent directories (0700) included."""
        ...

    def read_file(
        self, path: str, *, offset: int = 0, limit: int, deadline: float
    ) -> bytes:
        """At most ``limit`` bytes from ``offset``; raises ``exceptions.NotFound``."""
        ...

    def fetch(self, url: str, *, limit: int, deadline: float) -> bytes:
        """The body of a GET of an http URL as seen from the node. An answer other
        than 2xx, or past ``limit``, is ``exceptions.Transient``."""
        ...


@dataclasses.dataclass(frozen=True)
class Login:
    """How a user gets a shell on a node: by SSH, or in a directory of this machine.

    ``host_key`` is the only one (``ssh-ed25519 AAAA...``) that the node may show;
    ``via`` is the name of the node through which it is reached.
    """

    name: str
    host: str = ""
    port: int = 22
    host_key: str = ""
    via: str | None = None
    directory: str = ""


class Reach(Protocol):
    """Gives the way to a cluster's nodes."""

    def logins(self, cluster: model.Cluster) -> tuple[Login, ...]:
        """How the cluster's user gets to each of its nodes that can be reached, by
        name."""
        ...

    def to(self, cluster: model.Cluster, instance: model.Instance) -> Remote:
        """As the user that services and jobs run as: one without privileges."""
        ...

    def administer(self, cluster: model.Cluster, instance: model.Instance) -> Remote:
        """As the node's administrator: for infrastructure drivers only."""
        ...


@dataclasses.dataclass(frozen=True)
class ServiceState:
    """A manifest's service as seen on its node.

    ``state`` is ``ready``, ``starting`` or ``failed``; ``detail`` is a sentence, with
    the end of the service's own log when it failed.
    """

    state: str
    detail: str = ""


@dataclasses.dataclass(frozen=True)
class NodeState:
    """An instance as the infrastructure has it now.

    ``digest`` is that of the manifest the node was last made to follow.
    """

    present: bool
    detail: str = ""
    digest: str = ""
    services: Mapping[str, ServiceState] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Owned:
    """Something of ours that exists in the cloud, in that project of it."""

    cluster_id: str
    kind: str
    name: str
    project_id: str = ""


@dataclasses.dataclass(frozen=True)
class Caller:
    """Who makes a request, for a cloud that must be asked in their name."""

    user_id: str
    project_id: str
    token: str | None = dataclasses.field(default=None, repr=False)


class Infrastructure(Protocol):
    """Makes nodes. Every object's name derives from the cluster's id and carries
    it, so each verb can look before it acts and be called again at any time.
    """

    def for_caller(self, caller: Caller) -> Infrastructure:
        """The same, whose ``check``, ``delegate`` and ``renew`` act in the caller's
        name."""
        ...

    def check(self, cluster: model.Cluster) -> None:
        """Called within the request, before anything is stored: would the cloud
        take this cluster (its whole intent; what it has already counts as had)?
        Raises ``exceptions.InvalidRequest`` or a subclass with the reason."""
        ...

    def delegate(self) -> str | None:
        """Called within the request, last before the cluster is stored: lets the
        service go on in the caller's name when the request is over. Returns the
        cluster's ``trust_id``, which ``revoke`` takes back; None: not needed."""
        ...

    def renew(self, trust_id: str | None) -> str | None:
        """Called within a request that changes a cluster: the ``trust_id`` with which
        the service can go on, which is another one if that given does not do (any
        more). Whoever asks for it has then lent it; the old one is still to be taken
        back."""
        ...

    def revoke(self, trust_id: str | None) -> None:
        """Take back what ``delegate`` gave, when nothing that it was for is left;
        already taken back is fine. Raises ``Permanent`` when it cannot be now."""
        ...

    def delegated(self) -> Mapping[str, str]:
        """All that ``delegate`` gave and ``revoke`` did not take back: each
        ``trust_id`` with its project."""
        ...

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        """Names of the secrets that the nodes need besides the plugin's; ``ensure``
        gets them with these."""
        ...

    def ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        """Make exactly the instances of ``manifests`` (by name) exist and follow
        their manifest; remove the cluster's other instances. Looks, acts once,
        returns. Done has the fact ``instances``. Raises ``Transient`` or
        ``Permanent``."""
        ...

    def observe(self, cluster: model.Cluster) -> Mapping[str, NodeState]:
        """The state of each wanted instance, by name. Changes nothing."""
        ...

    def delete(self, cluster: model.Cluster) -> model.Outcome:
        """Remove everything of the cluster but what ``delegate`` gave for it; already
        gone is Done."""
        ...

    def list_owned(self) -> tuple[Owned, ...]:
        """Everything in the cloud that carries our mark."""
        ...


class Catalog(Protocol):
    """What the cloud offers: answers the names that a request may use."""

    def for_caller(self, caller: Caller) -> Catalog:
        """The same as the caller sees it."""
        ...

    def flavors(self) -> tuple[model.Flavor, ...]:
        """All flavors that the caller can use."""
        ...

    def flavor(self, flavor_id: str) -> model.Flavor:
        """Raises ``exceptions.MissingValue`` (the wire's NOT_FOUND in a body)."""
        ...

    def require(self, kind: str, name: str) -> None:
        """Raise ``exceptions.InvalidReference`` unless it exists. ``kind`` is one of
        ``network keypair availability_zone volume_type volume_availability_zone
        floating_ip_pool security_group share``."""
        ...

    def public_key(self, keypair: str) -> str:
        """The OpenSSH public key of a keypair."""
        ...

    def images(self) -> tuple[model.Image, ...]:
        """All images that the caller can see, registered or not."""
        ...

    def image(self, image_id: str) -> model.Image:
        """Raises ``exceptions.NotFound``."""
        ...

    def register(self, image_id: str, username: str, description: str) -> model.Image:
        """Set both."""
        ...

    def unregister(self, image_id: str) -> None:
        """Take username, description and all tags away."""
        ...

    def set_tags(self, image_id: str, tags: Sequence[str]) -> model.Image:
        """Replace the tags."""
        ...


@dataclasses.dataclass(frozen=True)
class ObjectKeys:
    """Keys to an S3 API: ``access`` and ``secret``, those of the user ``user_id`` where
    they were lent. ``endpoint`` is a URL, ``region`` what signatures name."""

    access: str
    secret: str = dataclasses.field(repr=False)
    endpoint: str
    region: str
    user_id: str = ""


class Objects(Protocol):
    """The cloud's object store, where projects keep their data: lends keys to it."""

    def for_caller(self, caller: Caller) -> Objects:
        """The same, whose ``lend`` acts in the caller's name."""
        ...

    def lend(self, job_id: str, number: int) -> ObjectKeys:
        """Make keys that open what the caller may open in their project: for a job,
        its ``number``th. They are good until ``take_back``. Raises
        ``exceptions.InvalidRequest`` when the cloud refuses, ``Transient`` when it does
        not answer."""
        ...

    def lend_of(
        self, job_id: str, number: int, user: str, password: str, project_id: str
    ) -> ObjectKeys:
        """The same in the name of the user who has that password."""
        ...

    def take_back(self, access: str) -> None:
        """Make the keys with that access key good for nothing; already so is fine.
        Raises ``Permanent`` when the cloud refuses, ``Transient`` when it does not
        answer."""
        ...

    def given(self) -> Mapping[str, str]:
        """All that was lent and not taken back: each access key with its job's id."""
        ...

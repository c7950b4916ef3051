# SPDX-License-Identifier: Apache-2.0
"""Where a cluster's software lets its users in, with a token (API 2.1)."""

from __future__ import annotations

import dataclasses
import urllib.parse
from collections.abc import Sequence

from sparkaas.client import errors
from sparkaas.client import resource

CONNECT = "connect"
NOTEBOOK = "notebook"

#: What must run on the cluster for an entrance to be there.
_PROCESSES = {CONNECT: "connect-server", NOTEBOOK: "notebook"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entrance(resource.Record):
    """A way in; ``url`` as the cluster's nodes see it."""

    name: str = ""
    url: str = ""
    token: str = dataclasses.field(default="", repr=False)


def only(entrances: Sequence[Entrance], name: str, cluster: str) -> Entrance:
    """The one of that name. Raises ``errors.ClientError``."""
    for each in entrances:
        if each.name == name:
            return each
    process = _PROCESSES[name]
    raise errors.ClientError(
        f"Cluster {cluster} has no {process}, or not yet.",
        hint=f"A cluster made with --with {process} has one once it is Active.",
    )


def connect_url(entrance: Entrance) -> str:
    """What Spark Connect's clients take, for a server that is reached as it is.

    The server knows no TLS, and over a plain connection to any host but ``localhost``
    clients send no ``token``; every other parameter they send as a header of its
    name. So the token goes as the header that it would be sent in.
    """
    bearer = urllib.parse.quote(f"Bearer {entrance.token}")
    return f"{entrance.url}/;authorization={bearer}"


def forwarded_url(entrance: Entrance, local_port: int) -> str:
    """The same through a port of this machine that leads there."""
    token = urllib.parse.quote(entrance.token)
    return f"sc://localhost:{local_port}/;token={token}"


def page_url(entrance: Entrance, local_port: int | None = None) -> str:
    """What a browser takes; with ``local_port`` through that port of this machine."""
    parts = urllib.parse.urlsplit(entrance.url)
    if local_port is not None:
        parts = parts._replace(netloc=f"127.0.0.1:{local_port}")
    query = urllib.parse.urlencode({"token": entrance.token})
    return parts._replace(query=query).geturl()


def snippet(url: str) -> str:
    """A program in Python that uses the cluster."""
    return (
        "from pyspark.sql import SparkSession\n"
        f'spark = SparkSession.builder.remote("{url}").getOrCreate()\n'
        'spark.range(1000).selectExpr("sum(id)").show()\n'
    )

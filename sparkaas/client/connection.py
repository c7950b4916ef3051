# SPDX-License-Identifier: Apache-2.0
"""Finding the service: told, in a cloud, or the embedded one of this machine.

In this order: a URL and token given by the caller (``SPARKAAS_URL``,
``SPARKAAS_TOKEN``); a cloud, when ``OS_*`` variables or a name in ``clouds.yaml``
say which; the file that a running ``sparkaas-all`` leaves in its state
directory.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import stat
from collections.abc import Mapping
from typing import Any

from keystoneauth1 import adapter as ksa_adapter
from keystoneauth1 import noauth
from keystoneauth1 import session as ksa_session
from keystoneauth1 import token_endpoint

from sparkaas import version
from sparkaas.client import client as client_module
from sparkaas.client import errors
from sparkaas.client import transport as transport_module

ENDPOINT_FILE = "endpoint.json"
HOW_TO_START = "Start it with sparkaas-all or ./quickstart."

#: Variables that say that a cloud is meant.
CLOUD_VARIABLES = ("OS_CLOUD", "OS_AUTH_URL", "OS_AUTH_TYPE", "OS_ENDPOINT")


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """Where a service is, and the token that opens it."""

    url: str
    token: str


def connect(
    url: str | None = None,
    token: str | None = None,
    cloud: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> client_module.Client:
    """Find the service and return a client of it; nothing is sent yet.

    Raises ``errors.NoService`` when there is none, ``errors.UsageError`` when what
    was given does not fit together.
    """
    environ = os.environ if environ is None else environ
    url = url or environ.get("SPARKAAS_URL")
    token = token or environ.get("SPARKAAS_TOKEN")
    if url:
        return _by_token(Endpoint(url, token or ""))
    if token:
        raise errors.UsageError(
            "A token was given without a URL.", hint="Add --url or SPARKAAS_URL."
        )
    if cloud or any(environ.get(name) for name in CLOUD_VARIABLES):
        return _by_cloud(cloud)
    return _by_token(embedded(environ))


def of_session(session: Any, **filters: Any) -> client_module.Client:
    """A client over a keystoneauth session, as openstackclient has one.

    ``filters``: ``region_name``, ``interface``, ``endpoint_override``.
    """
    return _client(session, **filters)


def state_path(environ: Mapping[str, str]) -> pathlib.Path:
    """The embedded service's state directory."""
    if given := environ.get("SPARKAAS_STATE"):
        return pathlib.Path(given)
    home = environ.get("HOME") or str(pathlib.Path.home())
    return pathlib.Path(home, ".local", "state", "sparkaas")


def embedded(environ: Mapping[str, str]) -> Endpoint:
    """What the embedded service says of itself.

    Raises ``errors.NoService`` when there is no such file, or when others could
    have read or written it.
    """
    path = state_path(environ) / ENDPOINT_FILE
    try:
        with path.open("rb") as file:
            _check_private(path, os.fstat(file.fileno()))
            document = json.load(file)
        return Endpoint(str(document["url"]), str(document["token"]))
    except FileNotFoundError as error:
        raise errors.NoService(
            "No sparkaas service was found.",
            hint=f"{HOW_TO_START} For one elsewhere: --url with --token, or OS_CLOUD.",
        ) from error
    except OSError as error:
        raise errors.NoService(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="It belongs to who started the service; be that user.",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise errors.NoService(
            f"{path} is damaged.", hint="Restart the service: it writes the file anew."
        ) from error


def _check_private(path: pathlib.Path, found: os.stat_result) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise errors.NoService(
            f"{path} holds a token and others can read it (mode {mode:04o}).",
            hint=f"chmod 600 {path}, and have the service make a new token.",
        )
    if found.st_uid not in (os.geteuid(), 0):
        raise errors.NoService(
            f"{path} belongs to another user.",
            hint="Be that user, or set SPARKAAS_STATE to a directory of your own.",
        )


def _by_token(endpoint: Endpoint) -> client_module.Client:
    if not re.match(r"https?://[^/]", endpoint.url):
        raise errors.UsageError(
            f"{endpoint.url!r} is not the URL of a service.",
            hint="It looks like http://host:8386.",
        )
    # Version discovery starts at the root, whatever version the URL was given with.
    root = re.sub(r"/v\d[\d.]*(/.*)?$", "", endpoint.url).rstrip("/")
    auth = (
        token_endpoint.Token(root, endpoint.token)
        if endpoint.token
        else noauth.NoAuth(root)
    )
    return _client(ksa_session.Session(auth=auth))


def _by_cloud(cloud: str | None) -> client_module.Client:
    # Half a second of imports that only clouds need.
    import openstack.config
    from openstack import exceptions as sdk_exceptions

    try:
        region = openstack.config.OpenStackConfig().get_one(cloud=cloud)
        session = region.get_session()
    except (sdk_exceptions.SDKException, ValueError) as error:
        raise errors.ClientError(
            f"The cloud cannot be used: {error}",
            hint="Check the OS_* variables, or the cloud's entry in clouds.yaml.",
        ) from error
    override = region.get_endpoint(transport_module.SERVICE_TYPE)
    return _client(
        session,
        region_name=region.region_name,
        interface=region.get_interface(transport_module.SERVICE_TYPE),
        endpoint_override=override,
    )


def _client(session: Any, **filters: Any) -> client_module.Client:
    adapter = ksa_adapter.Adapter(
        session,
        service_type=transport_module.SERVICE_TYPE,
        min_version="2",
        max_version="2.latest",
        client_name="sparkaas",
        client_version=version.__version__,
        **{name: value for name, value in filters.items() if value},
    )
    return client_module.Client(transport_module.Transport(adapter))

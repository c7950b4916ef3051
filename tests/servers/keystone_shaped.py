# SPDX-License-Identifier: Apache-2.0
"""What clients of a cloud read beside the service itself: Keystone's tokens and
catalog, and of Nova, Neutron and Glance what python-saharaclient looks up there.

The user's name chooses the shape of the catalog's ``data-processing`` entry: one of
``SHAPES``. Flavors and images are those of ``sparkaas.testing.catalog``.
"""

import json
import re
import urllib.parse
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas.cmd import serving
from sparkaas.testing import catalog

PROJECT = "aaaaaaaabbbbccccddddeeeeeeeeeeee"
PASSWORD = "secret"
SERVICE_USER = "sparkaas"

#: The path of the service's entry in the catalog of the user of that name.
SHAPES = {"unversioned": "", "v2": "/v2", "templated": "/v1.1/%(project_id)s"}

_EXPIRES = "2999-12-31T23:59:59.000000Z"
_ISSUED = "2026-01-01T00:00:00.000000Z"

Answer = tuple[int, Any, Mapping[str, str]]


class KeystoneShaped:
    """The server. ``data_processing`` is the service's root URL, once it is known."""

    def __init__(self) -> None:
        self.data_processing = ""
        self._listener = serving.Listener(self._application, "127.0.0.1", 0, 8)

    def start(self) -> None:
        self._listener.start()

    def stop(self) -> None:
        self._listener.stop()

    @property
    def auth_url(self) -> str:
        return f"{self._listener.url}/identity/v3"

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        status, body, headers = self._answer(environ, environ["wsgi.input"].read(size))
        data = b"" if body is None else json.dumps(body).encode()
        start_response(
            f"{status} As said",
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(data))),
                *headers.items(),
            ],
        )
        return [data]

    def _answer(self, environ: Mapping[str, Any], sent: bytes) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].rstrip("/")
        query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        if (method, path) == ("POST", "/identity/v3/auth/tokens"):
            return self._log_in(json.loads(sent))
        if path == "/identity/v3/auth/tokens":
            return self._show(environ.get("HTTP_X_SUBJECT_TOKEN", ""))
        for pattern, look in _READS:
            found = re.fullmatch(pattern, path)
            if found and method == "GET":
                body = look(self._listener.url, query, *found.groups())
                return (404, _missing(path), {}) if body is None else (200, body, {})
        return 404, _missing(path), {}

    def _log_in(self, sent: Mapping[str, Any]) -> Answer:
        user = sent["auth"]["identity"]["password"]["user"]
        known = {*SHAPES, SERVICE_USER}
        if user.get("password") != PASSWORD or user.get("name") not in known:
            return 401, _error(401, "Unauthorized", "No such user or password."), {}
        token = self._token(user["name"])
        return 201, token, {"X-Subject-Token": f"token-{user['name']}"}

    def _show(self, token: str) -> Answer:
        user = token.removeprefix("token-")
        if user not in {*SHAPES, SERVICE_USER}:
            return 404, _missing("token"), {}
        return 200, self._token(user), {"X-Subject-Token": token}

    def _token(self, user: str) -> dict[str, Any]:
        domain = {"id": "default", "name": "Default"}
        roles = ("service",) if user == SERVICE_USER else ("admin", "member", "reader")
        return {
            "token": {
                "methods": ["password"],
                "issued_at": _ISSUED,
                "expires_at": _EXPIRES,
                "audit_ids": ["audit"],
                "user": {"id": f"id-of-{user}", "name": user, "domain": domain},
                "project": {"id": PROJECT, "name": "project", "domain": domain},
                "roles": [{"id": role, "name": role} for role in roles],
                "catalog": list(self._catalog(user)),
            }
        }

    def _catalog(self, user: str) -> Iterator[dict[str, Any]]:
        here = self._listener.url
        path = SHAPES.get(user, "") % {"project_id": PROJECT}
        for name, kind, url in (
            ("keystone", "identity", f"{here}/identity/v3"),
            ("nova", "compute", f"{here}/compute/v2.1"),
            ("neutron", "network", f"{here}/network"),
            ("glance", "image", f"{here}/image"),
            ("sahara", "data-processing", f"{self.data_processing}{path}"),
        ):
            yield {
                "id": name,
                "name": name,
                "type": kind,
                "endpoints": [
                    {
                        "id": f"{name}-{interface}",
                        "interface": interface,
                        "region": "RegionOne",
                        "region_id": "RegionOne",
                        "url": url,
                    }
                    for interface in ("public", "internal", "admin")
                ],
            }


def _error(code: int, title: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "title": title, "message": message}}


def _missing(what: str) -> dict[str, Any]:
    return _error(404, "Not Found", f"There is no {what}.")


def _version(id: str, url: str, **more: str) -> dict[str, Any]:
    return {
        "id": id,
        "status": "CURRENT",
        "links": [{"rel": "self", "href": url}],
        **more,
    }


def _identity(here: str, query: Mapping[str, str]) -> Any:
    return {"version": _version("v3.14", f"{here}/identity/v3/")}


def _identities(here: str, query: Mapping[str, str]) -> Any:
    return {"versions": {"values": [_version("v3.14", f"{here}/identity/v3/")]}}


def _compute(here: str, query: Mapping[str, str]) -> Any:
    url = f"{here}/compute/v2.1/"
    return {"version": _version("v2.1", url, version="2.90", min_version="2.1")}


def _networks(here: str, query: Mapping[str, str]) -> Any:
    return {"versions": [_version("v2.0", f"{here}/network/v2.0/")]}


def _images(here: str, query: Mapping[str, str]) -> Any:
    return {"versions": [_version("v2.9", f"{here}/image/v2/")]}


def _flavor(flavor: Any) -> dict[str, Any]:
    return {
        "id": flavor.id,
        "name": flavor.name,
        "vcpus": flavor.vcpus,
        "ram": flavor.ram_mb,
        "disk": flavor.disk_gb,
        "links": [],
    }


def _all_flavors(here: str, query: Mapping[str, str]) -> Any:
    return {"flavors": [_flavor(each) for each in catalog.FLAVORS]}


def _one_flavor(here: str, query: Mapping[str, str], id: str) -> Any:
    found = [_flavor(each) for each in catalog.FLAVORS if each.id == id]
    return {"flavor": found[0]} if found else None


def _all_networks(here: str, query: Mapping[str, str]) -> Any:
    network = {"id": catalog.NETWORK, "name": "private", "status": "ACTIVE"}
    wanted = query.get("name", network["name"]) == network["name"]
    return {"networks": [network] if wanted else []}


def _one_network(here: str, query: Mapping[str, str], id: str) -> Any:
    found = _all_networks(here, {})["networks"]
    return {"network": found[0]} if id == catalog.NETWORK else None


def _all_images(here: str, query: Mapping[str, str]) -> Any:
    name = query.get("name")
    return {
        "images": [
            {"id": image.id, "name": image.name, "status": "active"}
            for image in catalog.FakeCatalog().images()
            if name in (None, image.name)
        ]
    }


def _one_image(here: str, query: Mapping[str, str], id: str) -> Any:
    found = [each for each in _all_images(here, {})["images"] if each["id"] == id]
    return found[0] if found else None


#: What is read, by path.
_READS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("/identity", _identities),
    ("/identity/v3", _identity),
    ("/compute/v2.1", _compute),
    ("/compute/v2.1/flavors(?:/detail)?", _all_flavors),
    ("/compute/v2.1/flavors/([^/]+)", _one_flavor),
    ("/network", _networks),
    ("/network/v2.0/networks", _all_networks),
    ("/network/v2.0/networks/([^/]+)", _one_network),
    ("/image", _images),
    ("/image/v2/images", _all_images),
    ("/image/v2/images/([^/]+)", _one_image),
)

# SPDX-License-Identifier: Apache-2.0
"""The ways to a cluster's nodes, and what OpenSSH needs to go them (API 2.1)."""

from __future__ import annotations

import dataclasses
import ipaddress
import pathlib
import re
import urllib.parse
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.client import nodes
from sparkaas.client import resource

#: What may stand in a configuration file of OpenSSH's without being more than a word.
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_KEY = re.compile(r"ssh-[a-z0-9-]+ [A-Za-z0-9+/]+=*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Login(resource.Record):
    """The way to a node: SSH to ``host``, through the node ``via``; or else a directory
    of the machine that the service runs on."""

    instance_name: str = ""
    user: str = ""
    host: str = ""
    port: int = 22
    host_key: str = ""
    via: str | None = None
    directory: str = ""


def only(logins: Sequence[Login], node: str | None) -> Login:
    """The one that is meant: by the node's name, the end of it, or its address; without
    one the node that is reached directly. Raises ``errors.UsageError``."""
    if not logins:
        raise errors.ClientError(
            "No node of the cluster can be reached.",
            hint="Nodes can be as soon as they are there: see cluster show.",
        )
    if node is None:
        direct = [login for login in logins if login.via is None]
        masters = [one for one in direct if "master" in one.instance_name]
        return (masters or direct or list(logins))[0]
    found = [one for one in logins if node in (one.instance_name, one.host)] or [
        one for one in logins if one.instance_name.endswith(f"-{node}")
    ]
    if len(found) != 1:
        raise errors.UsageError(
            f"The cluster has {len(found) or 'no'} reachable nodes called {node}.",
            hint=f"It has {', '.join(one.instance_name for one in logins)}.",
        )
    return found[0]


def known_hosts(logins: Sequence[Login]) -> str:
    """A file of the only key that each node may show."""
    return "".join(f"{_alias(each)} {_key(each)}\n" for each in logins)


def ssh_config(
    logins: Sequence[Login],
    known_hosts: pathlib.Path,
    *,
    user: str | None = None,
    identity: pathlib.Path | None = None,
    more: pathlib.Path | None = None,
) -> str:
    """A configuration file of OpenSSH's with the nodes by name; the user's own
    (``more``) comes after it. Raises ``errors.ClientError`` for an answer of the
    service that is none."""
    lines = []
    for each in logins:
        lines += [
            f"Host {_alias(each)}",
            f"  HostName {_address(each.host)}",
            f"  Port {int(each.port)}",
            f"  User {_word(user or each.user)}",
            f"  HostKeyAlias {_alias(each)}",
        ]
        if each.via:
            lines.append(f"  ProxyJump {_word(each.via)}")
    lines += [
        "Host *",
        "  StrictHostKeyChecking yes",
        f"  UserKnownHostsFile {_quoted(known_hosts)}",
        "  GlobalKnownHostsFile /dev/null",
        "  UpdateHostKeys no",
        "  ServerAliveInterval 15",
    ]
    if identity is not None:
        lines.append(f"  IdentityFile {_quoted(identity)}")
    if more is not None:
        lines.append(f"Include {_quoted(more)}")
    return "\n".join((*lines, ""))


@dataclasses.dataclass(frozen=True)
class Page:
    """A web page of a cluster's software, where it is as its node sees it."""

    name: str
    url: str
    host: str
    port: int


def pages(info: Mapping[str, Any], groups: Sequence[nodes.NodeGroup]) -> list[Page]:
    """The web pages that a cluster's ``info`` names."""
    inside = {
        address: instance.internal_ip or ""
        for group in groups
        for instance in group.instances
        for address in (instance.management_ip, instance.internal_ip)
        if address
    }
    found = []
    for software, named in info.items():
        for name, url in dict(named).items():
            parts = urllib.parse.urlsplit(str(url))
            if parts.scheme in ("http", "https") and parts.hostname:
                host = inside.get(parts.hostname, parts.hostname)
                port = parts.port or {"http": 80, "https": 443}[parts.scheme]
                found.append(Page(f"{software} {name}", str(url), host, port))
    return found


def page(name: str, url: str) -> Page:
    """The place that a URL of any scheme names. Raises ``errors.ClientError``."""
    parts = urllib.parse.urlsplit(url)
    if not parts.hostname or not parts.port:
        raise _strange(url)
    return Page(name, url, parts.hostname, parts.port)


def forward(page: Page, local_port: int) -> str:
    """What ``ssh -L`` takes for a page."""
    return f"127.0.0.1:{local_port}:{_address(page.host)}:{page.port}"


def _alias(login: Login) -> str:
    return _word(login.instance_name)


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise _strange(text)
    return text


def _key(login: Login) -> str:
    if not _KEY.fullmatch(login.host_key):
        raise _strange(login.host_key)
    return login.host_key


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return _word(text)


def _quoted(path: pathlib.Path) -> str:
    if '"' in str(path) or "\n" in str(path):
        raise errors.UsageError(f"OpenSSH cannot be told of {str(path)!r}.")
    return f'"{path}"'


def _strange(text: str) -> errors.ClientError:
    return errors.ClientError(
        f"The service said {text[:80]!r} where a name or an address should be."
    )

# SPDX-License-Identifier: Apache-2.0
"""How a service becomes its process, and how one sees that it is ready."""

from __future__ import annotations

import http.client
import os
import pwd
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from sparkaas.node import documents
from sparkaas.node import guard
from sparkaas.node import systemd
from sparkaas.node import volumes

_PROBE_SECONDS = 2.0
_DEPENDENCY_SECONDS = 120
_ELSEWHERE_SECONDS = 60
_LOOK = 0.2


def become(name: str) -> None:
    """Wait for the node's volumes and the services that this one comes after, drop
    all privileges, exec."""
    node = documents.Node.here()
    service = node.services[name]
    end = time.monotonic() + _DEPENDENCY_SECONDS
    while missing := volumes.missing(node.volumes):
        if time.monotonic() > end:
            raise documents.Failure(f"Nothing is mounted at {missing[0]}.")
        time.sleep(_LOOK)
    for before in service["after"]:
        while not ready(node, node.services[before]):
            if time.monotonic() > end:
                raise documents.Failure(f"{before} does not become ready.")
            time.sleep(_LOOK)
    _await_others(node, service)
    user = pwd.getpwnam(documents.USER)
    given = {key: node.text(value) for key, value in service["environment"].items()}
    argv = [node.text(word) for word in service["argv"]]
    directory = node.path(service["directory"])
    temporary = node.path(f"{documents.ROOT}/temporary/{name}")
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.umask(0o077)
    os.chdir(directory)
    # As the service's user, who may have put anything there. What cannot go stays.
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": documents.PATH,
        "LANG": "C.UTF-8",
        "TMPDIR": str(temporary),
        **given,
    }
    os.execvpe(argv[0], argv, {**environment, "HOME": user.pw_dir})


def _await_others(node: documents.Node, service: dict[str, Any]) -> None:
    end = time.monotonic() + _ELSEWHERE_SECONDS
    for each in service["awaits"]:
        address, _, port = node.text(each).rpartition(":")
        while not _accepts(address, int(port)) and time.monotonic() < end:
            time.sleep(_LOOK)


def ready(node: documents.Node, service: dict[str, Any]) -> bool:
    """Whether the service's probe finds it ready."""
    probe = service["probe"]
    if probe is None:
        return True
    if probe["port"]:
        return _accepts(node.known["address"][node.name], probe["port"])
    if probe["url"]:
        return _answers(node.text(probe["url"]))
    return _succeeds([node.text(word) for word in probe["command"]])


def _accepts(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), _PROBE_SECONDS):
            return True
    except OSError:
        return False


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_PROBE_SECONDS) as answer:
            return 200 <= int(answer.status) < 300
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _succeeds(argv: list[str]) -> bool:
    user = documents.USER
    drop = ["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
    try:
        made = subprocess.run(
            [*drop, *argv], capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return made.returncode == 0


def status(patience: float = 0.0) -> dict[str, Any]:
    """The node as it is. While it starts it is looked at again for that many seconds:
    its own look at itself costs less than another one from outside."""
    return settled(_status, patience)


def settled(look: Callable[[], dict[str, Any]], patience: float) -> dict[str, Any]:
    """What ``look`` finds once nothing is starting any more, or something is wrong, or
    the ``patience`` (seconds) is over."""
    end = time.monotonic() + patience
    while _is_starting(found := look()) and time.monotonic() < end:
        time.sleep(_LOOK)
    return found


def _is_starting(found: dict[str, Any]) -> bool:
    states = {each["state"] for each in found["services"].values()}
    if found["error"] or "failed" in states:
        return False
    return not found["digest"] or "starting" in states


def _status() -> dict[str, Any]:
    node = documents.Node.here()
    return {
        "digest": documents.load("applied.json").get("digest", ""),
        "doing": documents.load("doing.json").get("doing", ""),
        "error": documents.load("failure.json").get("error", "") or _unguarded(),
        "services": {
            name: _state(node, name, service) for name, service in node.services.items()
        },
    }


def _unguarded() -> str:
    """Why the metadata service is open, were it so: what somebody took away is put
    back at the next look."""
    try:
        guard.close()
    except documents.Failure as failure:
        return str(failure)
    return ""


def _state(node: documents.Node, name: str, service: dict[str, Any]) -> dict[str, str]:
    unit = systemd.name(name)
    found = systemd.properties(unit)
    if found.get("ActiveState") == "active" and ready(node, service):
        return {"state": "ready", "detail": ""}
    again = int(found.get("NRestarts") or 0)
    if found.get("ActiveState") != "failed" and not again:
        return {"state": "starting", "detail": ""}
    result = found.get("Result", "")
    return {"state": "failed", "detail": f"It ended ({result}). {systemd.log(unit)}"}

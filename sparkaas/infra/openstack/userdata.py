# SPDX-License-Identifier: Apache-2.0
"""A server's user data: a cloud-config with which it becomes a node by itself. Pure.

The manifest and the agent go packed, for user data must not be longer than 65,535
bytes in Base64 (Nova's API, ``user_data``). Only ``facts.json`` stands in it as text:
there Heat puts the addresses in, which nobody knows before the ports exist.

What the user data says can be read by whoever may see the server, and on the node by
whoever reaches the metadata service: so it holds no secret that is worth anything
outside its own cluster, and the node lets only root through to that service
(``sparkaas.node.guard``).
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import importlib.resources
import io
import json
import zipfile
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import keys
from sparkaas import manifest
from sparkaas.infra.openstack import documents

AGENT_PATH = "/usr/local/sbin/sparkaas-node"
STATE_PATH = "/var/lib/sparkaas"
#: The user that services and jobs run as.
USER = "spark"
#: Nova's limit, bytes in Base64.
MOST = 65_535

#: Makes the node what it must be: when it is made, and at each boot again.
_NODE_PATH = "/etc/systemd/system/sparkaas-node.service"
_NODE = f"""\
[Unit]
Description=sparkaas: the node becomes what its manifest says
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0
[Service]
Type=oneshot
ExecStart={AGENT_PATH} apply
Restart=on-failure
RestartSec=5
[Install]
WantedBy=multi-user.target
"""

#: Starts it as soon as cloud-init has written the files and made the users, which newer
#: releases do under another name: seconds before the last of its stages would.
#: cloud-init says so at every boot. From the second on systemd starts the service
#: anyway; asked again it does nothing, or follows the manifest once more, which changes
#: nothing: only one of the node's processes does that at a time.
_FIRST_START = [
    *("systemd-run", "--no-block", "--unit=sparkaas-first-start"),
    "--property=After=cloud-init.service cloud-init-network.service",
    # Which reads the new unit, too.
    *("systemctl", "enable", "--now", "--no-block", "sparkaas-node"),
]


def render(
    name: str,
    wanted: manifest.Manifest,
    *,
    addresses: Mapping[str, str],
    secrets: Mapping[str, str],
    user_key: str | None,
    hosts: Sequence[str] = (),
    volumes: Sequence[str] = (),
) -> str:
    """The user data of the instance ``name``. ``addresses`` are those that its
    manifest names, or what Heat replaces by them; ``secrets`` those of the cluster,
    the SSH keys' among them; ``user_key`` is the public key of the cluster's user;
    ``hosts`` are the instance's host names when it has others, the full one first;
    ``volumes`` are the mount points without which it must not start.
    Raises ``exceptions.Permanent`` when it would be too long."""
    plain = {n: secrets[n] for n in documents.symbols(wanted, "secret")}
    management = keys.public_key(secrets[keys.MANAGEMENT])
    host = secrets[keys.host(name)]
    config: dict[str, Any] = {
        "hostname": name,
        **({"fqdn": hosts[0]} if len(hosts) > 1 else {}),
        "preserve_hostname": False,
        "ssh_deletekeys": True,
        "ssh_keys": {
            "ed25519_private": keys.private_key(host),
            "ed25519_public": keys.public_key(host),
        },
        "disable_root": False,
        "ssh_authorized_keys": [user_key] if user_key else [],
        "users": [
            "default",
            {"name": "root", "ssh_authorized_keys": [management]},
            {
                "name": USER,
                "shell": "/bin/bash",
                "lock_passwd": True,
                "ssh_authorized_keys": [management],
            },
        ],
        "write_files": [
            {
                "path": AGENT_PATH,
                "permissions": "0755",
                "encoding": "gz+b64",
                "content": _program_text(),
            },
            _file(f"{STATE_PATH}/manifest.json", _manifest(name, wanted)),
            {
                "path": f"{STATE_PATH}/facts.json",
                "permissions": "0600",
                "content": documents.facts(
                    name, addresses, plain, wanted.digest(), volumes
                ),
            },
            _file(_NODE_PATH, _NODE.encode(), "0644"),
        ],
        "bootcmd": [_FIRST_START],
    }
    text = f"#cloud-config\n{json.dumps(config, separators=(',', ':'))}\n"
    length = 4 * ((len(text.encode()) + 2) // 3)
    if length > MOST:
        raise exceptions.Permanent(
            f"The description of {name} is too long for the cloud: {length} bytes of "
            f"user data, {MOST} are allowed.",
            code="USER_DATA_TOO_LONG",
            hint="Set fewer or shorter configurations.",
        )
    return text


def constants(name: str, wanted: manifest.Manifest) -> dict[str, str]:
    """The long texts of an instance's user data that others have as well, each under
    a name that is derived from it."""
    document = _packed(_manifest(name, wanted))
    mark = hashlib.sha256(document.encode()).hexdigest()[:12]
    return {"program": _program_text(), f"manifest-{mark}": document}


def _manifest(name: str, wanted: manifest.Manifest) -> bytes:
    return documents.document(name, wanted).encode()


@functools.cache
def _program_text() -> str:
    return _packed(program())


@functools.cache
def program() -> bytes:
    """``sparkaas-node`` as one executable file: a zip archive that Python runs. Equal
    sources make equal bytes. Its files lie in it as they are: packed all together they
    become a third smaller than one by one."""
    made = io.BytesIO(b"")
    made.write(b"#!/usr/bin/python3\n")
    with zipfile.ZipFile(made, "a") as archive:
        _add(archive, "sparkaas/__init__.py", b"")
        _add(archive, "__main__.py", _MAIN)
        files = importlib.resources.files("sparkaas.node")
        for each in sorted(files.iterdir(), key=lambda each: each.name):
            if each.name.endswith(".py"):
                _add(archive, f"sparkaas/node/{each.name}", each.read_bytes())
    return made.getvalue()


_MAIN = b"""\
import runpy
runpy.run_module("sparkaas.node", run_name="__main__", alter_sys=True)
"""


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content)


def _file(path: str, content: bytes, permissions: str = "0600") -> dict[str, str]:
    return {
        "path": path,
        "permissions": permissions,
        "encoding": "gz+b64",
        "content": _packed(content),
    }


def _packed(content: bytes) -> str:
    # Without a time in it, so that equal content is equal user data.
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()

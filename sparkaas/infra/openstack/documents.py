# SPDX-License-Identifier: Apache-2.0
"""What a node reads: its manifest, and what the manifest's symbols mean there. Pure."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import manifest

_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def document(name: str, wanted: manifest.Manifest) -> str:
    """``manifest.json`` of the instance of that name, which does not stand in it: nodes
    that are alike have the same. Raises ``exceptions.Permanent`` for a manifest that no
    server can follow."""
    _check(wanted)
    text = json.dumps(dataclasses.asdict(wanted), sort_keys=True, separators=(",", ":"))
    return text.replace(manifest.address(name), manifest.address(""))


def facts(
    name: str,
    addresses: Mapping[str, str],
    secrets: Mapping[str, str],
    digest: str,
    volumes: Sequence[str] = (),
) -> str:
    """``facts.json``: what the node of that name knows of itself and the others;
    ``digest`` is its manifest's, ``volumes`` are the mount points without which it must
    not start."""
    value = {
        "name": name,
        "digest": digest,
        "addresses": {**addresses, "": addresses[name]},
        "secrets": dict(secrets),
        "volumes": list(volumes),
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def symbols(wanted: manifest.Manifest, kind: str) -> tuple[str, ...]:
    """The names of all symbols of a kind in a manifest, in order."""
    text = json.dumps(dataclasses.asdict(wanted))
    return tuple(sorted(n for k, n in manifest.symbols(text) if k == kind))


def _defect(sentence: str) -> exceptions.Permanent:
    return exceptions.Permanent(
        sentence, code="MANIFEST_INVALID", hint="This is a defect of the plugin."
    )


def _check(wanted: manifest.Manifest) -> None:
    names = [service.name for service in wanted.services]
    if len(set(names)) != len(names):
        raise _defect("Two services of a node have the same name.")
    for service in wanted.services:
        if not _SERVICE.fullmatch(service.name):
            raise _defect(f"{service.name!r} is no name for a service.")
        if any(
            kind == "secret"
            for word in service.argv
            for kind, _ in manifest.symbols(word)
        ):
            # Every user of the node can read a command line.
            raise _defect(f"The command of {service.name} shows a secret.")
    for path in [f.path for f in wanted.files] + [d.path for d in wanted.directories]:
        if not path.startswith(f"{manifest.ROOT}/"):
            raise _defect(f"The path {path} does not begin with the node's root.")


def parsed(text: bytes) -> Mapping[str, Any]:
    """What ``sparkaas-node status`` printed. Raises ``exceptions.Transient``."""
    try:
        found = json.loads(text)
        services = found["services"].items()
        return {
            "digest": str(found["digest"]),
            "doing": str(found.get("doing", "")),
            "error": str(found["error"]),
            "services": {
                str(name): (str(state["state"]), str(state["detail"]))
                for name, state in services
            },
        }
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise exceptions.Transient("The node's answer makes no sense.") from error

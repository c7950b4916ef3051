# SPDX-License-Identifier: Apache-2.0
"""Has a node fetch a file itself: the service's side of ``puller.py``."""

from __future__ import annotations

import json
import pathlib
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces

_HERE = pathlib.Path(__file__).parent
_WRITE_DEADLINE = 60.0
#: Seconds that a node has to tell how it ended.
_GRACE = 15.0
#: How often a node is asked to fetch from a store that does not give it now. Each time
#: it tries for ``puller.PATIENCE`` seconds itself, or twice that where nothing answers:
#: two minutes in all, or four.
TRIES = 4


def pull(
    remote: interfaces.Remote,
    url: str,
    path: str,
    *,
    shown: str,
    directory: str,
    limit: int,
    deadline: float,
) -> None:
    """Put the file of ``url`` to ``path``, at most ``limit`` bytes. ``shown`` is its
    name for people, ``directory`` the job's. Raises ``exceptions.Permanent`` for what
    will not change, ``Transient`` when the store does not give it now."""
    script = f"{directory}/.launch/puller.py"
    content = (_HERE / "puller.py").read_bytes()
    remote.write_file(script, [content], deadline=_WRITE_DEADLINE)
    asked = {"url": url, "path": path, "limit": limit, "seconds": deadline}
    done = remote.run(
        (remote.python, "-I", script),
        deadline=deadline + _GRACE,
        input=json.dumps(asked).encode() + b"\n",
    )
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise exceptions.Transient(
            f"The node did not fetch {shown} (exit code {done.exit_code}): {last}"
        ) from None
    if error := failure(told, shown, limit):
        raise error


def failure(
    told: dict[str, Any], shown: str, limit: int
) -> exceptions.SparkaasError | None:
    """What a node's answer means. Pure."""
    if "error" not in told:
        return None
    if told.get("large"):
        return exceptions.Permanent(
            f"{shown} is larger than {limit} bytes.",
            code="BINARY_TOO_LARGE",
            hint="Take a smaller file, or raise [edp] max_binary_bytes.",
        )
    if told.get("full"):
        return exceptions.Permanent(
            f"The disk of the node has no room for {shown}.",
            code="DISK_FULL",
            hint="Free space on the node, or use a flavor with a larger disk.",
        )
    status = told.get("status", 0)
    what = told.get("code") or told["error"]
    if status == 404 and what == "NoSuchBucket":
        return exceptions.Permanent(
            f"The container (bucket) of {shown} does not exist.",
            code="BUCKET_NOT_FOUND",
            hint="Create it, or correct the address.",
        )
    if status == 404:
        return exceptions.Permanent(
            f"{shown} does not exist.",
            code="BINARY_NOT_FOUND",
            hint="Check its container (bucket) and its name.",
        )
    if status in (401, 403):
        return exceptions.Permanent(
            f"The object store refuses to give {shown}: {what} ({status}).",
            code="OBJECT_STORE_DENIED",
            hint="Check the credentials, and whether they may read it. Swift refuses "
            "every key while Keystone does not answer it.",
        )
    if 300 <= status < 500 and status not in (408, 429):
        return exceptions.Permanent(
            f"The object store does not give {shown}: {what} ({status}).",
            code="OBJECT_STORE_REFUSED",
            hint="Check the endpoint and the region of its S3 API.",
        )
    return exceptions.Transient(
        f"The object store does not give {shown} now: {what}.",
        code="OBJECT_STORE_UNAVAILABLE",
        hint="Launch the job again when the store is well.",
        tries=TRIES,
    )

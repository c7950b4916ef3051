# SPDX-License-Identifier: Apache-2.0
"""Fetches one file from a URL: copied to a node and run by itself.

``puller.py`` reads a line of JSON from stdin (``url path limit seconds``, perhaps
``patience``), writes the file with mode 0600, wholly or not at all, and prints one of
JSON: ``size`` and ``sha256``, or ``error`` with ``status`` (of HTTP; 0: none came) and
``code`` (S3's own word for it, if it came), or ``full`` (the disk).
Standard library only. The URL opens the file for everyone: it stands nowhere else.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from typing import Any

CHUNK = 1 << 20
#: Seconds without a byte, and between attempts at first and at most.
SILENCE = 30.0
PAUSE = 0.5
PAUSE_MOST = 8.0
#: Seconds after a failure in which it is tried again: longer is the service's business,
#: which tells its user meanwhile.
PATIENCE = 30.0
#: Of an answer that is an error, so much is read.
MOST_OF_ERROR = 1 << 16
CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")


class NoRedirection(urllib.request.HTTPRedirectHandler):
    """What the URL names is what is wanted."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Wrong(Exception):
    """It cannot be had; the argument is the answer."""


def pull(
    url: str, path: str, limit: int, seconds: float, patience: float = PATIENCE
) -> dict[str, Any]:
    """Fetch it, again while the store is busy or breaks off."""
    end = time.monotonic() + seconds
    last: float | None = None
    pause = PAUSE
    new = f"{path}.part"
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    try:
        while True:
            try:
                size, digest = once(url, new, limit, end)
                os.replace(new, path)
                return {"size": size, "sha256": digest}
            except urllib.error.HTTPError as error:
                told = said(error)
                if error.code < 500 and error.code not in (408, 429):
                    return told
            except (http.client.HTTPException, OSError) as error:
                if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                    return {"error": "the disk is full", "full": True}
                told = {"error": f"{type(error).__name__}: {error}", "status": 0}
            last = last or min(end, time.monotonic() + patience)
            if time.monotonic() + pause > last:
                return told
            time.sleep(pause)
            pause = min(2 * pause, PAUSE_MOST)
    except Wrong as wrong:
        return dict(wrong.args[0])
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)


def said(error: urllib.error.HTTPError) -> dict[str, Any]:
    """What an answer that is an error tells."""
    body = b""
    with contextlib.suppress(http.client.HTTPException, OSError), error:
        body = error.read(MOST_OF_ERROR)
    code = CODE.search(body)
    return {
        "error": error.reason,
        "status": error.code,
        "code": code[1].decode() if code else "",
    }


def once(url: str, new: str, limit: int, end: float) -> tuple[int, str]:
    """One attempt: its size and SHA-256."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), NoRedirection()
    )
    digest = hashlib.sha256()
    size = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with opener.open(url, timeout=SILENCE) as answer:
        whole = int(answer.headers.get("Content-Length") or -1)
        if whole > limit:
            raise Wrong({"error": f"it has {whole} bytes", "large": True})
        with open(os.open(new, flags, 0o600), "wb") as stream:
            while chunk := answer.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise Wrong({"error": "it does not end", "large": True})
                if time.monotonic() > end:
                    raise Wrong({"error": f"{size} bytes came in time", "status": 0})
                digest.update(chunk)
                stream.write(chunk)
    if size < whole:
        raise OSError(f"it ended after {size} of {whole} bytes")
    return size, digest.hexdigest()


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    print(json.dumps(pull(**asked)))


if __name__ == "__main__":
    main()

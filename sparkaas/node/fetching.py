# SPDX-License-Identifier: Apache-2.0
"""Fetches an archive: patient with a mirror that is away for a while."""

from __future__ import annotations

import hashlib
import http.client
import pathlib
import time
import urllib.error
import urllib.request

from sparkaas.node import documents

#: Seconds that a download may take, with all attempts.
PATIENCE = 900.0
#: Bytes of an archive.
MOST = 4 << 30
#: Seconds without a byte; between attempts, at first and at most.
_SILENCE = 30.0
_PAUSE = 1.0
_PAUSE_MOST = 20.0
_CHUNK = 1 << 20
#: Seconds between two notes of how far it is.
_NOTE = 2.0


def download(url: str, target: pathlib.Path, label: str) -> str:
    """Fetch a file; its SHA-256 in hex. Raises ``documents.Failure`` at once for what
    the mirror refuses, and after ``PATIENCE`` seconds for what does not work."""
    if not url.startswith(("http://", "https://")):
        raise documents.Failure(f"{url} is not an http URL.")
    end = time.monotonic() + PATIENCE
    pause = _PAUSE
    while True:
        try:
            return _once(url, target, label, end)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                raise documents.Failure(f"{url} cannot be fetched: {error}.") from error
            why = str(error)
        except (OSError, http.client.HTTPException) as error:
            why = f"{type(error).__name__}: {error}"
        if time.monotonic() + pause > end:
            raise documents.Failure(
                f"{url} cannot be fetched within {PATIENCE:.0f} s: {why}."
            )
        documents.keep("doing.json", {"doing": f"{label} is fetched: {why}"})
        time.sleep(pause)
        pause = min(2 * pause, _PAUSE_MOST)


def _once(url: str, target: pathlib.Path, label: str, end: float) -> str:
    digest = hashlib.sha256()
    had, noted = 0, 0.0
    request = urllib.request.Request(url)
    with urllib.request.urlopen(request, timeout=_SILENCE) as answer:
        whole = int(answer.headers.get("Content-Length") or 0)
        with target.open("wb") as out:
            while chunk := answer.read(_CHUNK):
                had += len(chunk)
                digest.update(chunk)
                out.write(chunk)
                now = time.monotonic()
                if now > end or had > MOST:
                    raise documents.Failure(
                        f"{url} takes longer than {PATIENCE:.0f} s, or is larger than "
                        f"{MOST >> 20} MB: {had >> 20} MB came."
                    )
                if now > noted + _NOTE:
                    noted = now
                    far = f"{had >> 20} of {whole >> 20} MB" if whole else "begun"
                    documents.keep(
                        "doing.json", {"doing": f"{label} is fetched: {far}"}
                    )
    if whole and had != whole:
        raise OSError(f"it ended after {had} of {whole} bytes")
    return digest.hexdigest()

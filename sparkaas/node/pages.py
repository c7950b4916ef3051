# SPDX-License-Identifier: Apache-2.0
"""A page of a server as the node sees it, without any proxy."""

from __future__ import annotations

import http.client
import urllib.parse
import urllib.request
from typing import Any


class _SameServer(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to the same server only."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        there = urllib.parse.urlsplit(newurl)
        if there[:2] != urllib.parse.urlsplit(req.full_url)[:2]:
            raise OSError("it sends elsewhere")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(header: dict[str, Any]) -> bytes:
    """The body of the answer to a GET: ``url``, of at most ``limit`` bytes, within
    ``deadline`` seconds. Raises ``OSError`` for everything else."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _SameServer())
    if not header["url"].startswith("http://"):
        raise OSError("it is not an http URL")
    try:
        with opener.open(header["url"], timeout=header["deadline"]) as answer:
            body = answer.read(header["limit"] + 1)
    except (ValueError, http.client.HTTPException) as error:
        raise OSError(f"it does not answer: {error}") from error
    if len(body) > header["limit"]:
        raise OSError(f"it answers more than {header['limit']} bytes")
    return bytes(body)

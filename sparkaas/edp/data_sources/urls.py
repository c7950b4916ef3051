# SPDX-License-Identifier: Apache-2.0
"""What the checks of URLs have in common."""

from __future__ import annotations

import urllib.parse
import uuid

from sparkaas import exceptions


def split(url: str) -> urllib.parse.SplitResult:
    """The parts of ``url``; raises ``exceptions.InvalidRequest`` for nonsense."""
    if not url or any(ord(char) < 33 or ord(char) == 127 for char in url):
        raise exceptions.InvalidRequest(
            "A data source's URL must not be empty or hold spaces or control characters"
        )
    try:
        return urllib.parse.urlsplit(url)
    except ValueError as error:
        raise exceptions.InvalidRequest(f"Not a URL: {url} ({error})") from None


def require_scheme(parts: urllib.parse.SplitResult, *schemes: str) -> None:
    """Raise unless the URL has one of ``schemes``."""
    if parts.scheme not in schemes:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise exceptions.InvalidRequest(f"The URL must begin with {wanted}")


def require_share(parts: urllib.parse.SplitResult) -> None:
    """Raise unless the URL is ``manila://SHARE/PATH`` with a share's UUID."""
    require_scheme(parts, "manila")
    try:
        uuid.UUID(parts.netloc)
    except ValueError:
        raise exceptions.InvalidRequest(
            f"{parts.netloc or 'Nothing'} is not a share's UUID",
            hint="The form is manila://SHARE-UUID/PATH.",
        ) from None
    if len(parts.path) < 2:
        raise exceptions.InvalidRequest("The URL must have a path within the share")


def require_hadoop(url: str, scheme: str, *, host: bool = True) -> None:
    """Raise unless ``url`` is ``SCHEME://HOST/PATH`` or a bare path; without ``host``
    HOST may be left out."""
    parts = split(url)
    if parts.scheme:
        require_scheme(parts, scheme)
        if host and not parts.netloc:
            raise exceptions.InvalidRequest(f"A {scheme}:// URL needs a host")
    elif parts.netloc or not parts.path:
        raise exceptions.InvalidRequest(
            f"The URL must be {scheme}://HOST/PATH or a path"
        )

# SPDX-License-Identifier: Apache-2.0
"""A URL that opens one object for a while: Signature Version 4 in the query.

Who has it needs no keys. Pure functions.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import urllib.parse

from sparkaas import interfaces

_ALGORITHM = "AWS4-HMAC-SHA256"


def url(
    keys: interfaces.ObjectKeys,
    bucket: str,
    name: str,
    now: datetime.datetime,
    seconds: int,
) -> str:
    """For a GET of the object ``name``, from ``now`` on for ``seconds``."""
    parts = urllib.parse.urlsplit(keys.endpoint)
    path = f"{parts.path.rstrip('/')}/{_quoted(bucket)}/{_quoted(name, '/')}"
    at = now.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{at[:8]}/{keys.region}/s3/aws4_request"
    query = _query(
        {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{keys.access}/{scope}",
            "X-Amz-Date": at,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
    )
    request = f"GET\n{path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = b"AWS4" + keys.secret.encode()
    for step in scope.split("/"):
        key = _mac(key, step)
    signature = _mac(key, f"{_ALGORITHM}\n{at}\n{scope}\n{digest}").hex()
    return f"{parts.scheme}://{parts.netloc}{path}?{query}&X-Amz-Signature={signature}"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _quoted(text: str, safe: str = "") -> str:
    return urllib.parse.quote(text, safe=f"{safe}-_.~")


def _query(values: dict[str, str]) -> str:
    return "&".join(f"{_quoted(k)}={_quoted(values[k])}" for k in sorted(values))

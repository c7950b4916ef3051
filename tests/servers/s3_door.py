# SPDX-License-Identifier: Apache-2.0
"""What stands before an S3's application in WSGI: who may come in, and named faults.

moto lets everyone in. Amazon's does not, and the errors of keys are what is tested: so
Signature Version 4 is checked here, in headers and in queries, by the same rules, the
region too. Answers to HEAD have no body, as Amazon's have none: a client learns no code
from them. Unlike Amazon's, the age of a request, the hash of its body and the expiry
of a URL are not checked, a key opens every bucket, a bucket's own region is told in no
header (as stores that are not Amazon's do not), and a revoked key is known to be so at
once, where it may take Amazon's some minutes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import threading
import urllib.parse
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

#: Where buckets are when nobody says otherwise, which moto shares with Amazon.
REGION = "us-east-1"
#: Seconds after which an answer that is kept back is given up.
SILENCE = 120.0

_SENTENCES = {
    "AccessDenied": (403, "Access Denied"),
    "AuthorizationHeaderMalformed": (
        400,
        f"The authorization header is malformed; expecting '{REGION}'",
    ),
    "AuthorizationQueryParametersError": (
        400,
        f"Error parsing the X-Amz-Credential parameter; expecting '{REGION}'",
    ),
    "InvalidAccessKeyId": (
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you "
        "provided. Check your key and signing method.",
    ),
    "SlowDown": (503, "Please reduce your request rate."),
}
_STATUS = {400: "Bad Request", 403: "Forbidden", 503: "Service Unavailable"}


@dataclasses.dataclass(frozen=True)
class Request:
    """One that came in; ``path`` is as it was sent, without the query."""

    method: str
    path: str
    query: str
    access: str
    headers: dict[str, str]


class Door:
    """A WSGI application around another. A key's faults can change at any time, and
    are nobody else's."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner
        #: Key to the store -> its secret.
        self.keys: dict[str, str] = {}
        self._seen: list[tuple[Request, str]] = []
        self._lock = threading.Lock()
        self._busy: dict[str, float] = {}
        self._silent: set[str] = set()
        self._goes_on = threading.Event()

    def busy(self, access: str, times: float = float("inf")) -> None:
        """503 SlowDown for so many requests with that key, without end by default."""
        with self._lock:
            self._busy[access] = times

    def silent(self, access: str) -> None:
        """No answer to requests with that key, for ``SILENCE`` seconds each."""
        with self._lock:
            self._silent.add(access)

    def revoke(self, access: str) -> None:
        """From now on nobody knows that key."""
        self.keys.pop(access, None)

    def seen(self, access: str) -> list[tuple[Request, str]]:
        """The requests with a key, each with the code of its error, in order."""
        with self._lock:
            return [one for one in self._seen if one[0].access == access]

    def close(self) -> None:
        """Let go who waits for an answer."""
        self._goes_on.set()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = _request(environ)
        code = self._refusal(request)
        with self._lock:
            self._seen.append((request, code))
            silent = request.access in self._silent
        if silent:
            self._goes_on.wait(SILENCE)
        if not code:
            return self._inner(environ, start_response)
        # What is left of it would be taken for the connection's next request.
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return _refuse(code, request, start_response)

    def _refusal(self, request: Request) -> str:
        """The code of the error; empty for a request that is to be served."""
        with self._lock:
            left = self._busy.get(request.access, 0)
            if left > 0:
                self._busy[request.access] = left - 1
                return "SlowDown"
        if not request.access:
            return "AccessDenied"
        secret = self.keys.get(request.access)
        return "InvalidAccessKeyId" if secret is None else _check(request, secret)


def _request(environ: dict[str, Any]) -> Request:
    path, _, query = str(environ["RAW_URI"]).partition("?")
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith(("HTTP_", "CONTENT_")) and isinstance(value, str)
    }
    given = _signed(query, headers)
    access = given.get("Credential", "").partition("/")[0]
    return Request(environ["REQUEST_METHOD"], path, query, access, headers)


def _signed(query: str, headers: dict[str, str]) -> dict[str, str]:
    """``Credential``, ``SignedHeaders`` and ``Signature``, as far as given."""
    found = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    if "X-Amz-Signature" in found:
        return {name.removeprefix("X-Amz-"): found[name] for name in found}
    _, _, rest = headers.get("authorization", "").partition(" ")
    parts = (part.strip().partition("=") for part in rest.split(","))
    return {name: value for name, _, value in parts}


def _check(request: Request, secret: str) -> str:
    """The code of the error in a signature; empty for a good one."""
    given = _signed(request.query, request.headers)
    _, _, scope = given["Credential"].partition("/")
    date, region, service, last = scope.split("/")
    if region != REGION:
        if "authorization" not in request.headers:
            return "AuthorizationQueryParametersError"
        return "AuthorizationHeaderMalformed"
    pairs = [part.partition("=") for part in request.query.split("&") if part]
    query = "&".join(
        f"{name}={value}" for name, _, value in sorted(pairs) if name != _IN_QUERY
    )
    names = given["SignedHeaders"].split(";")
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names
    )
    body = request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    asked = "\n".join(
        (request.method, request.path, query, headers, ";".join(names), body)
    )
    at = given.get("Date") or request.headers["x-amz-date"]
    digest = hashlib.sha256(asked.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for step in (date, region, service, last):
        key = hmac.digest(key, step.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}"
    good = hmac.digest(key, text.encode(), "sha256").hex()
    return "" if good == given["Signature"] else "SignatureDoesNotMatch"


_IN_QUERY = "X-Amz-Signature"


def _refuse(
    code: str, request: Request, start_response: Callable[..., Any]
) -> Iterable[bytes]:
    status, message = _SENTENCES[code]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>"
        f"<Resource>{request.path}</Resource><RequestId>0</RequestId></Error>"
    )
    body = b"" if request.method == "HEAD" else text.encode()
    headers = [("Content-Type", "application/xml"), ("x-amz-request-id", "0")]
    if body:
        headers.append(("Content-Length", str(len(body))))
    start_response(f"{status} {_STATUS[status]}", headers)
    return [body]

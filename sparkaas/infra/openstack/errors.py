# SPDX-License-Identifier: Apache-2.0
"""What the cloud's clients raise, in our words: the only place that knows theirs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from cinderclient import exceptions as cinder
from heatclient import exc as heat
from keystoneauth1 import exceptions as keystone
from novaclient import exceptions as nova
from openstack import exceptions as sdk

from sparkaas import exceptions

#: Nothing of that name or id.
ABSENT = (
    heat.HTTPNotFound,
    keystone.NotFound,
    nova.NotFound,
    cinder.NotFound,
    sdk.NotFoundException,
)
#: The identity may not know or do that.
FORBIDDEN = (
    heat.HTTPForbidden,
    keystone.Forbidden,
    nova.Forbidden,
    cinder.Forbidden,
    sdk.ForbiddenException,
)
_ANY = (
    heat.HTTPException,
    keystone.ClientException,
    nova.ClientException,
    cinder.ClientException,
    sdk.SDKException,
)
#: The cloud understood, and will say the same again.
_FINAL = frozenset({400, 403, 404, 405, 406, 409, 410, 413})


#: The cloud does not know who asks; Keystone knows, and gives no token.
UNAUTHORIZED = "CLOUD_UNAUTHORIZED"
LOGIN_REFUSED = "CLOUD_LOGIN_REFUSED"
#: Something that is there is in the way.
CONFLICT = "CLOUD_CONFLICT"


@contextlib.contextmanager
def explained(doing: str) -> Iterator[None]:
    """Raise ``exceptions.Permanent`` when the cloud refuses what is being done, and
    ``exceptions.Transient`` when it does not answer, or not sensibly."""
    try:
        yield
    except _ANY as error:
        status = _status(error)
        message = f"{doing}: the cloud says {_text(error)}"
        if isinstance(error, keystone.Unauthorized) or status == 401:
            raise exceptions.Transient(message, code=UNAUTHORIZED) from error
        if status == 403 and _is_login(error):
            raise exceptions.Permanent(message, code=LOGIN_REFUSED) from error
        if status in _FINAL:
            code, hint = cause(message)
            raise exceptions.Permanent(
                message,
                code=code or (CONFLICT if status == 409 else "CLOUD_REFUSED"),
                hint=hint or "Correct what the cloud complains of and ask again.",
            ) from error
        raise exceptions.Transient(message, code="CLOUD_UNAVAILABLE") from error


def _is_login(error: BaseException) -> bool:
    """Whether it was Keystone that refused, as it was asked for a token."""
    url = getattr(error, "url", None)
    return str(url or "").rstrip("/").endswith("/auth/tokens")


def raise_for(answer: Any) -> None:
    """Raise what the kept client would for an answer that is an error."""
    sdk.raise_from_response(answer)


def cause(text: str) -> tuple[str, str]:
    """The reason code and the hint for what a service of the cloud complains of; both
    empty: nothing that is known. Pure."""
    for pattern, code, hint in _CAUSES:
        if re.search(pattern, text, re.IGNORECASE):
            return code, hint
    return "", ""


_CAUSES = (
    (
        r"no valid host|not enough hosts available",
        "NO_VALID_HOST",
        "No host of the cloud has room for such a server: take a smaller flavor, fewer "
        "nodes, another availability zone or softer anti-affinity.",
    ),
    (
        r"no more ip addresses|IpAddressGenerationFailure|no available ip",
        "NO_FREE_ADDRESS",
        "Release addresses that are not used, or take another network or pool.",
    ),
    (
        r"quota|VolumeSizeExceedsAvailable|OverLimit|maximum number of",
        "QUOTA_ERROR",
        "Take fewer or smaller nodes, delete what is not used, or ask the cloud's "
        "operator for more.",
    ),
    (
        r"\bimage\b.*(could not be found|not found|is not active|deleted)"
        r"|no images matching",
        "IMAGE_GONE",
        "Register an image that exists and create the cluster with it.",
    ),
    (
        r"\bflavor\b.*(could not be found|not found)",
        "FLAVOR_GONE",
        "Choose another flavor.",
    ),
)


def _status(error: BaseException) -> int | None:
    for name in ("http_status", "status_code", "code"):
        found = getattr(error, name, None)
        if isinstance(found, int):
            return found
    return None


def _text(error: BaseException) -> str:
    """Its first line, bounded: an answer of the cloud may be a page."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{lines[0][:500]}."

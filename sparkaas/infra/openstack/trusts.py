# SPDX-License-Identifier: Apache-2.0
"""Keystone trusts: a cluster's owner lends the service some roles until it is gone.

Nothing of the owner's own credentials is kept. API: Keystone's OS-TRUST extension.

A trust has no name and no metadata, and several installations may share a service
user. So the time at which it ends, which must be one and may be any, says whose it is:
it lies in a far century, and the seconds since that began are the installation's mark.
Keystone keeps whole seconds, and refuses a second trust between the same two users in
a project that ends at the same one.

What was found by trying, with Keystone 30 (2026.2):

- Only the trustor can delete a trust, so the service deletes it in their name. That
  fails with 403 for a trustor that is disabled or has lost one of the roles: the trust
  is still there, gives no token, and works again once that is mended.
- Trusts go with their user and their project. One that is gone answers a login with
  401, as a wrong password does; the trustee may ask for it, and gets 404.
- A token of a trust ends with the trust for Keystone; services that keep answers of
  Keystone (``[keystone_authtoken] token_cache_time``) take it until they forget them.
- By a trust's token no application credential can be made, and no EC2 credential by
  either API, nor can one be seen or deleted (403: "Delegated tokens cannot access
  credentials directly", LP#2159643); older releases allowed EC2 credentials. So there
  is nothing that a job could be given that lasts longer than a token: what the service
  does in an owner's name, it does itself.
- A trust can be lent on by its token, to end earlier than itself, but not from a trust
  without end (400: Keystone compares the time with nothing).
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import secrets
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions

#: When the far century begins; a trust's place in it is ``mark * _EACH + number``.
_BEGIN = datetime.datetime(2900, 1, 1, tzinfo=datetime.UTC)
_MARKS = 1 << 20
_EACH = 1 << 17
_FORMAT = "%Y-%m-%dT%H:%M:%S"
#: How often another second is tried for one that is taken.
_TRIES = 5


def create(
    clouds: sessions.Sessions,
    caller: interfaces.Caller,
    roles: Sequence[str],
    installation: str,
) -> str:
    """A trust of the caller's for the service's user. Raises
    ``exceptions.InvalidRequest`` when the caller has nothing to lend."""
    for _ in range(_TRIES):
        try:
            with errors.explained("Making a trust"):
                return _create(clouds, caller, roles, installation)
        except exceptions.Permanent as error:
            if error.code == errors.CONFLICT:
                continue
            raise exceptions.CreationFailed(
                error.message,
                code="TRUST_REFUSED",
                hint=f"A cluster's owner must have the roles {', '.join(roles)}.",
            ) from error
    raise exceptions.Transient("Keystone finds no room for one more trust.")


def _create(
    clouds: sessions.Sessions,
    caller: interfaces.Caller,
    roles: Sequence[str],
    installation: str,
) -> str:
    made = clouds.of_caller(caller).sdk.identity.create_trust(
        trustor_user_id=caller.user_id,
        trustee_user_id=clouds.service.user_id,
        project_id=caller.project_id,
        impersonation=True,
        expires_at=end(installation, secrets.randbelow(_EACH)),
        # Heat makes a trust of its own, of ours.
        allow_redelegation=True,
        redelegation_count=1,
        roles=[{"name": role} for role in roles],
    )
    id: str = made.id
    return id


def delete(clouds: sessions.Sessions, trust_id: str) -> None:
    """Already gone is fine: it may have gone with the owner or the project. Raises
    ``exceptions.Permanent`` for one that cannot be used, not even to delete it."""
    try:
        with explained(clouds, trust_id), errors.explained("Deleting a trust"):
            clouds.of_trust(trust_id).sdk.identity.delete_trust(
                trust_id, ignore_missing=True
            )
    except exceptions.Permanent as error:
        if error.code != GONE:
            raise


def is_usable(clouds: sessions.Sessions, trust_id: str) -> bool:
    """Whether Keystone gives a token for it now."""
    session = clouds.of_trust(trust_id).session
    # What was given before may be kept.
    session.invalidate()
    try:
        with explained(clouds, trust_id), errors.explained("Using a trust"):
            session.get_token()
    except exceptions.Permanent:
        return False
    return True


def given(clouds: sessions.Sessions, installation: str) -> Mapping[str, str]:
    """Every trust that the installation has: its id -> its project."""
    with errors.explained("Listing trusts"):
        service = clouds.service
        found = service.sdk.identity.trusts(trustee_user_id=service.user_id)
        return {
            trust.id: trust.project_id
            for trust in found
            if trust.expires_at and _is_of(installation, trust.expires_at)
        }


def end(installation: str, number: int) -> str:
    """The time at which a trust of the installation ends, in words. Pure."""
    seconds = _mark(installation) * _EACH + number
    when = _BEGIN + datetime.timedelta(seconds=seconds)
    return when.strftime(f"{_FORMAT}.000000Z")


def _is_of(installation: str, ends: str) -> bool:
    when = datetime.datetime.strptime(ends[:19], _FORMAT).replace(tzinfo=datetime.UTC)
    seconds = int((when - _BEGIN).total_seconds())
    return seconds // _EACH == _mark(installation)


def _mark(installation: str) -> int:
    digest = hashlib.sha256(installation.encode()).digest()
    return int.from_bytes(digest[:8]) % _MARKS


#: Codes of the reasons why a trust gives no token.
GONE = "TRUST_GONE"
REFUSED = "TRUST_UNUSABLE"
_HINT = (
    "Whoever may change the cluster can ask for its deletion, its size or a check of "
    "its health: it goes on in their name."
)


@contextlib.contextmanager
def explained(clouds: sessions.Sessions, trust_id: str) -> Iterator[None]:
    """Raise ``exceptions.Permanent`` where the cloud lets the service not in because of
    the trust: tell what became of it."""
    try:
        yield
    except exceptions.SparkaasError as error:
        if error.code == errors.LOGIN_REFUSED:
            raise exceptions.Permanent(
                "The service may not act for the cluster's owner now: they are "
                "disabled, or have lost one of the roles that they lent.",
                code=REFUSED,
                hint=_HINT,
            ) from error
        if error.code == errors.UNAUTHORIZED and _is_gone(clouds, trust_id):
            raise exceptions.Permanent(
                "The service may not act for the cluster's owner any more: they, or "
                "the project, or the trust between them and the service were removed.",
                code=GONE,
                hint=_HINT,
            ) from error
        raise


def _is_gone(clouds: sessions.Sessions, trust_id: str) -> bool:
    with errors.explained("Looking for a trust"):
        try:
            clouds.service.sdk.identity.get_trust(trust_id)
        except errors.ABSENT:
            return True
        return False

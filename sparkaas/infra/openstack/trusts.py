# SPDX-License-Identifier: Apache-2.0
"""Keystone trusts: a cluster's owner lends the service some roles until it is gone.

Nothing of the owner's own credentials is kept. API: Keystone's OS-TRUST extension.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions


def create(
    clouds: sessions.Sessions, caller: interfaces.Caller, roles: Sequence[str]
) -> str:
    """A trust of the caller's for the service's user. Raises
    ``exceptions.InvalidRequest`` when the caller has nothing to lend."""
    try:
        with errors.explained("Making a trust"):
            made = clouds.of_caller(caller).sdk.identity.create_trust(
                trustor_user_id=caller.user_id,
                trustee_user_id=clouds.service.user_id,
                project_id=caller.project_id,
                impersonation=True,
                # Heat makes a trust of its own, of ours.
                allow_redelegation=True,
                redelegation_count=1,
                roles=[{"name": role} for role in roles],
            )
    except exceptions.Permanent as error:
        raise exceptions.CreationFailed(
            error.message,
            code="TRUST_REFUSED",
            hint=f"A cluster's owner must have the roles {', '.join(roles)}.",
        ) from error
    id: str = made.id
    return id


def delete(clouds: sessions.Sessions, trust_id: str) -> None:
    """Already gone is fine: it may have gone with the owner or the project."""
    with errors.explained("Deleting a trust"):
        try:
            clouds.of_trust(trust_id).sdk.identity.delete_trust(
                trust_id, ignore_missing=True
            )
        except errors.GONE:
            return


def given(clouds: sessions.Sessions) -> Mapping[str, str]:
    """Every trust that the service has: its id -> its project."""
    with errors.explained("Listing trusts"):
        service = clouds.service
        found = service.sdk.identity.trusts(trustee_user_id=service.user_id)
        return {trust.id: trust.project_id for trust in found}

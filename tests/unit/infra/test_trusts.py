# SPDX-License-Identifier: Apache-2.0
"""Trusts, against a Keystone that answers as the real one was seen to."""

import types

import pytest
import requests
from keystoneauth1 import exceptions as keystone
from openstack import exceptions as sdk

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.infra.openstack import trusts

CALLER = interfaces.Caller(user_id="owner", project_id="project", token="t")  # noqa: S106
LOGIN = "http://keystone/v3/auth/tokens"


def refusal(kind, text, status):
    """What openstacksdk raises for an answer."""
    answer = requests.Response()
    answer.status_code = status
    return kind(text, response=answer)


class Keystone:
    """``clouds`` and the Keystone behind them. ``lost``: who may not lend any more."""

    def __init__(self):
        self.trusts = {}
        self.lost = set()
        self.logins = 0
        self.without_service = False
        identity = types.SimpleNamespace(trusts=self._list, get_trust=self._get)
        self.service = types.SimpleNamespace(
            user_id="service", sdk=types.SimpleNamespace(identity=identity)
        )

    def of_caller(self, caller):
        identity = types.SimpleNamespace(create_trust=self._create)
        return types.SimpleNamespace(sdk=types.SimpleNamespace(identity=identity))

    def of_trust(self, trust_id):
        session = types.SimpleNamespace(
            invalidate=lambda: None, get_token=lambda: self._log_in(trust_id)
        )
        identity = types.SimpleNamespace(delete_trust=self._delete)
        return types.SimpleNamespace(
            session=session, sdk=types.SimpleNamespace(identity=identity)
        )

    def _create(self, **trust):
        if trust["trustor_user_id"] in self.lost:
            raise refusal(sdk.ForbiddenException, "not a role of yours", 403)
        # Keystone keeps whole seconds.
        trust["expires_at"] = trust["expires_at"][:19] + ".000000Z"
        if any(t["expires_at"] == trust["expires_at"] for t in self.trusts.values()):
            raise refusal(sdk.ConflictException, "Duplicate entry", 409)
        id = f"trust-{len(self.trusts)}"
        self.trusts[id] = trust
        return types.SimpleNamespace(id=id)

    def _list(self, trustee_user_id):
        for id, trust in self.trusts.items():
            if trust["trustee_user_id"] == trustee_user_id:
                shown = {k: trust[k] for k in ("project_id", "expires_at")}
                yield types.SimpleNamespace(id=id, **shown)

    def _get(self, id):
        if id not in self.trusts:
            raise refusal(sdk.NotFoundException, "Could not find trust", 404)

    def _delete(self, id, ignore_missing):
        self._log_in(id)
        del self.trusts[id]

    def _log_in(self, trust_id):
        self.logins += 1
        if self.without_service or trust_id not in self.trusts:
            raise keystone.Unauthorized("requires authentication", url=LOGIN)
        if self.trusts[trust_id]["trustor_user_id"] in self.lost:
            raise keystone.Forbidden("not authorized", url=LOGIN)
        return "token"


@pytest.fixture
def clouds():
    return Keystone()


def make(clouds, installation="one"):
    return trusts.create(clouds, CALLER, ["member"], installation)


def test_a_trust_says_whose_it_is(clouds):
    mine = {make(clouds) for _ in range(3)}
    theirs = make(clouds, "two")
    clouds.trusts["forever"] = {
        "trustee_user_id": "service",
        "project_id": "p",
        "expires_at": None,
    }
    assert trusts.given(clouds, "one") == dict.fromkeys(mine, "project")
    assert trusts.given(clouds, "two") == {theirs: "project"}
    assert trusts.given(clouds, "three") == {}


@pytest.mark.parametrize("number", [0, (1 << 17) - 1])
def test_every_second_of_an_installation_is_its_own(clouds, number):
    for installation in map(str, range(50)):
        clouds.trusts = {
            "t": {
                "trustee_user_id": "service",
                "project_id": "p",
                "expires_at": trusts.end(installation, number),
            }
        }
        assert trusts.given(clouds, installation) == {"t": "p"}


def test_a_second_that_is_taken(clouds):
    """One trust too many for the first choice."""
    taken = {trusts.end("one", number) for number in range(1 << 17)}
    free = trusts.end("one", 7)
    seen = []

    def create(**trust):
        seen.append(trust["expires_at"])
        if len(seen) < 3:
            raise refusal(sdk.ConflictException, "Duplicate entry", 409)
        return types.SimpleNamespace(id="made")

    clouds._create = create
    assert make(clouds) == "made"
    assert len(seen) == 3
    assert {free, *seen} <= taken
    assert len(taken) == 1 << 17


def test_no_second_is_free(clouds):
    def create(**trust):
        raise refusal(sdk.ConflictException, "Duplicate entry", 409)

    clouds._create = create
    with pytest.raises(exceptions.Transient):
        make(clouds)


def test_who_has_nothing_to_lend(clouds):
    clouds.lost.add("owner")
    with pytest.raises(exceptions.InvalidRequest, match="role") as caught:
        make(clouds)
    assert caught.value.code == "TRUST_REFUSED"
    assert "member" in caught.value.hint


def test_one_is_deleted_and_may_be_gone(clouds):
    id = make(clouds)
    trusts.delete(clouds, id)
    assert clouds.trusts == {}
    trusts.delete(clouds, id)


def test_one_whose_owner_may_not_lend_any_more_stays(clouds):
    """It would work again, once they may: not to be forgotten."""
    id = make(clouds)
    clouds.lost.add("owner")
    assert not trusts.is_usable(clouds, id)
    with pytest.raises(exceptions.Permanent) as caught:
        trusts.delete(clouds, id)
    assert caught.value.code == trusts.REFUSED
    assert "lost one of the roles" in caught.value.message
    assert caught.value.hint
    clouds.lost.clear()
    assert trusts.is_usable(clouds, id)
    trusts.delete(clouds, id)
    assert clouds.trusts == {}


def test_one_that_went_with_its_owner_is_told_from_a_service_that_is_not_let_in(clouds):
    id = make(clouds)
    clouds.without_service = True
    with pytest.raises(exceptions.Transient):
        trusts.is_usable(clouds, id)
    with pytest.raises(exceptions.Transient):
        trusts.delete(clouds, id)
    clouds.without_service = False
    assert trusts.is_usable(clouds, id)
    clouds.trusts.clear()
    assert not trusts.is_usable(clouds, id)
    with pytest.raises(exceptions.Permanent) as caught, trusts.explained(clouds, id):
        raise exceptions.Transient("401", code="CLOUD_UNAUTHORIZED")
    assert caught.value.code == trusts.GONE


def test_other_errors_pass(clouds):
    with pytest.raises(exceptions.Permanent) as caught, trusts.explained(clouds, "x"):
        raise exceptions.Permanent("no room", code="QUOTA_ERROR")
    assert caught.value.code == "QUOTA_ERROR"

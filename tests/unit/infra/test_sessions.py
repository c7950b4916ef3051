# SPDX-License-Identifier: Apache-2.0
"""Keystone refuses for a while, tokens run out: what the cloud's clients are given."""

import datetime

import pytest
import requests
import requests_mock

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.cmd import setup
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions

KEYSTONE = "http://keystone/v3"
HEAT = "http://heat/v1/p"


class Cloud:
    """A Keystone that gives tokens with numbers, and a Heat that takes the newest."""

    def __init__(self, mocked):
        self.issued = 0
        self.down = None
        self.revoked = False
        version = {
            "id": "v3.14",
            "status": "stable",
            "links": [{"rel": "self", "href": KEYSTONE}],
        }
        mocked.get(KEYSTONE, json={"version": version})
        mocked.post(f"{KEYSTONE}/auth/tokens", json=self._token)
        mocked.get(f"{HEAT}/stacks", json=self._stacks)

    def _token(self, request, context):
        if isinstance(self.down, Exception):
            raise self.down
        if self.down:
            context.status_code = self.down
            return {"error": {"message": "no", "code": self.down}}
        self.issued += 1
        self.revoked = False
        context.status_code = 201
        context.headers["X-Subject-Token"] = f"token-{self.issued}"
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        endpoint = {
            "interface": "internal",
            "region": "R",
            "region_id": "R",
            "url": HEAT,
            "id": "e",
        }
        return {
            "token": {
                "methods": ["password"],
                "expires_at": later.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "issued_at": "2026-01-01T00:00:00.000000Z",
                "user": {
                    "id": "u",
                    "name": "sparkaas",
                    "domain": {"id": "default", "name": "Default"},
                },
                "project": {
                    "id": "p",
                    "name": "service",
                    "domain": {"id": "default", "name": "Default"},
                },
                "catalog": [
                    {
                        "type": "orchestration",
                        "name": "heat",
                        "id": "s",
                        "endpoints": [endpoint],
                    }
                ],
            }
        }

    def _stacks(self, request, context):
        newest = request.headers["X-Auth-Token"] == f"token-{self.issued}"
        if self.revoked or not newest:
            context.status_code = 401
            return {"error": {"message": "no", "code": 401}}
        return {"stacks": []}


@pytest.fixture
def cloud():
    with requests_mock.Mocker() as mocked:
        yield Cloud(mocked)


@pytest.fixture
def made(tmp_path):
    file = tmp_path / "sparkaas.conf"
    file.write_text(
        "[openstack]\nauth_type = password\n"
        f"auth_url = {KEYSTONE}\nusername = sparkaas\npassword = pw\n"
        "user_domain_name = Default\nproject_name = service\n"
        "project_domain_name = Default\nregion_name = R\n"
    )
    conf = setup.load(setup.options({}), ["--config-file", str(file)], "x", "")
    return sessions.Sessions(conf)


def stacks(made):
    with errors.explained("Listing stacks"):
        return list(made.service.heat.stacks.list())


def test_a_token_that_runs_out_is_replaced_in_the_middle(made, cloud):
    assert stacks(made) == []
    cloud.revoked = True
    assert stacks(made) == []
    assert cloud.issued == 2


@pytest.mark.parametrize("down", [requests.ConnectionError("refused"), 500, 503])
def test_keystone_that_is_away_is_waited_for(made, cloud, down):
    cloud.down = down
    with pytest.raises(exceptions.Transient):
        stacks(made)
    cloud.down = None
    assert stacks(made) == []


def test_keystone_that_goes_away_while_a_token_runs_out(made, cloud):
    assert stacks(made) == []
    cloud.revoked = True
    cloud.down = 503
    with pytest.raises(exceptions.Transient):
        stacks(made)
    cloud.down = None
    assert stacks(made) == []


def test_a_callers_token_is_exchanged_once(made, cloud):
    for _ in range(3):
        made.of_caller(interfaces.Caller("u", "p", "token")).session.get_token()
    assert cloud.issued == 1
    made.of_caller(interfaces.Caller("u", "other", "token")).session.get_token()
    made.of_caller(interfaces.Caller("u", "p", "another")).session.get_token()
    assert cloud.issued == 3


def test_no_call_waits_for_ever(made):
    assert made.service.session.timeout == 60

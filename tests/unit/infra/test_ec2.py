# SPDX-License-Identifier: Apache-2.0
"""EC2 credentials, against a Keystone that answers as the real one was seen to."""

import hashlib
import json
import types

import pytest
import requests

from sparkaas import exceptions
from sparkaas.infra.openstack import ec2

JOB = "0b5c6f0e-7a1c-4d2f-9a53-0c8f6f1d2e3a"
OTHER = "9b5c6f0e-7a1c-4d2f-9a53-0c8f6f1d2e3a"


class Keystone:
    """A ``sessions.Cloud`` of somebody, and the Keystone behind it."""

    user_id = "owner"

    def __init__(self):
        self.credentials = {}
        self.refuses = 0
        self.sdk = types.SimpleNamespace(identity=self)

    def post(self, path, json):
        assert path == "/credentials"
        made = dict(json["credential"])
        blob = _read(made["blob"])
        made["id"] = hashlib.sha256(blob["access"].encode()).hexdigest()
        if self.refuses or made["id"] in self.credentials:
            return _answer(self.refuses or 409)
        self.credentials[made["id"]] = made
        return _answer(201, {"credential": made})

    def get(self, path):
        if self.refuses:
            return _answer(self.refuses)
        if path == "/credentials?type=ec2":
            return _answer(200, {"credentials": [*self.credentials.values()]})
        found = self.credentials.get(path.removeprefix("/credentials/"))
        return _answer(200 if found else 404)

    def delete(self, path):
        if self.refuses:
            return _answer(self.refuses)
        found = self.credentials.pop(path.removeprefix("/credentials/"), None)
        return _answer(204 if found else 404)


_read = json.loads


def _answer(status, body=None):
    answer = requests.Response()
    answer.status_code = status
    answer.headers["Content-Type"] = "application/json"
    answer._content = json.dumps(body or {"error": {"message": "no"}}).encode()
    return answer


@pytest.fixture
def keystone():
    return Keystone()


def test_one_says_whose_it_is():
    key = ec2.access("here", JOB, 3)
    assert ec2.job_of("here", key) == JOB
    assert ec2.job_of("there", key) is None
    assert key.isalnum()
    assert key != ec2.access("here", JOB, 4)


@pytest.mark.parametrize("key", ["", "AKIA0123", "sparkaas", "sparkaas" + "0" * 41])
def test_others_are_nobodys(key):
    assert ec2.job_of("here", key) is None


def test_one_is_made_in_its_owners_name(keystone):
    key = ec2.access("here", JOB, 0)
    secret = ec2.create(keystone, "project", key)
    (made,) = keystone.credentials.values()
    assert made["user_id"] == "owner"
    assert made["project_id"] == "project"
    assert _read(made["blob"]) == {"access": key, "secret": secret}
    assert len(secret) == 64


def test_no_two_are_alike(keystone):
    ec2.create(keystone, "project", ec2.access("here", JOB, 0))
    with pytest.raises(exceptions.Permanent):
        ec2.create(keystone, "project", ec2.access("here", JOB, 0))


def test_what_keystone_refuses(keystone):
    keystone.refuses = 403
    with pytest.raises(exceptions.Permanent, match="Making an EC2 credential"):
        ec2.create(keystone, "project", ec2.access("here", JOB, 0))
    assert not keystone.credentials


def test_one_is_deleted_and_may_be_gone(keystone):
    key = ec2.access("here", JOB, 0)
    ec2.create(keystone, "project", key)
    ec2.create(keystone, "project", ec2.access("here", OTHER, 0))
    ec2.delete(keystone, key)
    ec2.delete(keystone, key)
    assert ec2.given(keystone, "here") == {ec2.access("here", OTHER, 0): OTHER}


def test_looking_for_one(keystone):
    key = ec2.access("here", JOB, 0)
    assert not ec2.is_there(keystone, key)
    ec2.create(keystone, "project", key)
    assert ec2.is_there(keystone, key)


@pytest.mark.parametrize("status", [403, 503])
def test_a_keystone_that_does_not_delete_is_no_success(keystone, status):
    keystone.refuses = status
    with pytest.raises(exceptions.SparkaasError, match="Deleting"):
        ec2.delete(keystone, ec2.access("here", JOB, 0))


def test_only_the_installations_own_are_listed(keystone):
    mine = ec2.access("here", JOB, 1)
    for key in (mine, ec2.access("there", OTHER, 0), "AKIA0123"):
        ec2.create(keystone, "project", key)
    for blob in ("no json", "[]", "{}", '"text"'):
        keystone.credentials[blob] = {"blob": blob}
    assert ec2.given(keystone, "here") == {mine: JOB}

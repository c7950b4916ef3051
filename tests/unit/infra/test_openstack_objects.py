# SPDX-License-Identifier: Apache-2.0
"""Keys to Swift: what is asked of Keystone, and what of its refusals becomes."""

import hashlib
import json as encoding
import types

import pytest
import requests

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.infra.openstack import ec2
from sparkaas.infra.openstack import objects
from sparkaas.testing import service

CALLER = interfaces.Caller(user_id="demo", project_id="p1", token="t")  # noqa: S106
JOB = "6a7f0c1e-52d4-4f0b-9a8e-3b1c2d4e5f60"
ACCESS = ec2.access("here", JOB, 0)


def _answer(status, **body):
    answer = requests.Response()
    answer.status_code = status
    answer.url = "http://keystone"
    answer.json = lambda: body
    answer.headers["Content-Type"] = "application/json"
    return answer


class Keystone:
    """What one identity may do there. ``status`` of each verb, else it is done."""

    def __init__(self, keys, **status):
        self.keys = keys
        self.status = status
        self.user_id = "demo"
        self.sdk = types.SimpleNamespace(identity=self)
        self.session = types.SimpleNamespace(get_endpoint=self._endpoint)
        self.asked = []

    def post(self, path, json):
        self.asked.append(("post", path, json))
        if "post" in self.status:
            return _answer(self.status["post"], error={"message": "no"})
        blob = encoding.loads(json["credential"]["blob"])
        self.keys[hashlib.sha256(blob["access"].encode()).hexdigest()] = blob
        return _answer(201, credential=json["credential"])

    def get(self, path):
        found = 200 if path.rpartition("/")[2] in self.keys else 404
        return _answer(self.status.get("get", found))

    def delete(self, path):
        if "delete" in self.status:
            return _answer(self.status["delete"])
        found = self.keys.pop(path.rpartition("/")[2], None)
        return _answer(204 if found else 404)

    def _endpoint(self, service_type, interface, region_name):
        assert (service_type, interface) == ("object-store", "public")
        return "http://swift:8080/v1/AUTH_p1"


@pytest.fixture
def keys():
    return {}


def _objects(keys, user=None, own=None, **options):
    clouds = types.SimpleNamespace(
        service=own or Keystone(keys),
        of_caller=lambda caller: user or Keystone(keys),
        of_user=lambda *login: user or Keystone(keys),
    )
    conf = service.configuration(**options)
    made = objects.KeystoneObjects(conf, clouds, lambda: "here")
    return made.for_caller(CALLER)


def test_made_with_the_token_of_the_request_and_taken_back(keys):
    user = Keystone(keys)
    store = _objects(keys, user, swift__s3_region="RegionOne")
    lent = store.lend(JOB, 0)
    ((verb, path, asked),) = user.asked
    assert (verb, path) == ("post", "/credentials")
    credential = asked["credential"]
    assert credential["project_id"] == "p1"
    assert credential["user_id"] == "demo"
    (blob,) = keys.values()
    assert blob["access"] == ACCESS
    assert lent == interfaces.ObjectKeys(
        ACCESS,
        blob["secret"],
        "http://swift:8080",
        "RegionOne",
        "demo",
    )
    store.take_back(lent.access)
    assert keys == {}
    store.take_back(lent.access)


def test_made_with_a_password(keys):
    user = Keystone(keys)
    options = {"swift__s3_endpoint": "https://s3.cloud/"}
    lent = _objects(keys, user, **options).lend_of(JOB, 1, "u", "p", "p2")
    ((_, _, asked),) = user.asked
    assert asked["credential"]["project_id"] == "p2"
    assert lent.access == ec2.access("here", JOB, 1)
    assert lent.endpoint == "https://s3.cloud"


def test_only_within_a_request(keys):
    store = objects.KeystoneObjects(service.configuration(), None, str)
    with pytest.raises(exceptions.Permanent):
        store.lend(JOB, 0)


def test_a_token_that_was_delegated(keys):
    with pytest.raises(exceptions.InvalidCredentials) as error:
        _objects(keys, Keystone(keys, post=403)).lend(JOB, 0)
    assert error.value.code == "SWIFT_KEYS_REFUSED"
    assert "application credential" in error.value.hint


def test_a_wrong_password(keys):
    with pytest.raises(exceptions.InvalidCredentials) as error:
        _objects(keys, Keystone(keys, post=401)).lend_of(JOB, 0, "u", "p", "p1")
    assert error.value.code == "INVALID_CREDENTIALS"


def test_keystone_away(keys):
    with pytest.raises(exceptions.Transient):
        _objects(keys, Keystone(keys, post=503)).lend(JOB, 0)


@pytest.mark.parametrize("status", [403, 503])
def test_none_where_they_could_not_be_taken_back(keys, status):
    store = _objects(keys, own=Keystone(keys, get=status))
    wanted = exceptions.CreationFailed if status == 403 else exceptions.Transient
    with pytest.raises(wanted):
        store.lend(JOB, 0)
    assert keys == {}


def test_not_without_a_user_of_the_services_own():
    assert objects.from_conf(service.configuration(), str) is None

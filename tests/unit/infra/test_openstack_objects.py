# SPDX-License-Identifier: Apache-2.0
"""Keys to Swift: what is asked of Keystone, and what of its refusals becomes."""

import types

import pytest
import requests

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.infra.openstack import objects
from sparkaas.testing import service

CALLER = interfaces.Caller(user_id="demo", project_id="p1", token="t")  # noqa: S106
PATH = "/users/demo/credentials/OS-EC2"


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
        self.keys.add("A")
        return _answer(201, credential={"access": "A", "secret": "S"})

    def get(self, path):
        return _answer(self.status.get("get", 200))

    def delete(self, path):
        if "delete" in self.status:
            return _answer(self.status["delete"])
        access = path.rpartition("/")[2]
        found = access in self.keys
        self.keys.discard(access)
        return _answer(204 if found else 404)

    def _endpoint(self, service_type, interface, region_name):
        assert (service_type, interface) == ("object-store", "public")
        return "http://swift:8080/v1/AUTH_p1"


@pytest.fixture
def keys():
    return set()


def _objects(keys, user=None, own=None, **options):
    clouds = types.SimpleNamespace(
        service=own or Keystone(keys),
        of_caller=lambda caller: user or Keystone(keys),
        of_user=lambda *login: user or Keystone(keys),
    )
    conf = service.configuration(**options)
    return objects.KeystoneObjects(conf, clouds).for_caller(CALLER)


def test_made_with_the_token_of_the_request_and_taken_back(keys):
    user = Keystone(keys)
    store = _objects(keys, user, swift__s3_region="RegionOne")
    lent = store.lend()
    assert user.asked == [("post", PATH, {"tenant_id": "p1"})]
    assert lent == interfaces.ObjectKeys(
        "A",
        "S",
        "http://swift:8080",
        "RegionOne",
        "demo",
    )
    assert keys == {"A"}
    store.take_back(lent)
    assert keys == set()
    store.take_back(lent)


def test_made_with_a_password(keys):
    user = Keystone(keys)
    options = {"swift__s3_endpoint": "https://s3.cloud/"}
    lent = _objects(keys, user, **options).lend_of("u", "p", "p2")
    assert user.asked == [("post", PATH, {"tenant_id": "p2"})]
    assert lent.endpoint == "https://s3.cloud"


def test_only_within_a_request(keys):
    store = objects.KeystoneObjects(service.configuration(), None)
    with pytest.raises(exceptions.Permanent):
        store.lend()


def test_a_token_that_was_delegated(keys):
    with pytest.raises(exceptions.InvalidCredentials) as error:
        _objects(keys, Keystone(keys, post=403)).lend()
    assert error.value.code == "SWIFT_KEYS_REFUSED"
    assert "application credential" in error.value.hint


def test_a_wrong_password(keys):
    with pytest.raises(exceptions.InvalidCredentials) as error:
        _objects(keys, Keystone(keys, post=401)).lend_of("u", "p", "p1")
    assert error.value.code == "INVALID_CREDENTIALS"


def test_keystone_away(keys):
    with pytest.raises(exceptions.Transient):
        _objects(keys, Keystone(keys, post=503)).lend()


@pytest.mark.parametrize("status", [403, 503])
def test_none_where_they_could_not_be_taken_back(keys, status):
    store = _objects(keys, own=Keystone(keys, get=status))
    wanted = exceptions.CreationFailed if status == 403 else exceptions.Transient
    with pytest.raises(wanted):
        store.lend()
    assert keys == set()


def test_not_without_a_user_of_the_services_own():
    assert objects.from_conf(service.configuration()) is None

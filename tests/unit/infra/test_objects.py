# SPDX-License-Identifier: Apache-2.0
"""Keys to Swift: made by their owner, taken back by the service, or not made at all."""

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.infra.openstack import objects
from sparkaas.testing import service
from tests.unit.infra import test_ec2

JOB, OTHER = test_ec2.JOB, test_ec2.OTHER
CALLER = interfaces.Caller(user_id="owner", project_id="project", token="t")  # noqa: S106


class Service(test_ec2.Keystone):
    """The same Keystone as the service's user sees it; ``refuses`` is its own."""

    user_id = "service"

    def __init__(self, whole):
        super().__init__()
        self.credentials = whole.credentials


class Clouds:
    """In the place of ``sessions.Sessions``."""

    def __init__(self):
        self.owner = test_ec2.Keystone()
        self.service = Service(self.owner)

    def of_caller(self, caller):
        return self.owner

    def of_user(self, name, password, domain, project_id):
        return self.owner


@pytest.fixture
def clouds():
    return Clouds()


@pytest.fixture
def store(clouds):
    conf = service.configuration(swift__s3_endpoint="http://swift.example.org/")
    return objects.KeystoneObjects(conf, clouds, lambda: "here").for_caller(CALLER)


def test_keys_are_a_jobs_until_they_are_taken_back(store, clouds):
    one, two = store.lend(JOB, 0), store.lend_of(OTHER, 0, "u", "p", "project")
    assert one.endpoint == "http://swift.example.org"
    assert store.given() == {one.access: JOB, two.access: OTHER}
    store.take_back(one.access)
    store.take_back(one.access)
    assert store.given() == {two.access: OTHER}


def test_none_are_lent_without_a_caller(store, clouds):
    alone = objects.KeystoneObjects(store._conf, clouds, lambda: "here")
    with pytest.raises(exceptions.Permanent, match="within a request"):
        alone.lend(JOB, 0)


def test_none_are_lent_that_the_service_could_not_take_back(store, clouds):
    clouds.service.refuses = 403
    with pytest.raises(exceptions.CreationFailed, match="may not take keys") as caught:
        store.lend(JOB, 0)
    assert caught.value.code == "SWIFT_KEYS_REFUSED"
    assert "lend_keys" in caught.value.hint
    assert not clouds.owner.credentials


def test_none_are_left_when_keystone_falls_silent(store, clouds):
    clouds.service.refuses = 503
    with pytest.raises(exceptions.Transient):
        store.lend(JOB, 0)
    assert not clouds.owner.credentials


def test_a_token_that_keystone_makes_none_for(store, clouds):
    clouds.owner.refuses = 403
    with pytest.raises(exceptions.InvalidCredentials) as caught:
        store.lend(JOB, 0)
    assert caught.value.code == "SWIFT_KEYS_REFUSED"
    assert "application credential" in caught.value.hint

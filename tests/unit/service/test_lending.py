# SPDX-License-Identifier: Apache-2.0
"""What an owner lends is among the secrets, whatever the infrastructure."""

import pytest

from sparkaas import interfaces
from sparkaas import model
from sparkaas.service import lending
from sparkaas.testing import ground
from sparkaas.testing import infrastructure
from sparkaas.testing import keeping


class Seeing(infrastructure.FakeInfrastructure):
    """Remembers the trusts of the clusters that it is asked for."""

    def __init__(self):
        super().__init__(ground.FakeClock())
        self.seen = []

    def check(self, cluster):
        self.seen.append(cluster.trust_id)

    def ensure(self, cluster, manifests, secrets):
        self.seen.append(cluster.trust_id)
        return super().ensure(cluster, manifests, secrets)

    def observe(self, cluster):
        self.seen.append(cluster.trust_id)
        return super().observe(cluster)

    def delete(self, cluster):
        self.seen.append(cluster.trust_id)
        return super().delete(cluster)


def cluster(reference):
    return model.Cluster(
        id="c",
        project_id="p",
        name="c",
        plugin_name="fake",
        plugin_version="0.1",
        trust_id=reference,
    )


@pytest.fixture
def inner():
    return Seeing()


@pytest.fixture
def secrets():
    return keeping.FakeSecrets()


@pytest.fixture
def lent(inner, secrets):
    caller = interfaces.Caller(user_id="u", project_id="p", token="t")  # noqa: S106
    return lending.Lending(inner, secrets).for_caller(caller)


def test_the_record_has_a_reference(lent, inner, secrets):
    reference = lent.delegate()
    (trust,) = inner.trusts
    assert reference != trust
    assert secrets.get(reference) == {"trust_id": trust}
    made = cluster(reference)

    lent.check(made)
    lent.ensure(made, {}, {})
    lent.observe(made)
    lent.delete(made)

    assert inner.seen == [trust] * 4
    assert list(inner.trusts) == [trust]
    lent.revoke(reference)
    assert not inner.trusts
    assert secrets.values == {}


def test_a_deletion_may_come_again_after_all_is_gone(lent, inner):
    made = cluster(lent.delegate())
    lent.delete(made)
    other = lending.Lending(inner, keeping.FakeSecrets())

    other.delete(made)

    assert inner.seen[-1] is None


def test_a_trust_that_cannot_be_kept_is_taken_back(lent, inner, secrets):
    def broken(*_):
        raise OSError("no room")

    secrets.put = broken
    with pytest.raises(OSError, match="no room"):
        lent.delegate()
    assert not inner.trusts


def test_revoking(lent, inner, secrets):
    lent.revoke(lent.delegate())
    lent.revoke(None)
    assert not inner.trusts
    assert secrets.values == {}


def test_what_is_lent_is_known_again_by_its_reference(lent, inner, secrets):
    reference = lent.delegate()
    assert lent.delegated() == {reference: "p"}
    assert len(secrets.values) == 1


def test_what_nobody_kept_can_be_taken_back(lent, inner, secrets):
    """Its conductor was killed before it was stored."""
    inner.for_caller(interfaces.Caller(user_id="u", project_id="p")).delegate()
    (reference,) = lent.delegated()
    lent.revoke(reference)
    assert not inner.trusts
    assert secrets.values == {}


def test_renewing(lent, inner, secrets):
    reference = lent.delegate()
    assert lent.renew(reference) == reference
    inner.trusts.clear()
    renewed = lent.renew(reference)
    assert renewed != reference
    (trust,) = inner.trusts
    assert secrets.get(renewed) == {"trust_id": trust}
    lent.revoke(reference)
    assert list(inner.trusts) == [trust]

# SPDX-License-Identifier: Apache-2.0
"""What a cluster's owner lends the service: there with the cluster, renewed by another
member of the project when it is gone, and gone with the cluster."""

from __future__ import annotations

import pytest

from tests.scenario.cloud import asking


@pytest.fixture
def lent(cloud):
    """The ids of all trusts that the service's users have in the project demo."""
    project = cloud.as_user("demo").current_project_id

    def ids():
        # Heat's own, which it was lent from ours, are not for the service.
        heat = cloud.admin.identity.find_user("heat", ignore_missing=True)
        return {
            trust.id
            for trust in cloud.admin.identity.trusts()
            if trust.project_id == project
            and (heat is None or trust.trustee_user_id != heat.id)
        }

    return ids


@pytest.mark.long
def test_a_trust_that_is_gone_is_renewed_by_the_next_who_asks(
    service, cloud, demo, lent
):
    before = lent()
    body = demo.cluster(workers=1)
    made = demo.active(demo.create(body))["id"]
    (first,) = lent() - before
    cloud.as_user("demo").identity.delete_trust(first)
    assert lent() == before

    # In whose name it goes on: Heat changes its own trust only for another user.
    colleague = asking.Asking(service, "demo-admin")
    larger = colleague.resize(made, 2)
    assert len(colleague.names(larger, "worker")) == 2
    (second,) = lent() - before
    trust = cloud.admin.identity.get_trust(second)
    assert trust.trustor_user_id == cloud.as_user("demo-admin").current_user_id

    demo.delete(made)
    assert lent() == before

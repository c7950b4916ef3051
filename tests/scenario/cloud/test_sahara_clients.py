# SPDX-License-Identifier: Apache-2.0
"""A cluster's life by ``openstack dataprocessing``, as Sahara's users know it, in both
versions and with the real Keystone and its catalog."""

from __future__ import annotations

import pytest

from tests.conformance import environment
from tests.scenario import sahara_client
from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import programs

#: Version -> workers at first, and then.
LIVES = {"1.1": (1, 2), "2": (2, 1)}


@pytest.fixture(scope="module")
def python():
    """The interpreter that has the clients."""
    try:
        return environment.python()
    except environment.Unavailable as error:
        pytest.skip(f"python-saharaclient cannot be installed: {error}")


@pytest.fixture
def client(python, other, version, tmp_path):
    """Its member's, of the project other."""
    variables = other.cloud.environment(other.user)
    made = sahara_client.Client(python, version, tmp_path, variables)
    yield made
    made.close()


def _cluster_template(client, other, version, workers):
    kind = {
        "plugin_name": "spark",
        sahara_client.VERSIONS[version]: openstack_cloud.SPARK,
    }
    body = other.cluster(workers)
    groups = []
    for group in body["node_groups"]:
        count = group.pop("count")
        path = client.file("group.json", {**kind, **group})
        made = client("node", "group", "template", "create", "--json", path)
        groups.append(
            {
                "name": group["name"],
                "count": count,
                "node_group_template_id": made["Id"],
            }
        )
    network = {"neutron_management_network": body["neutron_management_network"]}
    path = client.file(
        "template.json", {**kind, **network, "name": "mine", "node_groups": groups}
    )
    client("cluster", "template", "create", "--json", path)


def _binary(client, other, version):
    """A job binary with the program; 2.0 has no way to send one."""
    if version == "1.1":
        path = client.file("where.py", programs.WHERE)
        client("job", "binary", "create", "--name", "where.py", "--data", path)
        return "where.py"
    return str(other.binary("where.py", programs.WHERE))


@pytest.mark.parametrize("version", LIVES)
def test_from_nothing_to_a_result_and_back(client, other, version, nothing_left):
    first, then = LIVES[version]
    _cluster_template(client, other, version, first)
    flags = ("--cluster-template", "mine", "--image", openstack_cloud.IMAGE)
    made = client(
        *("cluster", "create", "--name", "mine", *flags, "--user-keypair", "user")
    )
    # By requests of our own: the client's polls take time from the guests.
    other.active(made["Id"])
    shown = client("cluster", "show", "mine", "--verification")
    assert shown["Status"] == "Active"
    assert shown["Verification status"] == "GREEN"

    binary = _binary(client, other, version)
    flags = ("--type", "PySpark", "--mains", binary)
    client("job", "template", "create", "--name", "where", *flags)
    path = client.file("configs.json", {"configs": programs.SMALL, "args": ["a b"]})
    flags = ("--job-template", "where", "--cluster", "mine", "--config-json", path)
    job = client("job", "execute", *flags)["Id"]
    other.ended(job)
    assert client("job", "show", job)["Status"] == "SUCCEEDED", other.output(job)
    seen = programs.result(other.output(job))
    assert seen["args"] == ["a b"]
    assert len(seen["hosts"]) == first

    resize = {"resize_node_groups": [{"name": "worker", "count": then}]}
    client("cluster", "scale", "mine", "--json", client.file("resize.json", resize))
    other.active(made["Id"])
    shown = client("cluster", "show", "mine")
    assert shown["Node groups"] == f"master:1, worker:{then}"

    client.run("job", "delete", job)
    asking.wait_for(
        lambda: other.ask("GET", f"jobs/{job}").status_code == 404,
        asking.GONE,
        "the job is gone",
    )
    client.run("cluster", "delete", "mine")
    other.gone(made["Id"])
    assert client("cluster", "list") == []
    client.run("job", "template", "delete", "where")
    client.run("job", "binary", "delete", binary)
    client.run("cluster", "template", "delete", "mine")
    client.run("node", "group", "template", "delete", "master", "worker")
    nothing_left()

# SPDX-License-Identifier: Apache-2.0
"""From nothing to a job's result with `openstack dataprocessing`, on the real service.

There is no Keystone: the client is given the service's URL and token.
"""

import pytest

from sparkaas.infra.local import catalog
from tests.conformance import environment
from tests.scenario import harness
from tests.scenario import sahara_client

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: Plugin -> processes of the one node, and of the others.
PROCESSES = {
    "fake": (["namenode", "jobtracker"], ["datanode", "tasktracker"]),
    "spark": (["namenode", "master"], ["datanode", "slave"]),
}

PROGRAM = """\
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print("sum", spark.sparkContext.parallelize(range(100)).sum())
"""


@pytest.fixture(scope="module")
def python():
    """The interpreter that has the clients."""
    try:
        return environment.python()
    except environment.Unavailable as error:
        pytest.skip(f"python-saharaclient cannot be installed: {error}")


@pytest.fixture
def client(python, service, version, tmp_path):
    endpoint = service.endpoint
    made = sahara_client.Client(
        python,
        version,
        tmp_path,
        {
            "OS_AUTH_TYPE": "admin_token",
            "OS_ENDPOINT": f"{endpoint['url']}/v{version}",
            "OS_TOKEN": endpoint["token"],
        },
    )
    yield made
    made.close()


def _cluster_template(client, word, plugin, version):
    kind = {"plugin_name": plugin, word: version}
    groups = []
    for name, count, processes in zip(
        ("one", "many"), (1, 2), PROCESSES[plugin], strict=True
    ):
        body = {**kind, "name": f"{plugin}-{name}", "flavor_id": "2"}
        path = client.file("group.json", {**body, "node_processes": processes})
        made = client("node", "group", "template", "create", "--json", path)
        group = {"name": name, "count": count}
        groups.append({**group, "node_group_template_id": made["Id"]})
    network = {"neutron_management_network": catalog.NETWORK_ID}
    body = {**kind, **network, "name": f"of-{plugin}", "node_groups": groups}
    path = client.file("template.json", body)
    client("cluster", "template", "create", "--json", path)
    return f"of-{plugin}"


def _image(client, plugin, version):
    found = client("image", "list", "--tags", plugin, version)
    assert len(found) == 1
    return found[0]["Name"]


def _binary(client, service, version):
    """A job binary with the program; 2.0 has no way to send one."""
    if version == "1.1":
        path = client.file("sum.py", PROGRAM)
        client("job", "binary", "create", "--name", "sum.py", "--data", path)
    else:
        made = service.call("POST", "job-binaries", {"name": "sum.py"}).json()
        path = f"job-binaries/{made['job_binary']['id']}/data"
        assert service.call("PUT", path, data=PROGRAM.encode()).status_code == 202
    return "sum.py"


def _job(client, service, template, cluster):
    made = client(
        *("job", "execute", "--job-template", template, "--cluster", cluster),
        *("--configs", "edp.java.main_class:Sum"),
    )
    # By a request of our own: the client takes time from the job.
    harness.wait_for(lambda: _ended(service, made["Id"]), 240, "the job has ended")
    shown = client("job", "show", made["Id"])
    assert shown["Status"] == "SUCCEEDED", service.output()
    assert shown["Start time"] <= shown["End time"]
    return made["Id"]


def _ended(service, job):
    found = service.call("GET", f"jobs/{job}").json()["job"]
    return found["info"]["status"] not in {"PENDING", "RUNNING"}


@pytest.mark.parametrize(("version", "plugin"), [("1.1", "spark"), ("2", "fake")])
def test_from_nothing_to_a_result(client, service, version, plugin):
    found = {row["Name"]: row["Versions"] for row in client("plugin", "list")}
    release = found[plugin].split(", ")[0]
    template = _cluster_template(
        client, sahara_client.VERSIONS[version], plugin, release
    )
    image = _image(client, plugin, release)

    name = f"mine-{plugin}"
    flags = ("--cluster-template", template, "--image", image, "--wait")
    made = client("cluster", "create", "--name", name, *flags)
    assert made["Status"] == "Active"
    assert made["Node groups"] == "one:1, many:2"
    shown = client("cluster", "show", name, "--show-progress", "--verification")
    assert shown["Verification status"] == "GREEN"
    steps = {k: v for k, v in shown.items() if ": " in k and "Health" not in k}
    assert steps
    assert set(steps.values()) == {"Step completed successfully"}

    resize = {"resize_node_groups": [{"name": "many", "count": 1}]}
    path = client.file("scale.json", resize)
    client("cluster", "scale", name, "--json", path)
    harness.wait_for(
        lambda: client("cluster", "show", name)["Status"] == "Active",
        120,
        "the cluster is smaller",
    )
    assert client("cluster", "show", name)["Node groups"] == "one:1, many:1"

    binary = _binary(client, service, version)
    flags = ("--type", "Spark" if plugin == "spark" else "Pig", "--mains", binary)
    client("job", "template", "create", "--name", "sum", *flags)
    job = _job(client, service, "sum", name)
    if plugin == "spark":
        log = service.call("GET", f"jobs/{job}/logs/stdout").text
        assert "sum 4950" in log
    rows = client("job", "list", "--status", "succeeded")
    assert [row["Id"] for row in rows] == [job]

    client.run("job", "delete", job, "--wait")
    client.run("cluster", "delete", name, "--wait")
    assert client("cluster", "list") == []
    client.run("job", "template", "delete", "sum")
    if version == "1.1":
        client.run("job", "binary", "delete", binary)

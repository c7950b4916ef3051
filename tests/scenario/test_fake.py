# SPDX-License-Identifier: Apache-2.0
"""Clusters without software on the real service: all that the engine does, cheaply.

What Sahara's own suites do with their plugin of that name; and its templates of Spark.
"""

import uuid

import pytest

from sparkaas.plugins.fake import engine
from sparkaas.service import job_types
from tests.scenario import harness

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HEAD = {
    "name": "head",
    "count": 1,
    "flavor_id": "2",
    "node_processes": ["namenode", "jobtracker"],
}
WORKER = {
    "name": "worker",
    "count": 2,
    "flavor_id": "2",
    "node_processes": ["datanode", "tasktracker"],
}
ENDED = {"SUCCEEDED", "FAILED", "KILLED", "DONEWITHERROR"}
#: Those whose program is a library.
WITH_LIBS = {"Java", "MapReduce"}
SUFFIXES = {"PySpark": ".py", "SparkSQL": ".sql"}


class Client:
    """Requests that must succeed, and waiting for what comes of them."""

    def __init__(self, service):
        self.service = service

    def __call__(self, method, path, body=None, status=None, **more):
        answer = self.service.call(method, path, body, **more)
        wanted = status or {"GET": 200, "DELETE": 204}.get(method, 202)
        assert answer.status_code == wanted, answer.text
        return answer.json() if answer.content else None

    def body(self, name, **more):
        return {
            "name": name,
            "plugin_name": "fake",
            "plugin_version": "0.1",
            "node_groups": [HEAD, WORKER],
            **more,
        }

    def create(self, name, **more):
        made = self("POST", "clusters", self.body(name, **more))
        return made["cluster"]["id"]

    def show(self, id):
        return self("GET", f"clusters/{id}?show_progress=true")["cluster"]

    def active(self, id, seconds=60):
        def look():
            cluster = self.show(id)
            assert cluster["status"] != "Error", cluster
            return cluster if cluster["status"] == "Active" else None

        return harness.wait_for(look, seconds, "the cluster is Active")

    def gone(self, id):
        def look():
            return self.service.call("GET", f"clusters/{id}").status_code == 404

        harness.wait_for(look, 60, "the cluster is gone")

    def template(self, type):
        binary = self.binary(SUFFIXES.get(type, ""))
        part = "libs" if type in WITH_LIBS else "mains"
        body = {"name": uuid.uuid4().hex, "type": type, part: [binary]}
        if type == "MapReduce.Streaming":
            del body[part]
        return self("POST", "job-templates", body)["job_template"]["id"]

    def binary(self, suffix=""):
        name = uuid.uuid4().hex + suffix
        made = self("POST", "job-binaries", {"name": name})["job_binary"]["id"]
        self("PUT", f"job-binaries/{made}/data", data=b"of any kind")
        return made

    def launch(self, cluster, template, **configs):
        body = {"cluster_id": cluster, "job_template_id": template}
        if configs:
            body["job_configs"] = {"configs": configs}
        return self("POST", "jobs", body)["job"]["id"]

    def status(self, job):
        return self("GET", f"jobs/{job}")["job"]["info"]["status"]

    def ended(self, job):
        def look():
            status = self.status(job)
            return status if status in ENDED else None

        return harness.wait_for(look, 60, "the job has ended")


def _options(directory, text):
    path = directory / "sparkaas.conf"
    path.write_text(text)
    return "--config-file", str(path)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    directory = tmp_path_factory.mktemp("fake")
    options = _options(directory, "[conductor]\nhealth_interval = 2\n")
    one = harness.Service(directory / "state", *options)
    one.start()
    yield one
    one.clean()


@pytest.fixture
def client(service):
    return Client(service)


def assert_all_successful(cluster):
    for step in cluster["provision_progress"]:
        assert step["successful"] is True, step
        assert len(step["events"]) == step["total"], step


def _processes(service, id):
    """The services' processes of a cluster's nodes."""
    below = service.state / "nodes" / id
    return [
        process
        for process in harness.processes_below(below)
        if process.cmdline() == ["sleep", "infinity"]
    ]


def _names(cluster):
    return sorted(
        instance["instance_name"]
        for group in cluster["node_groups"]
        for instance in group["instances"]
    )


def test_up_to_another_size_and_gone(service, client):
    id = client.create("life")
    cluster = client.active(id)
    assert_all_successful(cluster)
    assert cluster["verification"]["status"] == "GREEN"
    assert _names(cluster) == ["life-head-0", "life-worker-0", "life-worker-1"]
    assert len(_processes(service, id)) == 6

    scale = {
        "resize_node_groups": [
            {"name": "worker", "count": 1, "instances": ["life-worker-0"]}
        ],
        "add_node_groups": [{**WORKER, "name": "extra", "count": 3}],
    }
    client("PUT", f"clusters/{id}", scale)
    cluster = client.active(id)
    assert_all_successful(cluster)
    assert _names(cluster) == [
        "life-extra-0",
        "life-extra-1",
        "life-extra-2",
        "life-head-0",
        "life-worker-1",
    ]
    assert len(_processes(service, id)) == 10

    first = cluster["verification"]["id"]
    harness.wait_for(
        lambda: client.show(id)["verification"]["id"] != first,
        30,
        "its health is looked at without being asked",
    )
    asked = client("PATCH", f"clusters/{id}", {"verification": {"status": "START"}})
    assert asked["cluster"]["verification"]["status"] == "CHECKING"

    def verified():
        found = client.show(id)["verification"]
        return found["status"] == "GREEN" and found["checks"]

    harness.wait_for(verified, 30, "it is verified")

    client("DELETE", f"clusters/{id}")
    client.gone(id)
    assert _processes(service, id) == []


def test_what_died_comes_back(service, client):
    id = client.create("mortal")
    client.active(id)
    for process in _processes(service, id)[:2]:
        process.kill()
    harness.wait_for(
        lambda: len(_processes(service, id)) == 6, 30, "all processes are there"
    )
    client("DELETE", f"clusters/{id}")
    client.gone(id)


def test_jobs_of_every_type(client):
    id = client.create("jobs")
    client.active(id)
    assert set(job_types.SAHARA) | set(job_types.ADDED) == engine.TYPES
    jobs = {
        type: client.launch(id, client.template(type)) for type in sorted(engine.TYPES)
    }
    for type, job in jobs.items():
        assert client.ended(job) == "SUCCEEDED", type
        log = client.service.call("GET", f"jobs/{job}/logs/stdout")
        assert log.text.startswith(f"{type} job "), type
    client("DELETE", f"clusters/{id}")
    client.gone(id)


def test_a_job_that_lasts_and_one_that_fails(client):
    id = client.create("slow")
    template = client.template("Pig")
    client.active(id)
    lasting = client.launch(id, template, **{"fake.seconds": 600})
    failing = client.launch(id, template, **{"fake.exit_code": 3})
    harness.wait_for(lambda: client.status(lasting) == "RUNNING", 30, "it runs")
    body = {"info": {"status": "cancel"}}
    client("PATCH", f"jobs/{lasting}", body)
    assert client.ended(lasting) == "KILLED"
    assert client.ended(failing) == "DONEWITHERROR"
    assert client("GET", f"jobs/{failing}")["job"]["return_code"] == "3"
    client("DELETE", f"clusters/{id}")
    client.gone(id)


def test_a_transient_cluster_goes_by_itself(service, client):
    id = client.create("transient", is_transient=True)
    template = client.template("Pig")
    jobs = [client.launch(id, template) for _ in range(2)]
    client.gone(id)
    assert [client.status(job) for job in jobs] == ["SUCCEEDED", "SUCCEEDED"]
    assert _processes(service, id) == []


def test_several_at_once_and_by_force(service, client):
    body = client.body("many", count=3, node_groups=[HEAD])
    made = [entry["cluster"] for entry in client("POST", "clusters", body)["clusters"]]
    assert [cluster["name"] for cluster in made] == ["many-1", "many-2", "many-3"]
    for cluster in made:
        assert_all_successful(client.active(cluster["id"]))
    for cluster in made:
        path = f"clusters/{cluster['id']}"
        assert "stack_name" in client("DELETE", path, {"force": True}, status=200)
    for cluster in made:
        client.gone(cluster["id"])
    harness.wait_for(
        lambda: not any(_processes(service, cluster["id"]) for cluster in made),
        30,
        "no process is left",
    )


def test_disabled_and_enabled_again(client):
    found = client("GET", "plugins")["plugins"]
    assert [plugin["name"] for plugin in found] == ["spark", "hadoop", "fake"]
    assert found[2]["plugin_labels"]["hidden"]["status"] is True
    id = client.create("labelled")
    client.active(id)
    body = {"plugin_labels": {"enabled": {"status": False}}}
    client("PATCH", "plugins/fake", body)
    scale = {"resize_node_groups": [{"name": "worker", "count": 3}]}
    client("POST", "clusters", client.body("other"), status=400)
    client("PUT", f"clusters/{id}", scale, status=400)
    body["plugin_labels"]["enabled"]["status"] = True
    client("PATCH", "plugins/fake", body)
    client("PUT", f"clusters/{id}", scale)
    assert len(_names(client.active(id))) == 4
    client("DELETE", f"clusters/{id}")
    client.gone(id)


def test_an_operator_leaves_it_out(new_service, tmp_path):
    service = new_service(*_options(tmp_path, "[service]\nplugins = spark\n"))
    service.start()
    found = service.call("GET", "plugins").json()["plugins"]
    assert [plugin["name"] for plugin in found] == ["spark"]
    images = service.call("GET", "images").json()["images"]
    assert not [image for image in images if "fake" in image["tags"]]


@pytest.fixture
def hadoop():
    """The jars of HDFS, where the service looks for them."""
    harness.have_jars("hadoop")


def test_saharas_spark_templates(client, hadoop):
    """With the version that is on offer: one that is not stays refused."""
    version = client("GET", "plugins/spark")["plugin"]["versions"][0]
    templates = {}
    for name, processes in (
        ("master", ["namenode", "master"]),
        ("worker", ["datanode", "slave"]),
    ):
        body = {
            "name": name,
            "plugin_name": "spark",
            "plugin_version": version,
            "flavor_id": "2",
            "node_processes": processes,
        }
        old = {**body, "plugin_version": "2.3"}
        client("POST", "node-group-templates", old, status=400)
        made = client("POST", "node-group-templates", body)
        templates[name] = made["node_group_template"]["id"]
    body = {
        "name": "sahara",
        "plugin_name": "spark",
        "plugin_version": version,
        "cluster_configs": {"HDFS": {"dfs.replication": 1}},
        "node_groups": [
            {"name": name, "count": 1, "node_group_template_id": id}
            for name, id in templates.items()
        ],
    }
    template = client("POST", "cluster-templates", body)["cluster_template"]["id"]
    body = {
        "name": "old",
        "plugin_name": "spark",
        "plugin_version": version,
        "cluster_template_id": template,
    }
    id = client("POST", "clusters", body)["cluster"]["id"]
    cluster = client.active(id, seconds=240)
    assert_all_successful(cluster)
    assert cluster["info"]["HDFS"]["NameNode"].startswith("hdfs://")
    scale = {"resize_node_groups": [{"name": "worker", "count": 2}]}
    client("PUT", f"clusters/{id}", scale)
    assert len(_names(client.active(id, seconds=240))) == 3
    client("DELETE", f"clusters/{id}")
    client.gone(id)

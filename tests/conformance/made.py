# SPDX-License-Identifier: Apache-2.0
"""Things that a test needs, made when they are first named.

``fill("{cluster[id]}", made)`` makes a cluster, waits for it and puts its id there.
They are made by plain HTTP, so that a client is asked one thing only.
"""

import json
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import requests

from sparkaas.testing import catalog
from tests.conformance import rows
from tests.conformance import running
from tests.servers import keystone_shaped

#: The word for a plugin's version, by version of the API.
VERSION_WORD = {"1.1": "hadoop_version", "2": "plugin_version"}

#: What stands for itself, and not for a text of it.
_WHOLE = ("{groups}", "{exported_worker}", "{exported_cluster_template}")

_TYPE = {"plugin_name": "fake", "plugin_version": "0.1"}


class Made(dict):
    """What was made, by kind, as API v2 shows it. ``shared`` outlives it."""

    def __init__(
        self,
        service: running.Running,
        version: str,
        directory: Any,
        shared: dict[str, Any],
    ) -> None:
        super().__init__(
            V=VERSION_WORD[version],
            image=catalog.FAKE_IMAGE,
            plain_image=catalog.PLAIN_IMAGE,
            network=catalog.NETWORK,
            share=catalog.SHARE,
            absent=str(uuid.uuid4()),
            project=keystone_shaped.PROJECT,
        )
        self.url = f"{service.url}/v2"
        self.own_url = f"{service.url}/{'v1.1' if version == '1.1' else 'v2'}"
        self._directory = directory
        self.shared = shared
        self.session = requests.Session()
        self.session.headers["X-Auth-Token"] = "token-unversioned"

    def close(self) -> None:
        self.session.close()

    def __missing__(self, kind: str) -> Any:
        self[kind] = thing = KINDS[kind](self)
        return thing

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request; its answer has to be a good one."""
        answer = self.session.request(method, self.url + path, json=body, timeout=30)
        assert answer.ok, (method, path, answer.text)
        return answer.json()

    def create(self, path: str, key: str, **body: Any) -> Any:
        """Make one with a name of its own."""
        return self.ask("POST", f"/{path}", {"name": name(), **body})[key]

    def later(self, path: str, expect: rows.Expected | None) -> None:
        """Wait until that path answers as expected."""
        wrong: Any = None

        def fits() -> bool:
            nonlocal wrong
            answer = self.session.get(f"{self.url}{path}", timeout=30)
            if expect is None:
                wrong = answer.text
                return answer.status_code == 404
            wrong = rows.differs(answer.json(), expect)
            return not wrong

        try:
            running.poll(fits)
        except AssertionError as error:
            raise AssertionError(f"{path}: {wrong}") from error

    def settled(self, id: str) -> Any:
        """The cluster, once it is Active."""
        self.later(f"/clusters/{id}", {"cluster.status": "Active"})
        return self.ask("GET", f"/clusters/{id}")["cluster"]

    def file(self, file_name: str, content: Any) -> str:
        """Write a file, JSON unless it is text; return its name."""
        content = fill(content, self)
        if not isinstance(content, str):
            content = json.dumps(content)
        (self._directory / file_name).write_text(content)
        return file_name


def name() -> str:
    """A name that nothing has."""
    return f"x-{uuid.uuid4().hex[:6]}"


def fill(value: Any, made: Mapping[str, Any]) -> Any:
    """The value with every ``{name}`` in its texts replaced, in keys too."""
    if isinstance(value, str) and value in _WHOLE:
        return made[value.strip("{}")]
    if isinstance(value, str):
        return value.format_map(made)
    if isinstance(value, rows.Has):
        return rows.Has(fill(value.item, made))
    if isinstance(value, dict):
        return {fill(k, made): fill(v, made) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [fill(each, made) for each in value]
    return value


def _groups(made: Made) -> list[dict[str, Any]]:
    return [
        {"name": "head", "count": 1, "node_group_template_id": made["head"]["id"]},
        {"name": "work", "count": 1, "node_group_template_id": made["worker"]["id"]},
    ]


def _head(made: Made) -> Any:
    return made.create(
        "node-group-templates",
        "node_group_template",
        flavor_id="2",
        node_processes=["namenode"],
        **_TYPE,
    )


def _worker(made: Made) -> Any:
    return made.create(
        "node-group-templates",
        "node_group_template",
        flavor_id="2",
        node_processes=["datanode"],
        **_TYPE,
    )


def _another_worker(made: Made) -> Any:
    return _worker(made)


def _export(made: Made, path: str) -> Any:
    """As the version of the API exports it, under a name of its own."""
    answer = made.session.get(f"{made.own_url}{path}/export", timeout=30)
    assert answer.ok, answer.text
    return answer.json()


def _exported_worker(made: Made) -> Any:
    return _export(made, f"/node-group-templates/{made['worker']['id']}")


def _exported_cluster_template(made: Made) -> Any:
    return _export(made, f"/cluster-templates/{made['cluster_template']['id']}")


def _cluster_template(made: Made) -> Any:
    groups = _groups(made)
    return made.create(
        "cluster-templates",
        "cluster_template",
        node_groups=groups,
        neutron_management_network=catalog.NETWORK,
        **_TYPE,
    )


def _cluster(made: Made) -> Any:
    cluster = made.create(
        "clusters",
        "cluster",
        cluster_template_id=made["cluster_template"]["id"],
        default_image_id=catalog.FAKE_IMAGE,
        user_keypair_id=catalog.KEYPAIR,
        **_TYPE,
    )
    return made.settled(cluster["id"])


def _standing(made: Made) -> Any:
    """A cluster that no test changes, one for all."""
    if "standing" not in made.shared:
        made.shared["standing"] = _cluster(made)
    return made.shared["standing"]


def _used(made: Made) -> Any:
    """A node group template that a cluster template uses."""
    return made["cluster_template"] and made["head"]


def _data_source(made: Made) -> Any:
    return made.create("data-sources", "data_source", type="hdfs", url="hdfs://h:1/in")


def _output(made: Made) -> Any:
    return made.create("data-sources", "data_source", type="hdfs", url="hdfs://h:1/out")


def _internal(made: Made) -> Any:
    """Bytes that API v1.1 has a name for and v2 has not."""
    answer = made.session.put(
        f"{made.url.removesuffix('v2')}v1.1/job-binary-internals/{name()}",
        data=b"the bytes",
        timeout=30,
    )
    assert answer.ok, answer.text
    return answer.json()["job_binary_internal"]


def _binary(made: Made) -> Any:
    url = f"internal-db://{made['internal']['id']}"
    return made.create("job-binaries", "job_binary", url=url)


def _remote_binary(made: Made) -> Any:
    return made.create(
        "job-binaries",
        "job_binary",
        url="swift://box/app.jar",
        extra={"user": "me", "password": "hidden"},
    )


def _job_template(made: Made) -> Any:
    mains = [made["binary"]["id"]]
    return made.create("job-templates", "job_template", type="Spark", mains=mains)


def _job(made: Made) -> Any:
    launched = made.ask(
        "POST",
        "/jobs",
        {
            "cluster_id": made["standing"]["id"],
            "job_template_id": made["job_template"]["id"],
            "job_configs": {"configs": {"edp.java.main_class": "org.example.Pi"}},
        },
    )["job"]

    made.later(f"/jobs/{launched['id']}", {"job.info.status": "SUCCEEDED"})
    return made.ask("GET", f"/jobs/{launched['id']}")["job"]


def _registered(made: Made) -> Any:
    """An image in the registry that no other test looks at."""
    return made.ask(
        "POST",
        f"/images/{catalog.PLAIN_IMAGE}",
        {"username": "ubuntu", "description": "Of mine."},
    )["image"]


def _tagged(made: Made) -> Any:
    registered = made["registered"]
    return made.ask("PUT", f"/images/{registered['id']}/tags", {"tags": ["a", "b"]})


KINDS: Mapping[str, Callable[[Made], Any]] = {
    "name": lambda made: name(),
    "groups": _groups,
    "head": _head,
    "worker": _worker,
    "another_worker": _another_worker,
    "exported_worker": _exported_worker,
    "exported_cluster_template": _exported_cluster_template,
    "cluster_template": _cluster_template,
    "cluster": _cluster,
    "standing": _standing,
    "used": _used,
    "data_source": _data_source,
    "output": _output,
    "internal": _internal,
    "binary": _binary,
    "remote_binary": _remote_binary,
    "job_template": _job_template,
    "job": _job,
    "registered": _registered,
    "tagged": _tagged,
}

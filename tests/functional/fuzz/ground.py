# SPDX-License-Identifier: Apache-2.0
"""What the fuzzers run against: the API over a world of fakes in which something of
every noun exists, and which every request finds as the one before it did.

Nobody works behind the API's back: what is asked of it stays asked.
"""

import copy
import pathlib
import shutil
import sqlite3
from typing import Any

import werkzeug.test

from sparkaas import model
from sparkaas import states
from sparkaas.api import app
from sparkaas.api import versions
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.plugins.spark import plugin as spark
from sparkaas.testing import catalog
from sparkaas.testing import driving
from sparkaas.testing import records
from sparkaas.testing import service

OTHER_PROJECT = "f" * 32
HEADERS = {
    "X-Auth-Token": "token",
    "X-Project-Id": records.PROJECT,
    "X-User-Id": records.USER,
    "X-Roles": "admin,member,reader",
}
MISSING = "99999999-9999-4999-8999-999999999999"
_HEAD = {"name": "head", "count": 1, "flavor_id": "2", "node_processes": ["namenode"]}
_PROCESSES = [["namenode"], ["datanode"], ["datanode", "tasktracker"]]
_IN_PATH = {
    "name": ["fake", "spark"],
    "version": ["0.1"],
    "type": ["Java", "Spark", "PySpark"],
    "stream": ["stdout", "stderr"],
    "template": ["mine"],
}
#: Nouns that v2 does not have.
_OLD = {"job-binary-internals"}
_PLACE = {
    "plugin_name": "fake",
    "plugin_version": "0.1",
    "default_image_id": catalog.FAKE_IMAGE,
    "neutron_management_network": catalog.NETWORK,
}


class Ground:
    """``ids`` has the ids of each noun that exist, by the first part of its path in v2.

    Use as a context manager.
    """

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self.world = service.World(
            directory=directory,
            further_plugins={"spark": spark.SparkPlugin(service.configuration())},
        )
        self.application = app.create_app(
            self.world.env, lambda inner: inner, check_answers=True
        )
        self._client = werkzeug.test.Client(self.application)
        self.ids: dict[str, list[str]] = {}
        self._settle()
        self._seed()
        self._in_body = self._meanings()
        self._keep()

    def __enter__(self) -> "Ground":
        return self

    def __exit__(self, *error: object) -> None:
        self._watch.close()
        self.world.close()

    def ask(self, method, path, *, version=versions.V2_1, project=None, **more):
        """One request, whatever it does; the answer as werkzeug sees it."""
        headers = {
            **HEADERS,
            versions.HEADER: f"data-processing {versions.text(version)}",
        }
        if project is not None:
            headers["X-Project-Id"] = project
        return self._client.open(path, method=method, headers=headers, **more)

    def changed(self) -> bool:
        """Whether anything is stored that was not there, or is not there any more."""
        return (
            self._watch.execute("PRAGMA data_version").fetchone()[0] != self._version
            or self._beside() != self._kept
        )

    def restore(self) -> None:
        """Make everything as it was at first."""
        self._watch.close()
        self.world.env.db.dispose()
        for file in self._directory.glob("sparkaas.sqlite-*"):
            file.unlink()
        shutil.copyfile(self._snapshot, self._file)
        world, (secrets, objects, images) = self.world, copy.deepcopy(self._kept)
        world.secrets.values = secrets
        world.store.objects = objects
        world.catalog._images = images
        self._look()

    @property
    def _file(self) -> pathlib.Path:
        return self._directory / "sparkaas.sqlite"

    @property
    def _snapshot(self) -> pathlib.Path:
        return self._directory / "snapshot"

    def _beside(self):
        world = self.world
        return world.secrets.values, world.store.objects, world.catalog._images

    def _keep(self) -> None:
        self.world.env.db.dispose()
        shutil.copyfile(self._file, self._snapshot)
        self._kept = copy.deepcopy(self._beside())
        self._look()

    def _look(self) -> None:
        self._watch = sqlite3.connect(self._file)
        self._version = self._watch.execute("PRAGMA data_version").fetchone()[0]

    def in_path(self, noun, name) -> list[str]:
        """What a path's variable may be called."""
        if name == "id":
            return self.ids[noun]
        return _IN_PATH[name]

    def in_body(self) -> dict[str, list[Any]]:
        """What means something in a body or query, by its key."""
        return self._in_body

    def missing(self, method, path) -> dict[str, Any]:
        """What no schema asks for and the request cannot do without."""
        if (method, path) != ("POST", "/clusters"):
            return {}
        return {**_PLACE, "node_groups": self._in_body["node_groups"][0]}

    def lists(self) -> list[str]:
        """What is wrong with the lists, as the last request left them."""
        wrong = []
        for noun in self.ids:
            prefix = "/v1.1" if noun in _OLD else "/v2"
            for version in versions.MICROVERSIONS:
                answer = self.ask("GET", f"{prefix}/{noun}", version=version)
                if answer.status_code != 200:
                    wrong.append(f"GET {noun} -> {answer.status_code} {answer.text}")
        return wrong

    def settle(self) -> list[str]:
        """What a conductor cannot cope with, of all that was asked so far. Nothing
        restores the world from that."""
        env = self.world.env
        driving.Conductor(env, self.world.clock).settle()
        everything = model.Query()
        return [
            f"{record.name}: {record.reason}"
            for page in (clusters.page, jobs.page)
            for record in page(env.db, None, everything).items
            if record.reason is not None and record.reason.code == "INTERNAL_ERROR"
        ]

    def _make(self, path, body, **more) -> str:
        answer = self.ask("POST", f"/v2/{path}", json=body, **more)
        assert answer.status_code == 202, answer.text
        (made,) = answer.json.values()
        self.ids.setdefault(path, []).append(made["id"])
        return made["id"]

    def _settle(self) -> None:
        """A cluster that runs, one whose making failed, a job that ended."""
        env = self.world.env
        conductor = driving.Conductor(env, self.world.clock)
        active = records.cluster(env, "active")
        template = records.job_template(env)
        ended = records.job(env, active, template)
        conductor.settle()
        failed = records.cluster(
            env,
            "failed",
            condition=states.Condition.ERROR,
            observed_generation=1,
            reason=model.Reason(code="NO_HOST", sentence="No host was found."),
        )
        self.ids["clusters"] = [active.id, failed.id]
        self.ids["images"] = [catalog.FAKE_IMAGE, catalog.PLAIN_IMAGE]
        self.ids["job-templates"] = [template.id]
        self.ids["job-binaries"] = [*template.mains, *template.libs]
        self.ids["jobs"] = [ended.id]

    def _seed(self) -> None:
        """The rest, through the API, and for other projects to see."""
        group = {
            **{key: _PLACE[key] for key in ("plugin_name", "plugin_version")},
            "flavor_id": "2",
            "node_processes": ["datanode"],
        }
        free = self._make("node-group-templates", {"name": "free", **group})
        self._make(
            "node-group-templates",
            {"name": "theirs", "is_public": True, **group},
            project=OTHER_PROJECT,
        )
        self._make(
            "node-group-templates", {"name": "kept", "is_protected": True, **group}
        )
        both = [_HEAD, {"name": "w", "count": 2, "node_group_template_id": free}]
        small = self._make(
            "cluster-templates", {"name": "small", "node_groups": both, **_PLACE}
        )
        for name in ("unused", "spare"):
            self._make("cluster-templates", {"name": name, **_PLACE})
        made_of = {"cluster_template_id": small, **_PLACE}
        cluster = self._make("clusters", {"name": "asked", **made_of})
        going = self._make("clusters", {"name": "going", **made_of})
        self.ask("DELETE", f"/v2/clusters/{going}")
        for number in range(3):
            self._make(
                "data-sources",
                {"name": f"data{number}", "type": "hdfs", "url": f"hdfs://h/{number}"},
            )
        extra = {"user": "u", "password": "p"}
        jar = {"name": "app.jar", "url": "swift://box/app.jar", "extra": extra}
        binary = self._make("job-binaries", jar)
        self._make("job-binaries", {**jar, "name": "spare.jar"})
        kept = self.ask("PUT", "/v1.1/job-binary-internals/kept.jar", data=b"jar")
        internal = kept.json["job_binary_internal"]["id"]
        self.ids["job-binary-internals"] = [internal]
        self._make("job-binaries", {"name": "k", "url": f"internal-db://{internal}"})
        program = self._make(
            "job-templates", {"name": "pi", "type": "Spark", "mains": [binary]}
        )
        self._make(
            "job-templates", {"name": "hello", "type": "Shell", "mains": [binary]}
        )
        configs = {"edp.java.main_class": "org.example.Pi", "fs.s3a.secret.key": "k"}
        launch = {
            "job_template_id": program,
            "cluster_id": cluster,
            "job_configs": {"configs": configs, "args": ["10"]},
        }
        self._make("jobs", launch)

    def _meanings(self) -> dict[str, list[Any]]:
        ids = self.ids
        settings = {"HDFS": {"dfs.replication": 2, "Heap Size": 512}}
        groups = [_HEAD, {**_HEAD, "name": "worker", "node_processes": ["datanode"]}]
        return {
            "plugin_name": ["fake", "fake", "fake", "spark"],
            "plugin_version": ["0.1"] * 4,
            "hadoop_version": ["0.1"] * 4,
            "flavor_id": ["2", 3],
            "node_processes": [*_PROCESSES],
            "node_configs": [settings],
            "cluster_configs": [settings],
            "image_id": [catalog.FAKE_IMAGE, catalog.PLAIN_IMAGE],
            "default_image_id": [catalog.FAKE_IMAGE],
            "neutron_management_network": [catalog.NETWORK],
            "user_keypair_id": [catalog.KEYPAIR],
            "node_groups": [groups],
            "node_group_template_id": ids["node-group-templates"],
            "cluster_template_id": ids["cluster-templates"],
            "job_template_id": ids["job-templates"][1:],
            "cluster_id": ids["clusters"],
            "input_id": ids["data-sources"],
            "output_id": ids["data-sources"],
            "mains": [ids["job-binaries"][:1], ids["job-binaries"][:2]],
            "libs": [ids["job-binaries"][2:]],
            "url": [
                *("hdfs://host:8020/data", "swift://box/a", "s3a://bucket/a"),
                *("s3://bucket/a", "internal-db://"),
                f"internal-db://{ids['job-binary-internals'][0]}",
            ],
            "resize_node_groups": [[{"name": "worker", "count": 3}]],
            "add_node_groups": [[{**groups[1], "name": "more"}]],
            "marker": [ids["clusters"][0], ids["jobs"][0]],
            "sort_by": ["name", "-created_at", "-status", "plugin_version"],
            "limit": ["1", "2"],
        }

# SPDX-License-Identifier: Apache-2.0
"""One client of the API over a world of fakes, and an object of every stored noun."""

import contextlib
import itertools
import uuid

import werkzeug.test

from sparkaas.api import app
from sparkaas.testing import catalog
from sparkaas.testing import driving
from sparkaas.testing import service
from tests.functional import fixtures
from tests.functional import old_words

MINE = "aaaaaaaabbbbccccddddeeeeeeeeeeee"
THEIRS = "ffffffffbbbbccccddddeeeeeeeeeeee"

PLUGIN = {"plugin_name": "fake", "plugin_version": "0.1"}
HEAD = {
    "name": "head",
    "count": 1,
    "flavor_id": "2",
    "node_processes": ["namenode"],
}
WORKER = {
    "name": "worker",
    "count": 2,
    "flavor_id": "2",
    "node_processes": ["datanode"],
}

#: Path of a noun -> (key of one, key of many).
KEYS = {
    "clusters": ("cluster", "clusters"),
    "cluster-templates": ("cluster_template", "cluster_templates"),
    "node-group-templates": ("node_group_template", "node_group_templates"),
    "data-sources": ("data_source", "data_sources"),
    "job-binaries": ("job_binary", "binaries"),
    "job-templates": ("job_template", "job_templates"),
    "jobs": ("job", "jobs"),
}


class Api:
    """Speaks as ``project``, a member; every answer is held against its schema.

    With version 1.1 what a test says in the words of v2 is asked, and answered, in
    those of v1.1.
    """

    def __init__(self, world, project=MINE, version="2.0"):
        self.world = world
        self.project = project
        self.version = version
        made = app.create_app(world.env, fixtures.believing, check_answers=True)
        self._client = werkzeug.test.Client(made)
        self._numbers = itertools.count(1)

    def ask(self, method, path, body=None, *, project=None, roles="member,reader"):
        """The answer; ``path`` is below /v2."""
        headers = {
            "X-Auth-Token": "token",
            "X-Project-Id": project or self.project,
            "X-User-Id": "somebody",
            "X-Roles": roles,
            "OpenStack-API-Version": f"data-processing {self.version}",
        }
        if self.version == "1.1":
            method, path, body = old_words.request(method, path, body)
            answer = self._client.open(
                f"/v1.1{path}", method=method, json=body, headers=headers
            )
            return old_words.answer(answer)
        return self._client.open(
            f"/v2{path}", method=method, json=body, headers=headers
        )

    def of(self, project):
        """The same for another project."""
        return Api(self.world, project, self.version)

    def make(self, noun, /, **body):
        """The new object, as its answer shows it."""
        answer = self.ask("POST", f"/{noun}", {**self._default(noun), **body})
        assert answer.status_code == 202, answer.text
        return answer.json[KEYS[noun][0]]

    def show(self, noun, id):
        """The object as it is now."""
        return self.ask("GET", f"/{noun}/{id}").json[KEYS[noun][0]]

    def list_(self, noun, query="", **more):
        """(objects, markers) of a list."""
        answer = self.ask("GET", f"/{noun}?{query}", **more)
        assert answer.status_code == 200, answer.text
        return answer.json[KEYS[noun][1]], answer.json.get("markers")

    def settle(self):
        """The conductor works until it has nothing left to do."""
        driving.Conductor(self.world.env, self.world.clock).settle()

    def _default(self, noun):
        name = f"n{next(self._numbers):02}"
        match noun:
            case "clusters":
                return {
                    "name": name,
                    **PLUGIN,
                    "default_image_id": catalog.FAKE_IMAGE,
                    "neutron_management_network": catalog.NETWORK,
                    "node_groups": [HEAD, WORKER],
                }
            case "cluster-templates":
                return {"name": name, **PLUGIN, "node_groups": [HEAD, WORKER]}
            case "node-group-templates":
                settings = {k: v for k, v in WORKER.items() if k != "count"}
                return {**PLUGIN, **settings, "name": name}
            case "data-sources":
                return {"name": name, "type": "hdfs", "url": f"/{name}"}
            case "job-binaries":
                extra = {"user": "u", "password": "hunter2"}
                return {"name": name, "url": f"swift://box/{name}", "extra": extra}
            case "job-templates":
                main = self.make("job-binaries")["id"]
                return {"name": name, "type": "Spark", "mains": [main]}
            case "jobs":
                template = self.make("job-templates")["id"]
                cluster = self.make("clusters")["id"]
                return {"job_template_id": template, "cluster_id": cluster}
        raise LookupError(noun)

    def upload(self, data=b"print()", **body):
        """A job binary that the service keeps, with its bytes."""
        newer = Api(self.world, self.project, "2.1")
        name = f"{uuid.uuid4().hex[:8]}.py"
        made = newer.ask("POST", "/job-binaries", {"name": name, **body})
        id = made.json["job_binary"]["id"]
        answer = newer._client.put(
            f"/v2/job-binaries/{id}/data",
            data=data,
            headers={
                "X-Auth-Token": "token",
                "X-Project-Id": self.project,
                "X-User-Id": "somebody",
                "X-Roles": "member,reader",
                "OpenStack-API-Version": "data-processing 2.1",
            },
        )
        assert answer.status_code == 202, answer.text
        return answer.json["job_binary"]


@contextlib.contextmanager
def api(version="2.0", **options):
    """An ``Api`` over a world of its own; ``options`` are the world's."""
    with service.World(**options) as world:
        yield Api(world, version=version)

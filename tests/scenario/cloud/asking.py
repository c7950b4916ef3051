# SPDX-License-Identifier: Apache-2.0
"""The service's API as a user of a project has it."""

from __future__ import annotations

import functools
import time
import uuid
from typing import Any

import pytest
import requests

from tests.scenario import harness
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import production

TERMINAL = {"SUCCEEDED", "FAILED", "KILLED", "DONEWITHERROR"}
#: Seconds; a guest takes ten to twenty on a machine that does nothing else.
ACTIVE = 600
GONE = 300
ENDED = 400
#: Between two looks: each one costs the machine that the guests run on.
EVERY = 0.5

wait_for = functools.partial(harness.wait_for, every=EVERY)


class Asking:
    """Requests at 2.1 with a user's token."""

    def __init__(
        self, service: production.Production, user: str = "demo", project: str = ""
    ) -> None:
        self.service = service
        self.cloud = service.cloud
        self.user = user
        self.project = project
        self._connection = service.cloud.as_user(user, project)
        self._http = requests.Session()
        self._http.headers.update(harness.HEADERS)

    def ask(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> requests.Response:
        """One request below /v2."""
        headers = {"X-Auth-Token": self._connection.auth_token}
        return self._http.request(
            method,
            f"{self.service.url}/v2/{path}",
            json=body,
            headers={**headers, **options.pop("headers", {})},
            timeout=60,
            **options,
        )

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """One request that is to succeed; its answer's JSON, if any."""
        answer = self.ask(method, path, body, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def node_group(self, name: str, process: str, count: int, **more: Any) -> Any:
        """A node group as a body has it."""
        return {
            "name": name,
            "flavor_id": self.cloud.id("flavor", openstack_cloud.FLAVOR),
            "node_processes": [process],
            "count": count,
            "auto_security_group": True,
            **more,
        }

    def cluster(self, workers: int = 2, **more: Any) -> dict[str, Any]:
        """A request for a cluster of a master with a floating IP, and workers."""
        pool = self.cloud.id("network", "public")
        return {
            "name": f"c-{uuid.uuid4().hex[:8]}",
            "plugin_name": "spark",
            "plugin_version": openstack_cloud.SPARK,
            "default_image_id": self.cloud.id("image", openstack_cloud.IMAGE),
            "neutron_management_network": self.cloud.id(
                "network", "private", self.user
            ),
            "user_keypair_id": "user",
            "node_groups": [
                self.node_group("master", "master", 1, floating_ip_pool=pool),
                self.node_group("worker", "slave", workers),
            ],
            **more,
        }

    def create(self, body: dict[str, Any]) -> str:
        """Ask for a cluster; returns its id."""
        return str(self.call("POST", "clusters", body)["cluster"]["id"])

    def show(self, cluster_id: str) -> dict[str, Any]:
        """The cluster."""
        return dict(self.call("GET", f"clusters/{cluster_id}")["cluster"])

    def active(self, cluster_id: str, seconds: float = ACTIVE) -> dict[str, Any]:
        """The cluster, once it is Active; fails as soon as it is in Error."""
        return self.settled(cluster_id, "Active", seconds)

    def settled(
        self, cluster_id: str, status: str, seconds: float = ACTIVE
    ) -> dict[str, Any]:
        """The cluster, once it is in that state and has done what was asked."""
        limit = time.monotonic() + seconds
        while True:
            cluster = self.show(cluster_id)
            if cluster["status"] == status:
                return cluster
            if cluster["status"] == "Error":
                pytest.fail(f"not {status}: {cluster['reason']}")
            if time.monotonic() > limit:
                pytest.fail(f"not {status} after {seconds} s: {cluster}")
            time.sleep(EVERY)

    def resize(self, cluster_id: str, workers: int) -> dict[str, Any]:
        """Change the number of workers; the cluster, once it has them."""
        wanted = [{"name": "worker", "count": workers}]
        self.call("PUT", f"clusters/{cluster_id}", {"resize_node_groups": wanted})
        return self.active(cluster_id)

    def delete(self, cluster_id: str, seconds: float = GONE) -> None:
        """Delete the cluster; returns when it is gone."""
        self.ask("DELETE", f"clusters/{cluster_id}")
        self.gone(cluster_id, seconds)

    def gone(self, cluster_id: str, seconds: float = GONE) -> None:
        """Wait until there is no such cluster."""
        path = f"clusters/{cluster_id}"
        wait_for(
            lambda: self.ask("GET", path).status_code == 404,
            seconds,
            f"the cluster {cluster_id} is gone",
        )

    def delete_all(self) -> None:
        """Every cluster of the project."""
        for cluster in self.call("GET", "clusters")["clusters"]:
            self.delete(cluster["id"])

    def names(self, cluster: dict[str, Any], group: str = "") -> list[str]:
        """Its nodes, or those of one group."""
        return [
            instance["instance_name"]
            for each in cluster["node_groups"]
            for instance in each["instances"]
            if group in ("", each["name"])
        ]

    def servers(self, cluster_id: str) -> dict[str, str]:
        """Its servers by name, as Nova has them."""
        compute = self.cloud.as_user(self.user, self.project).compute
        return {
            server.name: server.id
            for server in compute.servers()
            if server.metadata.get("sparkaas") == cluster_id
        }

    def address(self, cluster: dict[str, Any], inside: bool = False) -> str:
        """The master's, outside or inside its network."""
        (master,) = (
            instance
            for each in cluster["node_groups"]
            for instance in each["instances"]
            if each["name"] == "master"
        )
        return str(master["internal_ip" if inside else "management_ip"])

    def verify(self, cluster_id: str) -> None:
        """Ask for a health check; that one is under way already is fine."""
        asked = {"verification": {"status": "START"}}
        answer = self.ask("PATCH", f"clusters/{cluster_id}", asked)
        assert answer.ok or answer.status_code == 409, answer.text

    def job(self, cluster_id: str, program: str, *args: str, **configs: Any) -> str:
        """Start a PySpark program; returns the job's id."""
        name = f"j-{uuid.uuid4().hex[:8]}"
        binary = self.binary(f"{name}.py", program)
        template = self.call(
            "POST",
            "job-templates",
            {"name": name, "type": "PySpark", "mains": [binary]},
        )["job_template"]
        asked = {
            "job_template_id": template["id"],
            "cluster_id": cluster_id,
            "job_configs": {"args": list(args), "configs": configs},
        }
        return str(self.call("POST", "jobs", asked)["job"]["id"])

    def binary(self, name: str, content: str) -> str:
        """Upload a job binary; returns its id."""
        binary = self.call("POST", "job-binaries", {"name": name})["job_binary"]
        self.call(
            "PUT",
            f"job-binaries/{binary['id']}/data",
            data=content.encode(),
            headers={"Content-Type": "application/octet-stream"},
        )
        return str(binary["id"])

    def ended(self, job_id: str, seconds: float = ENDED) -> dict[str, Any]:
        """The job, once it has ended."""

        def look() -> Any:
            job = self.call("GET", f"jobs/{job_id}")["job"]
            return job if job["info"]["status"] in TERMINAL else None

        return dict(wait_for(look, seconds, f"job {job_id} ends"))

    def output(self, job_id: str) -> str:
        """What the job's driver printed."""
        return self.log(job_id).text

    def log(self, job_id: str, **query: Any) -> requests.Response:
        """A piece of what its driver printed."""
        return self.ask("GET", f"jobs/{job_id}/logs/stdout", params=query)

# SPDX-License-Identifier: Apache-2.0
"""The client of one service: a collection per noun, waiters, logs, uploads."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator

from sparkaas.client import cluster_templates
from sparkaas.client import clusters
from sparkaas.client import data_sources
from sparkaas.client import errors
from sparkaas.client import flavors
from sparkaas.client import images
from sparkaas.client import job_binaries
from sparkaas.client import job_templates
from sparkaas.client import job_types
from sparkaas.client import jobs
from sparkaas.client import logs
from sparkaas.client import node_group_templates
from sparkaas.client import plugins
from sparkaas.client import quotas
from sparkaas.client import transport as transport_module
from sparkaas.client import waiting

#: Seconds that the waiters wait unless told otherwise.
CLUSTER_TIMEOUT = 1800.0


class Client:
    """``client.clusters.find("demo")``, ``client.jobs.list()`` and so on: each noun
    has create, get, find, list, iterate, update, delete as far as the service does.
    """

    def __init__(
        self,
        transport: transport_module.Transport,
        *,
        clock: waiting.Clock = waiting.SYSTEM_CLOCK,
    ) -> None:
        self.transport = transport
        self._clock = clock
        self.plugins = plugins.Plugins(transport)
        self.images = images.Images(transport)
        self.flavors = flavors.Flavors(transport)
        self.quotas = quotas.Quotas(transport)
        self.node_group_templates = node_group_templates.NodeGroupTemplates(transport)
        self.cluster_templates = cluster_templates.ClusterTemplates(transport)
        self.clusters = clusters.Clusters(transport)
        self.data_sources = data_sources.DataSources(transport)
        self.job_binaries = job_binaries.JobBinaries(transport)
        self.job_types = job_types.JobTypes(transport)
        self.job_templates = job_templates.JobTemplates(transport)
        self.jobs = jobs.Jobs(transport, self.job_templates)

    def upload(
        self,
        path: str | os.PathLike[str],
        name: str | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> job_binaries.JobBinary:
        """Store a file as a job binary; see ``JobBinaries.upload``."""
        return self.job_binaries.upload(path, name, on_progress)

    def follow_log(
        self, job_id: str, stream: str, offset: int = 0, *, follow: bool = True
    ) -> Iterator[bytes]:
        """A job's ``stdout`` or ``stderr`` from a byte offset, as it comes, until it
        is complete; without ``follow``, what there is now."""
        hold = logs.HOLD_SECONDS if follow else 0.0
        return logs.follow(
            self.transport, job_id, stream, offset, hold=hold, clock=self._clock
        )

    def wait_for_cluster(
        self,
        id: str,
        timeout: float | None = CLUSTER_TIMEOUT,
        on_look: Callable[[clusters.Cluster], None] | None = None,
    ) -> clusters.Cluster:
        """Wait until nothing is under way and the cluster is Active.

        ``timeout`` in seconds. Raises ``errors.ClusterFailed`` when it is in Error,
        ``errors.NotFound`` when it was deleted, ``errors.DeadlineExceeded``.
        """
        cluster = waiting.wait_for(
            lambda: self.clusters.get(id),
            lambda seen: seen.at_rest,
            what="The active cluster",
            state=lambda seen: seen.status,
            timeout=timeout,
            clock=self._clock,
            on_look=on_look,
        )
        if cluster.status == "Error":
            reason = cluster.reason
            raise errors.ClusterFailed(
                f"Cluster {cluster.name} is in Error: "
                f"{reason.sentence if reason else cluster.status_description}",
                code=reason.code if reason else "",
                hint=reason.hint if reason else None,
            )
        return cluster

    def verify_cluster(
        self,
        id: str,
        timeout: float | None = CLUSTER_TIMEOUT,
        on_look: Callable[[clusters.Cluster], None] | None = None,
    ) -> clusters.Cluster:
        """Start a health verification, wait for its end, and return the cluster with
        what it found. Raises ``errors.BadRequest`` when none can be started."""
        before = self.clusters.get(id).verification
        self.clusters.verify(id)

        def over(seen: clusters.Cluster) -> bool:
            # A plain Sahara may show the last one until the new one begins.
            now = seen.verification
            return now is not None and now.status != "CHECKING" and now != before

        return waiting.wait_for(
            lambda: self.clusters.get(id),
            over,
            what="The end of the verification",
            state=lambda seen: seen.verification.status if seen.verification else "",
            timeout=timeout,
            clock=self._clock,
            on_look=on_look,
        )

    def wait_for_cluster_gone(
        self,
        id: str,
        timeout: float | None = CLUSTER_TIMEOUT,
        on_look: Callable[[clusters.Cluster], None] | None = None,
    ) -> None:
        """Wait until a cluster that is being deleted is gone.

        Raises ``errors.ClusterFailed`` when the deletion failed.
        """

        def look() -> clusters.Cluster | None:
            try:
                seen = self.clusters.get(id)
            except errors.NotFound:
                return None
            if on_look:
                on_look(seen)
            if seen.status == "Error":
                raise errors.ClusterFailed(
                    f"Cluster {seen.name} could not be deleted: "
                    f"{seen.reason.sentence if seen.reason else 'it is in Error.'}",
                    code=seen.reason.code if seen.reason else "",
                    hint=seen.reason.hint if seen.reason else None,
                )
            return seen

        waiting.wait_for(
            look,
            lambda seen: seen is None,
            what="The end of the cluster",
            state=lambda seen: seen.status if seen else "gone",
            timeout=timeout,
            clock=self._clock,
        )

    def see_job(self, id: str) -> jobs.Job:
        """The job as it is; patient with a service that is being restarted."""
        return waiting.wait_for(
            lambda: self.jobs.get(id),
            lambda seen: True,
            what="The job",
            state=lambda seen: seen.status,
            timeout=None,
            clock=self._clock,
        )

    def wait_for_job(
        self,
        id: str,
        timeout: float | None = None,
        on_look: Callable[[jobs.Job], None] | None = None,
    ) -> jobs.Job:
        """Wait until the job is over, however it went."""
        return waiting.wait_for(
            lambda: self.jobs.get(id),
            lambda seen: seen.finished,
            what="The end of the job",
            state=lambda seen: seen.status,
            timeout=timeout,
            clock=self._clock,
            on_look=on_look,
        )

    def wait_for_job_gone(self, id: str, timeout: float | None = None) -> None:
        """Wait until a job that is being deleted is gone."""

        def look() -> jobs.Job | None:
            try:
                return self.jobs.get(id)
            except errors.NotFound:
                return None

        waiting.wait_for(
            look,
            lambda seen: seen is None,
            what="The end of the job",
            state=lambda seen: seen.status if seen else "gone",
            timeout=timeout,
            clock=self._clock,
        )

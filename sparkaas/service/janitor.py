# SPDX-License-Identifier: Apache-2.0
"""Sweeps up what exists in the cloud and belongs to no cluster.

That is what a forced deletion left behind, and what an owner lent for a cluster that
was never stored, or whose deletion could not give it back; and the keys of jobs that
were never stored, or ended without giving them back. The other way round, a record
whose nodes are gone is seen to by the cluster's own health check.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.service import env as service_env

LOG = logging.getLogger(__name__)


class Janitor:
    """Remembers from one sweep to the next who was a stranger: one listing may be
    older than the deletion that it contradicts, two in a row are not."""

    def __init__(self, env: service_env.Env) -> None:
        self._env = env
        self._suspects: frozenset[str] = frozenset()
        self._loose: frozenset[str] = frozenset()
        self._keys: frozenset[str] = frozenset()

    def sweep(self) -> tuple[str, ...]:
        """Look once; have the cloud delete what was a stranger before, too. Return the
        ids of clusters so deleted. Nothing is deleted unless the database answers."""
        lent = self._env.infrastructure.delegated()
        owned = self._env.infrastructure.list_owned()
        ids = frozenset(each.cluster_id for each in owned)
        # After the listing: a record stands before its first object does.
        strangers = ids - clusters.known(self._env.db, ids)
        seen_twice = sorted(strangers & self._suspects)
        self._suspects = strangers
        # What is left in a project may need what was lent there to be removed.
        busy = {each.project_id for each in owned if each.cluster_id in strangers}
        self._take_back({id for id, project in lent.items() if project not in busy})
        for id in seen_twice:
            count = sum(each.cluster_id == id for each in owned)
            LOG.warning("Deleting %d objects of the unknown cluster %s", count, id)
            try:
                self._env.infrastructure.delete(_stand_in(id))
            except exceptions.SparkaasError as error:
                LOG.warning("Not deleted, will be tried again: %s", error.message)
        return tuple(seen_twice)

    def _take_back(self, lent: Collection[str]) -> None:
        """Take back what no record owns and none did when last seen."""
        loose = frozenset(lent) - clusters.trusts(self._env.db)
        seen_twice = sorted(loose & self._loose)
        self._loose = loose
        for id in seen_twice:
            LOG.warning("Taking back what was lent for no cluster: %s", id)
            try:
                self._env.infrastructure.revoke(id)
            except exceptions.SparkaasError as error:
                LOG.warning("Not taken back, will be tried again: %s", error.message)

    def sweep_keys(self) -> tuple[str, ...]:
        """Look once at the keys that jobs were lent; take back those whose job is gone
        or at its end, and was so before. Return their access keys."""
        objects = self._env.objects
        if objects is None:
            return ()
        lent = objects.given()
        # After the listing: of a job that is just launched, keys are made first.
        busy = jobs.unfinished(self._env.db, frozenset(lent.values()))
        loose = frozenset(access for access, id in lent.items() if id not in busy)
        seen_twice = sorted(loose & self._keys)
        self._keys = loose
        for access in seen_twice:
            LOG.warning("Taking back keys that were lent to the job %s", lent[access])
            try:
                objects.take_back(access)
            except exceptions.SparkaasError as error:
                LOG.warning("Not taken back, will be tried again: %s", error.message)
        return tuple(seen_twice)


def _stand_in(id: str) -> model.Cluster:
    """A cluster of which nothing is known but its id, by which all is named."""
    return model.Cluster(
        id=id, project_id="", name=id, plugin_name="", plugin_version=""
    )

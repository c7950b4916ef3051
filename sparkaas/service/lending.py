# SPDX-License-Identifier: Apache-2.0
"""Keeps what an infrastructure is lent by a cluster's owner among the secrets: the
record has a reference."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model

_KEY = "trust_id"
#: References whose value is remembered: one for each cluster at work.
_KEPT = 1024


class Lending:
    """An ``interfaces.Infrastructure`` around another one."""

    def __init__(
        self,
        inner: interfaces.Infrastructure,
        secrets: interfaces.Secrets,
        project_id: str = "",
    ) -> None:
        self._inner = inner
        self._secrets = secrets
        self._project_id = project_id
        self._read = functools.lru_cache(_KEPT)(self._look_up)

    def for_caller(self, caller: interfaces.Caller) -> Lending:
        """The same for a request's caller."""
        inner = self._inner.for_caller(caller)
        return Lending(inner, self._secrets, caller.project_id)

    def check(self, cluster: model.Cluster) -> None:
        self._inner.check(self._whole(cluster))

    def delegate(self) -> str | None:
        """A reference to what the owner lends."""
        lent = self._inner.delegate()
        if lent is None:
            return None
        try:
            return self._reference(self._project_id, lent)
        except BaseException:
            self._inner.revoke(lent)
            raise

    def renew(self, trust_id: str | None) -> str | None:
        known = None if trust_id is None else self._lent(trust_id)
        lent = self._inner.renew(known)
        if lent is None or lent == known:
            return trust_id
        return self._reference(self._project_id, lent)

    def revoke(self, trust_id: str | None) -> None:
        if trust_id is not None:
            self._inner.revoke(self._lent(trust_id))
            self._secrets.delete(trust_id)

    def delegated(self) -> Mapping[str, str]:
        """By reference. What nobody knows gets one, too: for ``revoke``."""
        return {
            self._reference(project_id, lent): project_id
            for lent, project_id in self._inner.delegated().items()
        }

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        return self._inner.secrets(cluster)

    def ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        return self._inner.ensure(self._whole(cluster), manifests, secrets)

    def observe(self, cluster: model.Cluster) -> Mapping[str, interfaces.NodeState]:
        return self._inner.observe(self._whole(cluster))

    def delete(self, cluster: model.Cluster) -> model.Outcome:
        return self._inner.delete(self._whole(cluster))

    def list_owned(self) -> tuple[interfaces.Owned, ...]:
        return self._inner.list_owned()

    def _whole(self, cluster: model.Cluster) -> model.Cluster:
        """The cluster as the inner one made it."""
        if cluster.trust_id is None:
            return cluster
        return dataclasses.replace(cluster, trust_id=self._lent(cluster.trust_id))

    def _reference(self, project_id: str, lent: str) -> str:
        """The same for the same, so that it is known again when it is seen."""
        return self._secrets.put(project_id, {_KEY: lent}, f"lent/{lent}")

    def _lent(self, reference: str) -> str | None:
        """None: it was taken back already."""
        try:
            return self._read(reference)
        except exceptions.NotFound:
            return None

    def _look_up(self, reference: str) -> str:
        return self._secrets.get(reference)[_KEY]

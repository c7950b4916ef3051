# SPDX-License-Identifier: Apache-2.0
"""What the service works with: built once by ``cmd``, passed everywhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from oslo_config import cfg

from sparkaas import context as contexts
from sparkaas import interfaces
from sparkaas.db import session
from sparkaas.plugins import base


@dataclasses.dataclass(frozen=True)
class Env:
    """The service's world."""

    conf: cfg.ConfigOpts
    db: session.Database
    clock: interfaces.Clock
    bell: interfaces.Bell
    secrets: interfaces.Secrets
    store: interfaces.Store
    catalog: interfaces.Catalog
    infrastructure: interfaces.Infrastructure
    reach: interfaces.Reach
    plugins: Mapping[str, base.Plugin]
    #: Whether other services are told of what happens.
    announces: bool = False
    #: None: no object store lends anything.
    objects: interfaces.Objects | None = None

    def for_caller(self, context: contexts.RequestContext) -> Env:
        """The world as seen within one request."""
        caller = interfaces.Caller(
            user_id=context.user_id,
            project_id=context.project_id,
            token=context.auth_token,
        )
        return dataclasses.replace(
            self,
            catalog=self.catalog.for_caller(caller),
            infrastructure=self.infrastructure.for_caller(caller),
            objects=self.objects and self.objects.for_caller(caller),
        )

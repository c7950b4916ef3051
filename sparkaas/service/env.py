# SPDX-License-Identifier: Apache-2.0
"""What the service works with: built once by ``cmd``, passed everywhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from oslo_config import cfg

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

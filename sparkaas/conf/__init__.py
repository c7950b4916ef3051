# SPDX-License-Identifier: Apache-2.0
"""The service's options: one file per group, registered on the object given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from sparkaas.conf import api
from sparkaas.conf import conductor
from sparkaas.conf import edp
from sparkaas.conf import local
from sparkaas.conf import metrics
from sparkaas.conf import notifications
from sparkaas.conf import openstack
from sparkaas.conf import quotas
from sparkaas.conf import secrets
from sparkaas.conf import service
from sparkaas.conf import spark
from sparkaas.conf import swift

_GROUPS = (
    service,
    api,
    conductor,
    edp,
    metrics,
    notifications,
    quotas,
    secrets,
    local,
    openstack,
    swift,
    spark,
)


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register every option of the service on ``conf``."""
    for group in _GROUPS:
        conf.register_opts(group.OPTS, group=group.GROUP)


def list_opts() -> Sequence[tuple[str, Sequence[Any]]]:
    """(group, options) pairs, for the sample configuration's generator."""
    return [(group.GROUP, group.OPTS) for group in _GROUPS]

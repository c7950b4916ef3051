# SPDX-License-Identifier: Apache-2.0
"""Whether this process can answer requests."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas.db import migration
from sparkaas.service import env as service_env


def check(env: service_env.Env) -> None:
    """Raise ``exceptions.Permanent`` when the database is away, or has no tables.

    Any revision will do: a newer one is there while a cloud is upgraded, and an older
    one keeps a service from starting.
    """
    if migration.version(env.db) is None:
        raise exceptions.Permanent(
            "The database has no tables.", hint="Run: sparkaas-manage db sync"
        )

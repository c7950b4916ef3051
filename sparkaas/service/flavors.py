# SPDX-License-Identifier: Apache-2.0
"""Flavors: read from the cloud."""

from __future__ import annotations

from sparkaas import context as contexts
from sparkaas import model
from sparkaas.service import env as environment


def list_(
    env: environment.Env, context: contexts.RequestContext
) -> tuple[model.Flavor, ...]:
    """All that the caller can use, the smallest first."""
    return tuple(
        sorted(env.catalog.flavors(), key=lambda f: (f.ram_mb, f.vcpus, f.name))
    )

# SPDX-License-Identifier: Apache-2.0
"""Every request that the API answers, by its versions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from sparkaas.api import routing
from sparkaas.api import validation
from sparkaas.api import versions
from sparkaas.api.v1 import extras
from sparkaas.api.v1 import job_binary_internals
from sparkaas.api.v1 import nouns
from sparkaas.api.v1 import translation
from sparkaas.api.v2 import cluster_templates
from sparkaas.api.v2 import clusters
from sparkaas.api.v2 import data_sources
from sparkaas.api.v2 import flavors
from sparkaas.api.v2 import images
from sparkaas.api.v2 import job_binaries
from sparkaas.api.v2 import job_templates
from sparkaas.api.v2 import job_types
from sparkaas.api.v2 import jobs
from sparkaas.api.v2 import node_group_templates
from sparkaas.api.v2 import plugins
from sparkaas.api.v2 import quotas

_OWN: tuple[routing.Route, ...] = (
    *plugins.ROUTES,
    *images.ROUTES,
    *flavors.ROUTES,
    *node_group_templates.ROUTES,
    *cluster_templates.ROUTES,
    *clusters.ROUTES,
    *data_sources.ROUTES,
    *job_binaries.ROUTES,
    *job_types.ROUTES,
    *job_templates.ROUTES,
    *jobs.ROUTES,
    *quotas.ROUTES,
)

_ALL_PROJECTS: dict[str, validation.Schema] = {
    routing.EVERYWHERE: {
        "type": "string",
        "enum": ["true", "false"],
        "description": "true or false",
    },
    "project_id": {"type": "string", "description": "Only that project's."},
}


def _with_all_projects(
    routes: tuple[routing.Route, ...],
) -> Iterator[routing.Route]:
    """From 2.1 on every list of stored objects can be of all projects."""
    newest = {(r.method, r.path): r for r in sorted(routes, key=_since)}
    for route in routes:
        if "marker" not in route.query:
            yield route
            continue
        is_newest = newest[route.method, route.path] == route
        route = dataclasses.replace(route, everywhere=f"{route.policy}-all")
        if route.min_version < versions.V2_1 or not is_newest:
            yield route
        if is_newest:
            yield dataclasses.replace(
                route,
                min_version=versions.V2_1,
                query={**route.query, **_ALL_PROJECTS},
            )


def _since(route: routing.Route) -> versions.Version:
    return route.min_version


#: Those of v2.
ROUTES: tuple[routing.Route, ...] = tuple(_with_all_projects(_OWN))

V1_0: tuple[routing.Route, ...] = (
    *extras.OF_V1_0,
    *(
        route
        for noun in nouns.ALL
        if noun.in_v1_0
        for route in translation.routes(noun, ROUTES)
    ),
)
V1_1: tuple[routing.Route, ...] = (
    *V1_0,
    *extras.OF_V1_1,
    *job_binary_internals.ROUTES,
    *(
        route
        for noun in nouns.ALL
        if not noun.in_v1_0
        for route in translation.routes(noun, ROUTES)
    ),
)


@dataclasses.dataclass(frozen=True)
class Api:
    """A version of the API: all its routes, below ``/{name}``."""

    name: str
    routes: tuple[routing.Route, ...]
    microversions: bool = False


APIS = (Api("v1.0", V1_0), Api("v1.1", V1_1), Api("v2", ROUTES, microversions=True))

# SPDX-License-Identifier: Apache-2.0
"""Every request that API v2 answers, as one tuple."""

from __future__ import annotations

from sparkaas.api import routing
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

ROUTES: tuple[routing.Route, ...] = (
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
)

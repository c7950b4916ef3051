# SPDX-License-Identifier: Apache-2.0
"""Every request that API v2 answers, as one tuple."""

from __future__ import annotations

from sparkaas.api import routing
from sparkaas.api.v2 import node_group_templates

ROUTES: tuple[routing.Route, ...] = (*node_group_templates.ROUTES,)

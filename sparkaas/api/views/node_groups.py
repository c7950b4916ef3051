# SPDX-License-Identifier: Apache-2.0
"""Node groups on the wire."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.api.views import common
from sparkaas.api.views import node_settings


def show(group: model.NodeGroup) -> dict[str, Any]:
    """A group of a cluster template; clusters add the instances."""
    return {
        "id": group.id,
        "name": group.name,
        "count": group.count,
        **node_settings.show(group),
        "node_group_template_id": group.node_group_template_id,
        "created_at": common.timestamp(group.created_at),
        "updated_at": common.timestamp(group.updated_at),
    }

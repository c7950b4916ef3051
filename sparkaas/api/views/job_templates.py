# SPDX-License-Identifier: Apache-2.0
"""Job templates on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import model
from sparkaas.api.views import common
from sparkaas.api.views import job_binaries


def show(
    template: model.JobTemplate, binaries: Mapping[str, model.JobBinary]
) -> dict[str, Any]:
    """One template; ``binaries`` has at least its own, by id."""
    return {
        **common.resource(template),
        "type": template.type,
        "mains": _binaries(template.mains, binaries),
        "libs": _binaries(template.libs, binaries),
        "interface": [_argument(template, one) for one in template.interface],
    }


def _binaries(
    ids: Sequence[str], known: Mapping[str, model.JobBinary]
) -> list[dict[str, Any]]:
    """A binary that went in this very moment, with its template, is left out."""
    return [job_binaries.show(known[id]) for id in ids if id in known]


def _argument(template: model.JobTemplate, argument: model.Argument) -> dict[str, Any]:
    return {
        "id": argument.id,
        "order": argument.order,
        "job_id": template.id,
        "tenant_id": template.project_id,
        "name": argument.name,
        "description": argument.description,
        "mapping_type": argument.mapping_type,
        "location": argument.location,
        "value_type": argument.value_type,
        "required": argument.required,
        "default": argument.default,
        "created_at": common.timestamp(argument.created_at),
        "updated_at": common.timestamp(argument.updated_at),
    }

# SPDX-License-Identifier: Apache-2.0
"""``/job-types``."""

from __future__ import annotations

from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.api.schemas import job_types as schemas
from sparkaas.api.views import job_types as views
from sparkaas.service import job_types as service


def list_(call: routing.Call) -> routing.Result:
    added = call.version >= versions.V2_1
    found = service.list_(
        call.env,
        names=call.query.get("type", ()),
        plugins=_either(call, "plugin_name", "plugin"),
        versions=_either(call, "plugin_version", "version"),
        added=added,
    )
    hints = call.flag("hints")
    return {
        "job_types": [
            views.show(one, service.hints(one.name, added=added) if hints else None)
            for one in found
        ]
    }


def _either(call: routing.Call, *spellings: str) -> tuple[str, ...]:
    """All values of a filter that has several names."""
    return tuple(value for name in spellings for value in call.query.get(name, ()))


_FILTER = {"type": "string"}

ROUTES = (
    routing.Route(
        method="GET",
        path="/job-types",
        handler=list_,
        policy="data-processing:job-type:list",
        summary="List the job types that plugins run.",
        query=dict.fromkeys(
            (
                "type",
                "plugin_name",
                "plugin",
                "plugin_version",
                "version",
                "hints",
            ),
            _FILTER,
        ),
        answer=schemas.MANY,
    ),
)

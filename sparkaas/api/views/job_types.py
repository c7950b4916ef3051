# SPDX-License-Identifier: Apache-2.0
"""Job types on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas.service import job_types


def show(
    job_type: job_types.JobType, hints: Mapping[str, Any] | None
) -> dict[str, Any]:
    """One job type; with ``hints`` each version has them."""
    known = {} if hints is None else {"job_config": hints}
    return {
        "name": job_type.name,
        "plugins": [
            {
                "name": offer.plugin.name,
                "title": offer.plugin.title,
                "description": offer.plugin.description,
                "versions": dict.fromkeys(offer.versions, known),
            }
            for offer in job_type.offers
        ],
    }

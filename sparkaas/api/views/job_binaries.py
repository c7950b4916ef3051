# SPDX-License-Identifier: Apache-2.0
"""Job binaries on the wire: never with their ``extra``."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.api.views import common


def show(binary: model.JobBinary) -> dict[str, Any]:
    """One job binary."""
    return {**common.resource(binary), "url": binary.url}

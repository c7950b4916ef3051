# SPDX-License-Identifier: Apache-2.0
"""Images on the wire."""

from __future__ import annotations

from typing import Any

from sparkaas import model


def show(image: model.Image) -> dict[str, Any]:
    """One image."""
    return {
        "id": image.id,
        "name": image.name,
        "username": image.username,
        "description": image.description,
        "tags": list(image.tags),
        "status": image.status.upper(),
        "created": image.created,
        "updated": image.updated,
        "metadata": {},
        "minDisk": image.min_disk,
        "minRam": image.min_ram,
        "progress": image.progress,
        "OS-EXT-IMG-SIZE:size": image.size,
    }

# SPDX-License-Identifier: Apache-2.0
"""The labels of plugins and their versions, as a project has set them.

What a project has not set is the plugin's own default.
"""

from __future__ import annotations

import collections
from collections.abc import Mapping

import sqlalchemy as sa

from sparkaas.db import models
from sparkaas.db import session

_ROW = models.PluginLabel

#: (version, label) -> status; the version is empty for a label of the plugin.
Labels = Mapping[tuple[str, str], bool]


def of_project(db: session.Database, project_id: str) -> Mapping[str, Labels]:
    """All that a project has set, by plugin; empty for a plugin it has not."""
    found: dict[str, dict[tuple[str, str], bool]] = collections.defaultdict(dict)
    with db.reader() as transaction:
        for row in transaction.scalars(
            sa.select(_ROW).where(_ROW.project_id == project_id)
        ):
            found[row.plugin_name][row.version, row.label] = row.status
    return found


@session.retried
def set_(
    db: session.Database, project_id: str, plugin_name: str, labels: Labels
) -> None:
    """Set some; the others stay."""
    with db.writer() as transaction:
        for (version, label), status in sorted(labels.items()):
            transaction.merge(
                _ROW(
                    project_id=project_id,
                    plugin_name=plugin_name,
                    version=version,
                    label=label,
                    status=status,
                )
            )

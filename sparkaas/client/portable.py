# SPDX-License-Identifier: Apache-2.0
"""Templates that travel: what one service exports, filled in for another.

In an exported template ``"{flavor_id}"`` stands in the field ``flavor_id`` for what
differs from site to site. Filling in means a value for each such field; those that
may be left out are.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import yaml

from sparkaas.client import errors

#: What a service says of an object and nobody can ask for; a file may have it all
#: the same when it was not made by an export.
_NOT_ASKED = (
    "id",
    "project_id",
    "tenant_id",
    "is_default",
    "created_at",
    "updated_at",
)


def read(text: str, key: str) -> dict[str, Any]:
    """The template in a JSON or YAML text, with or without its wrapper ``key``.

    Raises ``errors.UsageError``.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise errors.UsageError(
            f"The file is neither JSON nor YAML: {' '.join(str(error).split())}."
        ) from error
    if isinstance(document, Mapping) and isinstance(document.get(key), Mapping):
        document = document[key]
    if not isinstance(document, Mapping) or not isinstance(document.get("name"), str):
        raise errors.UsageError(
            f"The file holds no {key.replace('_', ' ')}.",
            hint=f"An export makes such a file: {key.replace('_', ' ')} export.",
        )
    return dict(document)


def fill(
    template: Mapping[str, Any],
    values: Mapping[str, Any],
    required: Mapping[str, str],
) -> dict[str, Any]:
    """The fields to create the template with.

    ``values`` replace what the template has; those that are None do not count.
    ``required`` are fields that must be filled in, with the option that does. Raises
    ``errors.UsageError`` when one is missing.
    """
    given = {key: value for key, value in values.items() if value is not None}
    kept = {
        key: value
        for key, value in template.items()
        if value is not None and key not in _NOT_ASKED and value != f"{{{key}}}"
    }
    # No volumes have no size; the service shows it as 0 and takes no such size.
    if not kept.get("volumes_size"):
        kept.pop("volumes_size", None)
    fields = {**kept, **given}
    _need(fields, required)
    return fields


def _need(fields: Mapping[str, Any], required: Mapping[str, str]) -> None:
    missing: Iterable[str] = [
        option for field, option in required.items() if field not in fields
    ]
    if missing:
        raise errors.UsageError(
            f"The template leaves open what only this site knows: "
            f"give {' and '.join(missing)}."
        )

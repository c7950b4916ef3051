# SPDX-License-Identifier: Apache-2.0
"""Who may change what that exists: the one place for public and protected objects.

Reading needs no rule here: the data layer shows a project its own objects and
everyone's public ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model


def check_update(
    context: contexts.RequestContext,
    record: model.Resource,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Raise ``exceptions.UpdateFailed`` unless the caller may make ``changes``.

    ``changes`` are new values of the record's fields; None stands for a change
    that is not one of fields. A protected object changes only together with
    the end of its protection, or in ``is_public`` alone.
    """
    if record.project_id != context.project_id:
        raise exceptions.UpdateFailed(
            f"{record.id} belongs to another project and cannot be changed."
        )
    if not record.is_protected:
        return
    changes = changes or {}
    if changes.get("is_protected") is False:
        return
    if "is_public" in changes and all(
        getattr(record, key) == value
        for key, value in changes.items()
        if key != "is_public"
    ):
        return
    raise exceptions.UpdateFailed(
        f"{record.id} is protected and cannot be changed.",
        hint="Set is_protected to false in the same request or before.",
    )


def check_delete(context: contexts.RequestContext, record: model.Resource) -> None:
    """Raise ``exceptions.DeletionFailed`` unless the caller may delete it."""
    if record.project_id != context.project_id:
        raise exceptions.DeletionFailed(
            f"{record.id} belongs to another project and cannot be deleted."
        )
    if record.is_protected:
        raise exceptions.DeletionFailed(
            f"{record.id} is protected and cannot be deleted.",
            hint="Set is_protected to false first.",
        )

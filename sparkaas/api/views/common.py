# SPDX-License-Identifier: Apache-2.0
"""What the views share."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from sparkaas import model
from sparkaas.service import transitions


def timestamp(when: datetime.datetime | None) -> str | None:
    """UTC without zone and fraction: clients parse exactly that."""
    if when is None:
        return None
    return when.astimezone(datetime.UTC).isoformat(timespec="seconds")[:19]


def fields(record: object, names: Iterable[str]) -> dict[str, Any]:
    """Those fields as they are; a tuple becomes a list."""
    shown = {}
    for name in names:
        value = getattr(record, name)
        shown[name] = list(value) if isinstance(value, tuple) else value
    return shown


def resource(record: model.Resource) -> dict[str, Any]:
    """What every stored resource has."""
    return {
        "id": record.id,
        "project_id": record.project_id,
        "name": record.name,
        "description": record.description,
        "is_public": record.is_public,
        "is_protected": record.is_protected,
        "created_at": timestamp(record.created_at),
        "updated_at": timestamp(record.updated_at),
    }


def work(record: model.Work) -> dict[str, Any]:
    """From 2.1 on: what a record's conductor is doing, and why."""
    reason = transitions.current_reason(record)
    return {
        "reason": None
        if reason is None
        else {"code": reason.code, "sentence": reason.sentence, "hint": reason.hint},
        "step": record.step,
        "step_started_at": timestamp(record.step_started_at),
        "waiting_for": record.waiting_for,
        "next_run_at": timestamp(record.next_run_at),
    }

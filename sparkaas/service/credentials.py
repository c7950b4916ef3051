# SPDX-License-Identifier: Apache-2.0
"""Keeps secret values beside a record: in the secret store, by reference."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas.service import env as environment

#: Credentials that are true or false; the secret store knows only text.
_BOOLEANS = frozenset({"ssl", "bucket_in_path"})


@contextlib.contextmanager
def kept(
    env: environment.Env, project_id: str, values: Mapping[str, Any] | None
) -> Iterator[str | None]:
    """Keep ``values`` and give their reference (None when there are none).

    The block stores the record that holds the reference. If it fails, the
    values are forgotten.
    """
    if not values:
        yield None
        return
    reference = env.secrets.put(project_id, {k: _text(v) for k, v in values.items()})
    try:
        yield reference
    except BaseException:
        env.secrets.delete(reference)
        raise


def current(env: environment.Env, reference: str | None) -> dict[str, Any]:
    """The values behind ``reference``, booleans as booleans; ``{}`` for None."""
    if reference is None:
        return {}
    values: dict[str, Any] = dict(env.secrets.get(reference))
    for name in _BOOLEANS & set(values):
        values[name] = values[name] == "true"
    return values


def forget(env: environment.Env, reference: str | None) -> None:
    """Forget the values; None is fine."""
    if reference is not None:
        env.secrets.delete(reference)


def change(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """What an update that has secret values under ``key`` changes of the record, for
    the rules of protected objects: a reference, to something new."""
    return {"secret_ref": object()} if key in body else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

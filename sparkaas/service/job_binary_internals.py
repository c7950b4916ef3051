# SPDX-License-Identifier: Apache-2.0
"""The bytes that the service keeps itself, as things with names of their own.

Only API v1.1 shows them; a job binary leads to them by ``internal-db://{id}``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import job_binary_internals as db
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import env as environment
from sparkaas.service import job_binary_data

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")


def create(
    env: environment.Env,
    context: contexts.RequestContext,
    name: str,
    chunks: Iterable[bytes],
) -> model.JobBinaryInternal:
    """Keep ``chunks`` under a new name, all or nothing.

    Raises ``exceptions.BadJobBinary`` for a bad name or no bytes,
    ``exceptions.DuplicateEntry`` for a name that is taken and
    ``exceptions.DataTooBig`` past the limit.
    """
    if not _NAME.fullmatch(name):
        raise exceptions.BadJobBinary(
            "A name has up to 50 letters, digits, -, _ and ., the first a letter or "
            "digit."
        )
    id = str(uuid.uuid4())
    # The bytes come first: nobody sees a name that leads to half of them, and a caller
    # has sent them all by the time a refusal comes back.
    size, sha256 = job_binary_data.keep(env, id, chunks)
    record = model.JobBinaryInternal(
        id=id,
        project_id=context.project_id,
        name=name,
        datasize=size,
        sha256=sha256,
        created_at=env.clock.now(),
    )
    try:
        return db.create(env.db, record)
    except BaseException:
        env.store.delete(job_binary_data.key(id))
        raise


def list_(
    env: environment.Env, context: contexts.RequestContext, query: model.Query
) -> model.Page[model.JobBinaryInternal]:
    """The project's and public ones."""
    return db.page(env.db, context.project_id, query)


def get(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.JobBinaryInternal:
    """Raises ``exceptions.NotFound``."""
    return db.get(env.db, id, context.project_id)


def data(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> tuple[int, Iterator[bytes]]:
    """The size in bytes and the bytes in chunks."""
    return job_binary_data.content(env, get(env, context, id))


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.JobBinaryInternal:
    """Change the name, and who may see or change it."""
    record = get(env, context, id)
    changes = bodies.values(model.JobBinaryInternal, body)
    access.check_update(context, record, changes)
    if not changes:
        return record
    return db.update(env.db, id, updated_at=env.clock.now(), **changes)


def delete(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Forget the bytes; a job binary that leads to them leads nowhere then, for old
    clients delete that one next."""
    access.check_delete(context, get(env, context, id))
    db.delete(env.db, id)
    env.store.delete(job_binary_data.key(id))

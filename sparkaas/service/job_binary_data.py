# SPDX-License-Identifier: Apache-2.0
"""The bytes of the job binaries that the service keeps itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from collections.abc import Iterator

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import job_binaries as db_job_binaries
from sparkaas.db import job_binary_internals as db_internals
from sparkaas.db import jobs as db_jobs
from sparkaas.service import access
from sparkaas.service import env as environment
from sparkaas.service import locations


def key(internal_id: str) -> str:
    """Where the store keeps the bytes."""
    return f"binaries/{internal_id}"


def upload(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    chunks: Iterable[bytes],
) -> model.JobBinary:
    """Make ``chunks`` the binary's content, all or nothing.

    Raises ``exceptions.DataTooBig`` past the limit.
    """
    binary = db_job_binaries.get(env.db, id, context.project_id)
    access.check_update(context, binary, {})
    internal = _internal_id(binary)
    # A binary may point to bytes that another project published.
    access.check_update(context, db_internals.get(env.db, internal))
    if db_jobs.pending_with_binary(env.db, id):
        raise exceptions.UpdateFailed(
            f"Job binary '{id}' is used by a job that has not started.",
            hint="Wait for the job to start, cancel it, or upload under a new name.",
        )
    size, sha256 = keep(env, internal, chunks)
    now = env.clock.now()
    try:
        db_internals.update(
            env.db, internal, datasize=size, sha256=sha256, updated_at=now
        )
    except exceptions.NotFound:
        # The binary was deleted while its bytes came.
        env.store.delete(key(internal))
        raise
    return db_job_binaries.update(env.db, id, updated_at=now)


def keep(
    env: environment.Env, internal_id: str, chunks: Iterable[bytes]
) -> tuple[int, str]:
    """Write the bytes, all or nothing; their size and SHA-256. Raises
    ``exceptions.DataTooBig``, or ``exceptions.BadJobBinary`` when there are none."""
    return env.store.create(
        key(internal_id), _not_empty(chunks), env.conf.edp.max_binary_bytes
    )


def _not_empty(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """``chunks``, refusing to begin when there is not one byte, so that the store
    touches nothing."""
    rest = (chunk for chunk in chunks if chunk)
    first = next(rest, None)
    if first is None:
        raise exceptions.BadJobBinary("The data is empty.")
    return itertools.chain((first,), rest)


def download(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> tuple[int, Iterator[bytes]]:
    """The content's size in bytes and the content in chunks."""
    binary = db_job_binaries.get(env.db, id, context.project_id)
    internal = _internal_id(binary)
    return content(env, db_internals.get(env.db, internal))


def content(
    env: environment.Env, record: model.JobBinaryInternal
) -> tuple[int, Iterator[bytes]]:
    """The size in bytes and the bytes in chunks. Raises ``exceptions.NotFound`` when
    nothing was uploaded yet."""
    if record.sha256 is None:
        raise exceptions.NotFound(
            f"There is no data of {record.id} yet.",
            hint="Upload it with PUT /v2/job-binaries/{id}/data.",
        )
    return record.datasize, env.store.open(key(record.id))


def check_present(env: environment.Env, binary: model.JobBinary) -> None:
    """Raise ``exceptions.BadJobBinary`` when a job would not find the bytes."""
    internal = locations.internal_id(binary.url)
    if internal is None:
        return
    try:
        record = db_internals.get(env.db, internal)
    except exceptions.NotFound:
        record = None
    if record is None or record.sha256 is None:
        raise exceptions.BadJobBinary(
            f"Job binary '{binary.name}' ({binary.id}) has no data.",
            hint="Upload it with PUT /v2/job-binaries/{id}/data.",
        )


def drop(env: environment.Env, binary: model.JobBinary) -> None:
    """Forget the bytes of a binary that is gone, unless they are another project's,
    protected, have a name that a user gave them, or another binary points to them."""
    internal = locations.internal_id(binary.url)
    if internal is None:
        return
    try:
        record = db_internals.get(env.db, internal)
    except exceptions.NotFound:
        return  # deleted on its own before, as old clients do
    if record.project_id != binary.project_id or record.is_protected:
        return
    if record.name != record.id:
        return  # uploaded on its own, and deleted on its own
    query = model.Query(filters={"url": binary.url}, limit=1)
    if db_job_binaries.page(env.db, None, query).items:
        return
    db_internals.delete(env.db, internal)
    env.store.delete(key(internal))


def _internal_id(binary: model.JobBinary) -> str:
    internal = locations.internal_id(binary.url)
    if internal is None:
        raise exceptions.BadJobBinary(
            f"The data of job binary '{binary.id}' is not kept by the service.",
            hint="Its URL says where it is.",
        )
    return internal

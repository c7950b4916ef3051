# SPDX-License-Identifier: Apache-2.0
"""Copies a job's output from its node to the store, as it comes."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas.service import env as service_env
from sparkaas.service import job_site

STREAMS = ("stdout", "stderr")

_CHUNK = 1024 * 1024
#: Of each stream in one pass, so that passes stay short and others get their turn.
_CHUNKS = 4


def key(job_id: str, stream: str) -> str:
    """Where the store has a stream's bytes."""
    return f"jobs/{job_id}/{stream}"


def copy(env: service_env.Env, job_id: str, site: job_site.Site) -> bool:
    """Copy what is new; False when there may be more at once.

    The size of what is stored is the offset to go on from, and writing the same
    bytes there again changes nothing: so a copy can be cut off anywhere.
    """
    done = [_copy(env, job_id, site, stream) for stream in STREAMS]
    return all(done)


def _copy(env: service_env.Env, job_id: str, site: job_site.Site, stream: str) -> bool:
    most = env.conf.edp.max_log_bytes
    target = key(job_id, stream)
    whole = copy_file(env, site, stream, target, most)
    if env.store.size(target) < most:
        return whole
    _end(env, site, stream, target, most)
    return True


def copy_file(
    env: service_env.Env, site: job_site.Site, name: str, target: str, most: int
) -> bool:
    """Copy what is new of a file in the job's directory, up to ``most`` bytes in all;
    False when there may be more at once."""
    size = env.store.size(target)
    for _ in range(_CHUNKS):
        limit = min(_CHUNK, most - size)
        if limit <= 0:
            return True
        data = _read(site, name, size, limit)
        if data:
            size = env.store.append(target, size, data)
        if len(data) < limit:
            return True
    return False


def _end(
    env: service_env.Env, site: job_site.Site, stream: str, target: str, most: int
) -> None:
    """Say that the rest is dropped, if there is a rest."""
    notice = f"\n[sparkaas: {stream} was cut here, after {most} bytes]\n".encode()
    size = env.store.size(target)
    if size < most + len(notice) and (size > most or _read(site, stream, most, 1)):
        env.store.append(target, most, notice)


def _read(site: job_site.Site, stream: str, offset: int, limit: int) -> bytes:
    path = f"{site.directory}/{stream}"
    try:
        return site.remote.read_file(
            path, offset=offset, limit=limit, deadline=job_site.DEADLINE
        )
    except exceptions.NotFound:
        return b""

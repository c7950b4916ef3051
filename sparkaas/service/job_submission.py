# SPDX-License-Identifier: Apache-2.0
"""What a job's engine is given, from what the user asked.

Nothing of it is stored: the same records give the same submission, before a crash
and after.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.db import job_binaries as job_binaries_db
from sparkaas.db import job_templates
from sparkaas.edp import arguments
from sparkaas.edp import base
from sparkaas.edp import job_binaries
from sparkaas.edp import signing
from sparkaas.service import env as service_env
from sparkaas.service import job_keys
from sparkaas.service import job_objects
from sparkaas.service import job_sources


@dataclasses.dataclass(frozen=True)
class Transfer:
    """A file, and the path on the node where it must lie: an object of the service's
    store, or of another from where the node itself takes it, by a ``url`` that opens
    it for a while."""

    path: str
    name: str
    key: str = ""
    url: str = dataclasses.field(default="", repr=False)
    #: Its address, for people.
    shown: str = ""


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A submission, what must be on the node before it, and the record's
    ``data_source_urls``."""

    submission: base.Submission
    transfers: tuple[Transfer, ...]
    urls: Mapping[str, str]


def prepare(env: service_env.Env, job: model.Job, directory: str) -> Prepared:
    """Resolve everything that the job names. Raises ``Permanent``, ``NotFound`` or an
    ``InvalidRequest`` for what does not exist or fit any more."""
    template = job_templates.get(env.db, job.job_template_id)
    mains = [job_binaries_db.get(env.db, id) for id in template.mains]
    libs = [job_binaries_db.get(env.db, id) for id in template.libs]
    paths = job_binaries.paths(directory, [*mains, *libs])
    sources = job_sources.needed(env, job, template)
    resolved = arguments.resolve(job, template, sources, arguments.letters(job.id))
    kept = env.secrets.get(job.secret_ref) if job.secret_ref is not None else {}
    others, keys = job_keys.split(kept)
    reach = job_objects.settings(env, template.type, sources, resolved, others, keys)
    submission = base.Submission(
        directory=directory,
        mains=tuple(paths[binary.id] for binary in mains),
        libs=tuple(paths[binary.id] for binary in libs),
        args=reach.args,
        configs=resolved.configs,
        params=resolved.params,
        secrets=reach.secrets,
        objects=reach.wanted,
        input=resolved.input,
        output=resolved.output,
    )
    transfers = _transfers(env, (*mains, *libs), paths, keys)
    return Prepared(submission, transfers, resolved.urls)


def _transfers(
    env: service_env.Env,
    binaries: Iterable[model.JobBinary],
    paths: Mapping[str, str],
    keys: Mapping[str, interfaces.ObjectKeys],
) -> tuple[Transfer, ...]:
    found = {}
    for binary in binaries:
        if "/" in binary.name or binary.name in ("", ".", ".."):
            raise exceptions.Permanent(
                f"{binary.name!r} cannot be the name of a file.",
                code="BAD_JOB_BINARY",
                hint="Rename the job binary.",
            )
        opening = job_objects.keys_of(env, binary, keys)
        path = paths[binary.id]
        if opening is None:
            key = job_binaries.store_key(binary)
            found[binary.id] = Transfer(path, binary.name, key=key)
            continue
        seconds = math.ceil(env.conf.edp.stage_deadline)
        bucket, name = job_binaries.location(binary)
        url = signing.url(opening, bucket, name, env.clock.now(), seconds)
        found[binary.id] = Transfer(path, binary.name, url=url, shown=binary.url)
    return tuple(found.values())

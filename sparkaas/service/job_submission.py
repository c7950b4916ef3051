# SPDX-License-Identifier: Apache-2.0
"""What a job's engine is given, from what the user asked.

Nothing of it is stored: the same records give the same submission, before a crash
and after.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import job_binaries as job_binaries_db
from sparkaas.db import job_templates
from sparkaas.edp import arguments
from sparkaas.edp import base
from sparkaas.edp import job_binaries
from sparkaas.service import env as service_env
from sparkaas.service import job_sources

#: Data source type -> its credentials' names -> the settings that carry them.
_CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "swift": {
        "user": "fs.swift.service.sahara.username",
        "password": "fs.swift.service.sahara.password",
    },
    "s3": {
        "accesskey": "fs.s3a.access.key",
        "secretkey": "fs.s3a.secret.key",
        "endpoint": "fs.s3a.endpoint",
        "ssl": "fs.s3a.connection.ssl.enabled",
        "bucket_in_path": "fs.s3a.path.style.access",
    },
}


@dataclasses.dataclass(frozen=True)
class Transfer:
    """An object of the store, and the path on the node where it must lie."""

    key: str
    path: str
    name: str


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
    submission = base.Submission(
        directory=directory,
        mains=tuple(paths[binary.id] for binary in mains),
        libs=tuple(paths[binary.id] for binary in libs),
        args=resolved.args,
        configs=resolved.configs,
        params=resolved.params,
        secrets=_secrets(env, job, sources, resolved.configs),
        input=resolved.input,
        output=resolved.output,
    )
    return Prepared(submission, _transfers((*mains, *libs), paths), resolved.urls)


def _transfers(
    binaries: Iterable[model.JobBinary], paths: Mapping[str, str]
) -> tuple[Transfer, ...]:
    found = {}
    for binary in binaries:
        if "/" in binary.name or binary.name in ("", ".", ".."):
            raise exceptions.Permanent(
                f"{binary.name!r} cannot be the name of a file.",
                code="BAD_JOB_BINARY",
                hint="Rename the job binary.",
            )
        key = job_binaries.store_key(binary)
        found[binary.id] = Transfer(key, paths[binary.id], binary.name)
    return tuple(found.values())


def _secrets(
    env: service_env.Env,
    job: model.Job,
    sources: Iterable[model.DataSource],
    configs: Mapping[str, str],
) -> dict[str, str]:
    """The job's own secret settings, and the credentials of its data sources where
    the job does not say otherwise."""
    result: dict[str, str] = {}
    for source in sources:
        if source.secret_ref is None:
            continue
        names = _CREDENTIALS.get(source.type, {})
        for name, value in env.secrets.get(source.secret_ref).items():
            if name in names and not configs.get(names[name]):
                result.setdefault(names[name], value)
    if job.secret_ref is not None:
        result |= env.secrets.get(job.secret_ref)
    return result

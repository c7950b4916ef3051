# SPDX-License-Identifier: Apache-2.0
"""Keys that a job is lent to its owner's object store: made when it is launched, kept
among its secrets, taken back at its end.

Each has a name: ``""`` are the owner's own, others those of a data source or job binary
(by its id) that has credentials.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import arguments
from sparkaas.edp import objects
from sparkaas.service import env as environment

#: What begins the name under which a secret of a job's holds keys.
PREFIX = "lent:"


@dataclasses.dataclass(frozen=True)
class _Login:
    """A user of the object store; without a name the one who launches the job."""

    project_id: str
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)


def check(job_configs: Mapping[str, Any]) -> None:
    """Raise ``exceptions.InvalidRequest`` for a setting that would pass for keys: the
    service would take somebody else's back."""
    for name in job_configs.get("configs") or {}:
        if name.startswith(PREFIX):
            raise exceptions.InvalidRequest(f"No setting begins with {PREFIX}")


@contextlib.contextmanager
def lent(
    env: environment.Env,
    job: model.Job,
    template: model.JobTemplate,
    sources: Iterable[model.DataSource],
    binaries: Iterable[model.JobBinary],
) -> Iterator[dict[str, str]]:
    """Secrets for the job's record: the keys that it needs. ``job`` still has its
    secret settings. If the block fails, they are taken back."""
    store = env.objects
    if store is None:
        yield {}
        return
    made: dict[str, interfaces.ObjectKeys] = {}
    try:
        logins = _logins(env, job, template, sources, binaries)
        for number, (name, login) in enumerate(logins.items()):
            made[name] = (
                store.lend_of(
                    job.id, number, login.user, login.password, login.project_id
                )
                if login.user
                else store.lend(job.id, number)
            )
        yield {
            PREFIX + name: json.dumps(dataclasses.asdict(keys))
            for name, keys in made.items()
        }
    except BaseException:
        for keys in made.values():
            store.take_back(keys.access)
        raise


def split(
    secrets: Mapping[str, str],
) -> tuple[dict[str, str], dict[str, interfaces.ObjectKeys]]:
    """(a job's other secrets, its keys by name)."""
    others = {k: v for k, v in secrets.items() if not k.startswith(PREFIX)}
    keys = {
        name.removeprefix(PREFIX): interfaces.ObjectKeys(**json.loads(value))
        for name, value in secrets.items()
        if name.startswith(PREFIX)
    }
    return others, keys


def take_back(env: environment.Env, job: model.Job) -> None:
    """Make a job's keys good for nothing. Raises ``exceptions.Transient``."""
    if job.secret_ref is None or env.objects is None:
        return
    try:
        secrets = env.secrets.get(job.secret_ref)
    except exceptions.NotFound:
        return
    for keys in split(secrets)[1].values():
        env.objects.take_back(keys.access)


def _logins(
    env: environment.Env,
    job: model.Job,
    template: model.JobTemplate,
    sources: Iterable[model.DataSource],
    binaries: Iterable[model.JobBinary],
) -> dict[str, _Login]:
    configs = {k: str(v) for k, v in (job.job_configs.get("configs") or {}).items()}
    owner = _Login(
        job.project_id,
        configs.get(objects.USER, ""),
        configs.get(objects.PASSWORD, ""),
    )
    found: dict[str, _Login] = {}
    things: list[model.DataSource | model.JobBinary] = [*binaries]
    if template.type != "Shell":
        things += sources
        texts = arguments.texts(job)
        if any(map(objects.in_swift, texts)) or arguments.is_true(
            configs.get(objects.ADAPT)
        ):
            found[objects.OWNER] = owner
    for thing in things:
        if not objects.in_swift(thing.url):
            continue
        given = env.secrets.get(thing.secret_ref) if thing.secret_ref else {}
        if given.get("user"):
            found[thing.id] = _Login(
                thing.project_id, given["user"], given.get("password", "")
            )
        else:
            found[objects.OWNER] = owner
    return found

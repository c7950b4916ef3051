# SPDX-License-Identifier: Apache-2.0
"""What a job is told of object stores: addresses, and the keys that open them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import arguments
from sparkaas.edp import job_binaries
from sparkaas.edp import objects
from sparkaas.service import env as service_env

_USERS: Mapping[str, str] = {"user": objects.USER, "password": objects.PASSWORD}


@dataclasses.dataclass(frozen=True)
class Reach:
    """A job's arguments and secrets, and whether it ``wanted`` an object store."""

    args: tuple[str, ...]
    secrets: Mapping[str, str]
    wanted: bool


def settings(
    env: service_env.Env,
    type: str,
    sources: Sequence[model.DataSource],
    resolved: arguments.Resolved,
    secrets: Mapping[str, str],
    keys: Mapping[str, interfaces.ObjectKeys],
) -> Reach:
    """Of a job's resolved settings, its other ``secrets`` and the ``keys`` that it was
    lent. What the job itself sets, stands."""
    values = (*resolved.args, *resolved.configs.values(), *resolved.params.values())
    urls = (source.url for source in sources)
    if type == "Shell" or not objects.wanted(resolved.configs, (*values, *urls)):
        return Reach(resolved.args, secrets, False)
    found: dict[str, str] = {}
    # Of one bucket it would win over what the job says of all.
    region = not objects.names_region(resolved.configs)
    for source in sources:
        given = env.secrets.get(source.secret_ref) if source.secret_ref else {}
        bucket = objects.container(source.url)
        if source.type == "s3" and given:
            found |= objects.of_source(given, bucket, with_region=region)
            # ... and for what the job opens beside it, as the first one says.
            found = {**objects.of_source(given, with_region=region), **found}
        elif source.type == "swift" and source.id in keys:
            found |= objects.settings(keys[source.id], bucket)
        elif source.type == "swift" and not keys:
            found = {**{_USERS[k]: given[k] for k in _USERS if k in given}, **found}
    if keys:
        # They were needed to make the keys, and nobody needs them more.
        secrets = {k: v for k, v in secrets.items() if k not in _USERS.values()}
    own = {name for name, value in resolved.configs.items() if value} | set(secrets)
    texts = (*values, *resolved.urls.values())
    found |= _of_owner(texts, {*found, *own}, keys.get(objects.OWNER))
    found = {name: value for name, value in found.items() if name not in own}
    foreign = {"fs.swift.impl", "spark.hadoop.fs.swift.impl"} & own
    args = resolved.args if foreign or not keys else map(objects.address, resolved.args)
    return Reach(tuple(args), {**found, **secrets}, True)


def _of_owner(
    texts: Sequence[str],
    known: Collection[str],
    keys: interfaces.ObjectKeys | None,
) -> dict[str, str]:
    """For every container in ``texts`` without keys of its own; and for what else the
    job may open, unless that is another store's. ``known`` is what is set already."""
    if keys is None:
        return {}
    result: dict[str, str] = {}
    for bucket in {objects.container(text) for text in texts if objects.in_swift(text)}:
        if f"fs.s3a.bucket.{bucket}.access.key" not in known:
            result |= objects.settings(keys, bucket)
    if "fs.s3a.access.key" not in known:
        result |= objects.settings(keys)
    return result


def keys_of(
    env: service_env.Env,
    binary: model.JobBinary,
    keys: Mapping[str, interfaces.ObjectKeys],
) -> interfaces.ObjectKeys | None:
    """What opens a job binary outside; None for another, or where nothing does."""
    if not job_binaries.is_outside(binary):
        return None
    if objects.in_swift(binary.url):
        return keys.get(binary.id) or keys.get(objects.OWNER)
    if binary.secret_ref is None:
        return None
    given = env.secrets.get(binary.secret_ref)
    return interfaces.ObjectKeys(
        access=given["accesskey"],
        secret=given["secretkey"],
        endpoint=given["endpoint"].rstrip("/"),
        region=objects.region(given["endpoint"]),
    )

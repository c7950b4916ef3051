# SPDX-License-Identifier: Apache-2.0
"""Puts the parts together: the only module that knows which classes are used."""

from __future__ import annotations

import datetime
import functools
import uuid
from collections.abc import Callable
from typing import Any

from oslo_config import cfg
from stevedore import driver
from stevedore import exception as stevedore_exception

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import rpc
from sparkaas.api import app
from sparkaas.api import auth
from sparkaas.cmd import state
from sparkaas.conf import service
from sparkaas.db import secrets
from sparkaas.db import session
from sparkaas.plugins import registry
from sparkaas.safes import encrypted
from sparkaas.safes import key_manager
from sparkaas.service import env as env_
from sparkaas.service import lending
from sparkaas.store import files

Secrets = secrets.StoredSecrets

_MARK = "installation"


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime.datetime:
        """The current time, timezone-aware UTC."""
        return datetime.datetime.now(datetime.UTC)


def _driver(conf: cfg.ConfigOpts, kind: str) -> Callable[..., Any]:
    """The entry point ``sparkaas.KIND`` of the configured cloud."""
    name = conf.service.infrastructure
    try:
        found: driver.DriverManager[Any] = driver.DriverManager(
            f"sparkaas.{kind}", name
        )
    except stevedore_exception.NoMatches as error:
        raise exceptions.Permanent(
            f"There is no infrastructure driver {name}.",
            hint="Check [service] infrastructure; an entry point of that name must "
            f"stand in the group sparkaas.{kind}.",
        ) from error
    made: Callable[..., Any] = found.driver
    return made


def transport(conf: cfg.ConfigOpts, default_url: str = "") -> Any:
    """oslo.messaging's transport: of ``transport_url``, else ``default_url``."""
    return rpc.connect(conf, default_url)


def build_secrets(
    conf: cfg.ConfigOpts, database: session.Database, *, make_key: bool = True
) -> secrets.StoredSecrets:
    """Secrets as the group [secrets] says."""
    group = conf.secrets
    in_barbican = group.backend == "barbican"
    keys = state.encryption_keys(
        service.state_path(conf),
        group["keys"],
        group.key_file,
        make_one=make_key and not in_barbican,
    )
    safes: list[interfaces.Safe] = [key_manager.KeyManagerSafe(conf)]
    if keys:
        safes.insert(1 if in_barbican else 0, encrypted.EncryptedSafe(keys))
    return secrets.StoredSecrets(database, safes)


def installation(kept: interfaces.Secrets) -> Callable[[], str]:
    """Tells what marks this installation's objects in a cloud where there may be
    others: chosen at first use, and kept in the database as long as that lives."""

    @functools.cache
    def mark() -> str:
        value = {_MARK: uuid.uuid4().hex}
        return str(kept.get(kept.put("", value, name=_MARK))[_MARK])

    return mark


def build_env(
    conf: cfg.ConfigOpts, messages: Any, *, announces: bool = False
) -> env_.Env:
    """The service's world as the options describe it. Opens nothing that lasts
    but the database's pool. ``announces``: there is a notifier."""
    path = service.state_path(conf)
    database = session.connect(conf)
    kept = build_secrets(conf, database)
    reach = _driver(conf, "reach")(conf, kept)
    return env_.Env(
        conf=conf,
        db=database,
        clock=SystemClock(),
        bell=rpc.MessageBell(messages),
        secrets=kept,
        store=files.FileStore(path / "store"),
        catalog=_driver(conf, "catalog")(conf),
        infrastructure=lending.Lending(
            _driver(conf, "infrastructure")(conf, reach, installation(kept)), kept
        ),
        reach=reach,
        plugins=registry.load(conf),
        announces=announces,
        objects=_objects(conf, installation(kept)),
    )


def _objects(
    conf: cfg.ConfigOpts, mark: Callable[[], str]
) -> interfaces.Objects | None:
    """The object store of the cloud whose user the service has; with whatever
    infrastructure."""
    if not conf.openstack.auth_type:
        return None
    # Its clients take a second to import.
    from sparkaas.infra.openstack import objects

    return objects.from_conf(conf, mark)


def build_application(env: env_.Env, token: str) -> Callable[..., Any]:
    """The WSGI application; ``token`` counts when auth is token."""
    return app.create_app(env, auth.from_conf(env.conf, token))

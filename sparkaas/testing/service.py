# SPDX-License-Identifier: Apache-2.0
"""The service's world, made of fakes and a fresh SQLite database.

For tests that need an ``Env``::

    with service.World() as world:
        ...  # world.env, and each fake under its own name
"""

from __future__ import annotations

import dataclasses
import pathlib
import tempfile
from collections.abc import Mapping
from typing import Any

from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas.edp import base as edp
from sparkaas.plugins import base as plugins
from sparkaas.service import env as service_env
from sparkaas.testing import catalog as fake_catalog
from sparkaas.testing import crash
from sparkaas.testing import database
from sparkaas.testing import engine as fake_engine
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fake_infrastructure
from sparkaas.testing import keeping
from sparkaas.testing import plugin as fake_plugin
from sparkaas.testing import remote as fake_remote


def configuration(**overrides: Any) -> cfg.ConfigOpts:
    """The service's options at their defaults; overrides are ``group__name=value``."""
    conf = cfg.ConfigOpts()
    service_conf.register_opts(conf)
    conf([], project="sparkaas", default_config_files=[], default_config_dirs=[])
    for name, value in overrides.items():
        group, _, option = name.partition("__")
        conf.set_override(option, value, group=group)
    return conf


class World:
    """Everything outside as fakes, and ``env`` made of it.

    Any fake can be given instead; ``options`` are as for ``configuration``. With a
    ``point`` (see ``crash``) every effect and every commit is one.
    """

    def __init__(
        self,
        *,
        directory: pathlib.Path | None = None,
        point: crash.Point | None = None,
        clock: ground.FakeClock | None = None,
        infrastructure: fake_infrastructure.FakeInfrastructure | None = None,
        engine: edp.JobEngine | None = None,
        further_plugins: Mapping[str, plugins.Plugin] | None = None,
        **options: Any,
    ) -> None:
        self._own: tempfile.TemporaryDirectory[str] | None = None
        if directory is None:
            self._own = tempfile.TemporaryDirectory(prefix="sparkaas-")
            directory = pathlib.Path(self._own.name)
        at = point or crash.no_crash
        self.directory = directory
        self.clock = clock or ground.FakeClock()
        self.bell = ground.FakeBell(at)
        self.secrets = keeping.FakeSecrets(at)
        self.store = keeping.FakeStore(at)
        self.catalog = fake_catalog.FakeCatalog()
        self.infrastructure = infrastructure or fake_infrastructure.FakeInfrastructure(
            self.clock, point=at
        )
        self.reach = fake_remote.FakeReach(self.infrastructure)
        self.engine = engine or fake_engine.FakeEngine()
        self.plugin = fake_plugin.FakePlugin(self.engine, at)
        self.env = service_env.Env(
            conf=configuration(**options),
            db=database.fresh(directory, point),
            clock=self.clock,
            bell=self.bell,
            secrets=self.secrets,
            store=self.store,
            catalog=self.catalog,
            infrastructure=self.infrastructure,
            reach=self.reach,
            plugins={"fake": self.plugin, **(further_plugins or {})},
        )

    def change(self, **parts: Any) -> service_env.Env:
        """Put other parts into ``env`` and return it."""
        self.env = dataclasses.replace(self.env, **parts)
        return self.env

    def close(self) -> None:
        """Close the database and remove what was made."""
        self.env.db.dispose()
        if self._own is not None:
            self._own.cleanup()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

# SPDX-License-Identifier: Apache-2.0
"""Tells the API's stories: each YAML file in ``gabbits`` against a world of its own."""

import os
import pathlib
import sys
import uuid
import warnings

from gabbi import driver
from gabbi import exception
from gabbi import fixture
from gabbi.driver import test_pytest  # noqa: F401

from sparkaas import model
from sparkaas.api import app as api_app
from sparkaas.db import clusters
from sparkaas.testing import service

PROJECT = "aaaaaaaabbbbccccddddeeeeeeeeeeee"
OTHER_PROJECT = "ffffffffbbbbccccddddeeeeeeeeeeee"


class _Now:
    """An ``Env`` that is that of the story being told."""

    world = None

    def __getattr__(self, name):
        return getattr(self.world.env, name)


_now = _Now()
_apps = []


def _answer(environ, start_response):
    """The API, made at the first request: the stories bring their own worlds."""
    if not _apps:
        _apps.append(api_app.create_app(_now, lambda inner: inner, check_answers=True))
    return _apps[0](environ, start_response)


class WorldFixture(fixture.GabbiFixture):
    """A fresh world of fakes; ``$PROJECT`` and ``$OTHER_PROJECT`` are projects."""

    def start_fixture(self):
        self.world = service.World()
        _now.world = self.world
        os.environ["PROJECT"] = PROJECT
        os.environ["OTHER_PROJECT"] = OTHER_PROJECT

    def stop_fixture(self):
        self.world.close()


class ClusterFixture(WorldFixture):
    """... with a cluster that nobody has made yet: ``$CLUSTER``."""

    def start_fixture(self):
        super().start_fixture()
        record = model.Cluster(
            id=str(uuid.uuid4()),
            project_id=PROJECT,
            name="c1",
            plugin_name="fake",
            plugin_version="0.1",
        )
        os.environ["CLUSTER"] = clusters.create(self.world.env.db, record).id


def pytest_generate_tests(metafunc):
    with warnings.catch_warnings():
        # About "_" in file names, which only other runners mind.
        warnings.simplefilter("ignore", exception.GabbiSyntaxWarning)
        _generate(metafunc)


def _generate(metafunc):
    driver.py_test_generator(
        str(pathlib.Path(__file__).parent / "gabbits"),
        intercept=lambda: _answer,
        fixture_module=sys.modules[__name__],
        test_loader_name=__name__,
        metafunc=metafunc,
    )

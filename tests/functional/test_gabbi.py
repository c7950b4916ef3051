# SPDX-License-Identifier: Apache-2.0
"""Tells the API's stories: each YAML file in ``gabbits`` against a world of its own."""

import os
import pathlib
import sys
import unittest
import uuid

import pytest
from gabbi import fixture
from gabbi import handlers as gabbi_handlers
from gabbi import suitemaker
from gabbi import utils

from sparkaas import model
from sparkaas.api import app as api_app
from sparkaas.db import clusters
from sparkaas.testing import service

STORIES = sorted((pathlib.Path(__file__).parent / "gabbits").glob("*.yaml"))

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


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path):
    # gabbi's own pytest plugin takes other tests with ":" in their ids for its own.
    told = suitemaker.test_suite_from_dict(
        unittest.TestLoader(),
        path.stem,
        utils.load_yaml(yaml_file=str(path)),
        str(path.parent),
        str(uuid.uuid4()),
        None,
        sys.modules[__name__],
        lambda: _answer,
        handlers=[handler() for handler in gabbi_handlers.RESPONSE_HANDLERS],
    )
    result = unittest.TestResult()
    told.run(result)
    bad = [f"{test}:\n{trace}" for test, trace in (*result.failures, *result.errors)]
    assert not bad, "\n\n".join(bad)
    assert result.testsRun >= 1
    assert not result.skipped
